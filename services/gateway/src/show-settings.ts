import { describeSettings, type Provenance, type SettingsDefinition } from "@council/runtime";
import type { ShownSetting } from "./page-routes.ts";

/** Every setting of this process with where its value came from; secrets came in redacted. */
export function showSettings(
  definition: SettingsDefinition,
  provenance: Readonly<Record<string, Provenance>>,
): readonly ShownSetting[] {
  return describeSettings(definition).map((row) => {
    const found = provenance[row.name];
    return {
      env: row.env,
      value: found?.raw ?? "",
      source: found?.source ?? "unset",
      default: row.default,
      unit: row.unit,
      meaning: row.meaning,
    };
  });
}
