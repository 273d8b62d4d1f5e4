import { access } from "node:fs/promises";
import { join } from "node:path";
import type { SourceInput } from "./setting-sources.ts";
import { defineSettings, loadSettings } from "./settings.ts";

/** Where the settings file is; read from the environment and `.env` only. */
export const fileSettings = defineSettings({
  configFile: {
    env: "COUNCIL_CONFIG",
    kind: "path",
    meaning:
      "A file of settings (YAML, or TOML by its ending), below the environment in precedence; default: `council.yaml` and `council.toml` in the working folder, where they exist.",
  },
});

/** The files a process in `folder` reads its settings from; `.env` is read when it exists. */
export async function findSettingsFiles(
  env: NodeJS.ProcessEnv,
  folder = ".",
): Promise<Pick<SourceInput, "dotenvPath" | "yamlPath" | "tomlPath">> {
  const dotenvPath = join(folder, ".env");
  // Its own step, because where the settings file is must be known before settings are read from it.
  const found = await loadSettings(fileSettings, { env, dotenvPath });
  const named = found.kind === "loaded" ? found.values.configFile : undefined;
  if (named?.endsWith(".toml")) return { dotenvPath, tomlPath: named };
  if (named !== undefined) return { dotenvPath, yamlPath: named };
  const [yamlPath, tomlPath] = [join(folder, "council.yaml"), join(folder, "council.toml")];
  const [hasYaml, hasToml] = await Promise.all([isThere(yamlPath), isThere(tomlPath)]);
  return { dotenvPath, ...(hasYaml ? { yamlPath } : {}), ...(hasToml ? { tomlPath } : {}) };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
