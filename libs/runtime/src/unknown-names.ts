/** Names in a settings file that nothing reads: a value that is misspelled must not pass in silence. */
import { knownNames } from "./known-names.ts";
import { nearestName } from "./nearest-name.ts";
import type { SettingsDefinition } from "./setting.ts";
import type { SettingFault } from "./settings.ts";

/** One file serves several services: what another one reads is known as well. */
export function unknownNames(definition: SettingsDefinition, alsoKnown: readonly string[] = []) {
  const known = new Set([...namesOf(definition), ...knownNames, ...alsoKnown]);
  return (path: string | undefined, keys: Iterable<string>): SettingFault[] =>
    [...keys]
      .filter((key) => !known.has(key))
      .map((key) => {
        const near = nearestName(key, known);
        return {
          name: "settings file",
          env: path ?? "",
          problem: `has ${key}, which is no setting`,
          remedy: near === undefined ? "remove it, or see docs/configuration.md" : `write ${near}`,
        };
      });
}

/** Every name a setting can be written by in a file. */
export function namesOf(definition: SettingsDefinition): string[] {
  return Object.entries(definition).flatMap(([name, { env, aliases = [] }]) => [
    name,
    env,
    ...aliases,
  ]);
}

/** Variables like ours that nothing reads, with the name that was probably meant; others set some of their own. */
export function nearMisses(variables: readonly string[]): string[] {
  const known = new Set(knownNames);
  return variables
    .filter((name) => name.startsWith("COUNCIL_") && !known.has(name))
    .flatMap((name) => {
      const near = nearestName(name, known);
      return near === undefined ? [] : [`${name}: write ${near}`];
    });
}
