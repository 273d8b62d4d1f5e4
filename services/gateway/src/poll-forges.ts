import { setTimeout as wait } from "node:timers/promises";
import { ForgeError } from "@council/forge";
import type { Log } from "@council/runtime";
import { GatewayError } from "./problems.ts";
import { reconcileChanges, type Reconciling } from "./reconcile-changes.ts";

/** Asks every forge in turn, again and again until the service stops. A forge that fails is asked again next time. */
export async function pollForges(
  deps: Reconciling,
  options: { readonly everyMs: number; readonly stopping: AbortSignal; readonly log: Log },
): Promise<void> {
  const { everyMs, stopping, log } = options;
  const guarded = deps.repositories.all.filter(({ config }) => deps.forges(config.id));
  if (guarded.length === 0) return;
  while (!stopping.aborted) {
    for (const each of guarded) {
      if (stopping.aborted) return;
      const repository = each.config.id;
      try {
        const found = await reconcileChanges(deps, each);
        if (found.taken.length > 0 || found.withdrawn.length > 0)
          log.info({ repository, ...found }, "changes that no delivery told of");
      } catch (err) {
        if (!(err instanceof ForgeError || err instanceof GatewayError)) throw err;
        log.warn({ repository, err }, "the forge could not be asked for its changes");
      }
    }
    await wait(everyMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
