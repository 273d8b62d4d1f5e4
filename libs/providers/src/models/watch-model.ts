import { checkModel, type ModelCheck } from "./check-model.ts";
import type { ModelClient } from "./model-client.ts";

const dayMs = 24 * 3600 * 1000;

export interface ModelWatch {
  /** What the last check said. */
  readonly latest: () => ModelCheck;
  readonly stop: () => void;
}

/** Looks the model up now and every day; `onCheck` hears each answer. */
export async function watchModel(
  client: Pick<ModelClient, "endpoints" | "model">,
  onCheck: (check: ModelCheck) => void,
  everyMs = dayMs,
): Promise<ModelWatch> {
  let latest: ModelCheck = { kind: "unchecked", reason: "not looked up yet" };
  const check = async () => {
    latest = await checkModel(client, Date.now());
    onCheck(latest);
  };
  await check();
  const timer = setInterval(() => void check(), everyMs);
  timer.unref();
  return { latest: () => latest, stop: () => clearInterval(timer) };
}
