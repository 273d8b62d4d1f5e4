/**
 * The bus waits for as long as Redis is away; a client of the gateway must not. Every call made here
 * ends within its limit, and only so many may be overdue, so that an outage cannot fill the memory.
 * A call given up on may still take effect later: whoever was answered 503 sends the same delivery
 * again and is told that it is a duplicate, so nothing is done twice (P1).
 */
import type { Bus } from "@council/bus";
import { GatewayError } from "./problems.ts";

export type BusCall = <T>(work: (bus: Bus) => Promise<T>) => Promise<T>;

/** Calls on the bus that reject with GatewayError `unavailable` after `limitMs`. */
export function boundedBus(
  bus: Bus,
  options: { readonly limitMs?: number; readonly mostOverdue?: number } = {},
): BusCall {
  const { limitMs = 1500, mostOverdue = 100 } = options;
  let overdue = 0;
  return async (work) => {
    if (overdue >= mostOverdue) throw unavailable();
    const running = work(bus);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      overdue += 1;
      const settled = () => {
        overdue -= 1;
      };
      running.then(settled, settled);
      late.reject(unavailable());
    }, limitMs);
    try {
      return await Promise.race([running, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function unavailable(): GatewayError {
  return new GatewayError("unavailable", {
    detail: "Redis does not answer; nothing was promised",
    remedy: "send the same delivery again, with the same id, in a few seconds",
    retryAfterS: 2,
  });
}
