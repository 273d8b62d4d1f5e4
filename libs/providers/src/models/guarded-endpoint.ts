import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
} from "cockatiel";
import { type ModelApi, ModelError } from "./model-api.ts";

/** One endpoint behind its breaker. */
export interface GuardedEndpoint {
  /** Host and port, for people and for records. */
  readonly name: string;
  readonly api: ModelApi;
  /** Runs `call` and throws what it throws; `resting` without running it while the breaker is open. */
  through<T>(call: () => Promise<T>): Promise<T | "resting">;
  isResting(): boolean;
}

/** Faults in a row after which an endpoint is left alone for a while. */
const faultsInARow = 5;

/** The breaker opens after five faults in a row and lets one call through every `restMs` to see. */
export function guardedEndpoint(name: string, api: ModelApi, restMs: number): GuardedEndpoint {
  const breaker = circuitBreaker(handleWhen(isEndpointFault), {
    halfOpenAfter: restMs,
    breaker: new ConsecutiveBreaker(faultsInARow),
  });
  return {
    name,
    api,
    through: async (call) => {
      try {
        return await breaker.execute(call);
      } catch (error) {
        if (isBrokenCircuitError(error)) return "resting";
        throw error;
      }
    },
    isResting: () => breaker.state === CircuitState.Open,
  };
}

function isEndpointFault(error: unknown): boolean {
  const faults = ["server-fault", "unreachable", "cut-off", "timeout"];
  return error instanceof ModelError && faults.includes(error.code);
}
