import { GatewayError } from "./problems.ts";

export function backpressure(inbox: string): GatewayError {
  return new GatewayError("backpressure", {
    detail: `the inbox ${inbox} is full; nothing was taken in`,
    remedy: "wait as long as Retry-After says, then send the same delivery again",
    retryAfterS: 5,
  });
}

export function deliveryConflict(sender: string, deliveryId: string): GatewayError {
  return new GatewayError("delivery-conflict", {
    field: "webhook-id",
    detail: `${sender} has already sent another body as ${deliveryId}`,
    remedy: "give each message an id of its own; repeat a delivery byte for byte",
  });
}
