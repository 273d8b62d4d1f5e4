/** The installation in a folder: its processes, checked as each of them will check itself. */
import { join, resolve } from "node:path";
import {
  busSettings,
  explainSettings,
  findSettingsFiles,
  formatFaults,
  loadRepositories,
  loadSettings,
  processSettings,
  readSections,
  type Repositories,
} from "@council/runtime";
import { CommandError } from "../exit-codes.ts";
import { explainFolder } from "./explain-folder.ts";
import { type InstalledProcess, planProcesses } from "./plan-processes.ts";

export interface Installation {
  readonly folder: string;
  readonly redisUrl: string;
  /** Where the gateway listens. */
  readonly httpPort: number;
  readonly processes: readonly InstalledProcess[];
  readonly repositories: Repositories;
  /** By variable; secrets are masked. */
  readonly settings: ReadonlyMap<string, { readonly raw: string; readonly source: string }>;
}

/** Throws CommandError `configuration` that lists every fault of every process at once. */
export async function readInstallation(folder: string): Promise<Installation> {
  const files = await findSettingsFiles(process.env, folder);
  const { settings } = await explainFolder(folder);
  const known = new Map(settings.map((each) => [each.env, each]));
  const textOf = (env: string) => known.get(env)?.raw ?? "";
  const dataDir = resolve(folder, textOf("COUNCIL_DATA_DIR"));
  const [toml, yaml] = await Promise.all([
    readSections(files.tomlPath, "toml"),
    readSections(files.yamlPath, "yaml"),
  ]);
  const planned = { dataDir, keysDir: join(folder, "keys") };
  const processes = await planProcesses({ ...toml, ...yaml }, planned);
  const faults = await faultsOf(processes, files);
  const repositoriesFile = textOf("COUNCIL_REPOSITORIES");
  const repositories =
    repositoriesFile === ""
      ? new Map()
      : await loadRepositories(resolve(folder, repositoriesFile)).catch((error: unknown) => {
          faults.add(error instanceof Error ? error.message : String(error));
          return new Map();
        });
  if (faults.size > 0) throw new CommandError("configuration", [...faults].join("\n"));
  // As it is: the explained one has its password masked.
  const loaded = await loadSettings(
    { redisUrl: busSettings.redisUrl },
    { env: process.env, ...files },
  );
  return {
    folder,
    redisUrl: loaded.kind === "loaded" ? loaded.values.redisUrl : "",
    httpPort: Number(textOf("COUNCIL_HTTP_PORT")),
    processes,
    repositories,
    settings: known,
  };
}

async function faultsOf(
  processes: readonly InstalledProcess[],
  files: Awaited<ReturnType<typeof findSettingsFiles>>,
): Promise<Set<string>> {
  const faults = new Set<string>();
  const everywhere = { name: "every process", definition: processSettings, env: {} };
  for (const { name, definition, env } of [everywhere, ...processes]) {
    const input = { env: { ...process.env, ...env }, ...files };
    const explained = await explainSettings(definition, input);
    for (const fault of explained.faults) faults.add(formatFaults([fault]));
    for (const { fault } of explained.settings) if (fault) faults.add(`${name}: ${fault}`);
  }
  return faults;
}
