import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SettingsDefinition } from "@council/runtime";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every service, by the name of its folder. */
export const serviceNames = [
  "gateway",
  "builder",
  "diff-engine",
  "auditor",
  "patch-controller",
  "streaming-auditor",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What a service reads at its start. By path: the services are programs and export nothing. */
export async function settingsOf(service: ServiceName): Promise<SettingsDefinition> {
  const { settings } = await loadByPath<{ settings: SettingsDefinition }>(
    `services/${service}/src/config.ts`,
  );
  return settings;
}

export async function loadByPath<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, path)).href)) as Module;
}
