import type { Sample } from "./observation/samples.ts";
import type { Look, WatchState } from "./observation/watch.ts";

/**
 * How samples become a verdict. The window rules of `observation/watch.ts` are one answer; another
 * test may take their place as long as it keeps its whole state in the value it returns.
 */
export interface Observer {
  observe(state: WatchState, samples: readonly Sample[], at: number): Look;
  conclude(state: WatchState, at: number): Look;
}
