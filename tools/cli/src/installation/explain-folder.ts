/** The settings of an installation's folder, of all services together. */
import {
  type ExplainedSetting,
  explainSettings,
  findSettingsFiles,
  processSettings,
  type SettingFault,
  type SettingsDefinition,
} from "@council/runtime";
import { serviceNames, settingsOf } from "@council/scripts/service-settings.ts";
import { clientSettings } from "../client-settings.ts";

export interface ExplainedFolder {
  readonly settings: readonly ExplainedSetting[];
  /** What is wrong with the files themselves. */
  readonly faults: readonly SettingFault[];
}

/** Reads `.env`, `council.yaml` and `council.toml` of the folder as every service there would. */
export async function explainFolder(folder: string, env = process.env): Promise<ExplainedFolder> {
  const definitions = await Promise.all(serviceNames.map(settingsOf));
  const files = await findSettingsFiles(env, folder);
  const seen = new Map<string, ExplainedSetting>();
  const faults = new Map<string, SettingFault>();
  for (const definition of [
    processSettings,
    ...definitions,
    clientSettings,
  ] as SettingsDefinition[]) {
    const explained = await explainSettings(definition, { env, ...files });
    // What several read is shown as the service has it, not as the command line has.
    for (const each of explained.settings) if (!seen.has(each.env)) seen.set(each.env, each);
    for (const fault of explained.faults) faults.set(`${fault.env} ${fault.problem}`, fault);
  }
  return { settings: [...seen.values()], faults: [...faults.values()] };
}
