import { GatewayError } from "./problems.ts";

/** Takes one token of the sender, or throws GatewayError `rate-limited`. */
export type SenderLimit = (sender: string) => void;

/** A bucket per sender: `burst` tokens, refilled at `perSecond`. Senders are a configured, closed set. */
export function senderLimit(options: {
  readonly perSecond: number;
  readonly burst: number;
  readonly clock: () => number;
}): SenderLimit {
  const { perSecond, burst, clock } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (sender) => {
    const now = clock();
    const { tokens, at } = buckets.get(sender) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond);
    if (filled < 1) {
      buckets.set(sender, { tokens: filled, at: now });
      throw new GatewayError("rate-limited", {
        detail: `more than ${burst} patches at once or ${perSecond} per second`,
        remedy: "wait as long as Retry-After says, then send the same delivery again",
        retryAfterS: Math.ceil((1 - filled) / perSecond),
      });
    }
    buckets.set(sender, { tokens: filled - 1, at: now });
  };
}
