import type { Traffic } from "@council/contracts";
import { Webhook } from "standardwebhooks";
import { signedHeaders } from "../signed-headers.ts";
import type { SteerTraffic } from "./steer-traffic.ts";

const mostBytes = 10_000;

/**
 * Posts the order, signed by Standard Webhooks with the effect id as the delivery's. Done is an answer
 * of status 200 with `{"weightPercent": N}`, the weight in force; 409 says that a later order came first.
 */
export function httpDriver(
  { url, timeoutMs }: Extract<Traffic, { kind: "http" }>,
  secret: string,
): SteerTraffic {
  const webhook = new Webhook(secret);
  return async (order) => {
    const body = JSON.stringify(order);
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
        headers: signedHeaders(webhook, `${order.effectId}-${order.sequence}`, body),
      });
      if (response.status === 409) return { kind: "overtaken" };
      if (response.status !== 200)
        return { kind: "failed", reason: `the traffic service answers ${response.status}` };
      const weight = weightIn(await boundedText(response));
      if (weight === order.weightPercent) return { kind: "steered" };
      const inForce = weight === undefined ? "no weight" : `a weight of ${weight}`;
      return { kind: "failed", reason: `the traffic service answers with ${inForce}` };
    } catch (error) {
      const isLate = error instanceof Error && error.name === "TimeoutError";
      const what = isLate ? `does not answer in ${timeoutMs} ms` : "cannot be reached";
      return { kind: "failed", reason: `the traffic service ${what}` };
    }
  };
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostBytes) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function weightIn(text: string): number | undefined {
  try {
    const { weightPercent } = JSON.parse(text) as { weightPercent?: unknown };
    return typeof weightPercent === "number" ? weightPercent : undefined;
  } catch {
    return undefined;
  }
}
