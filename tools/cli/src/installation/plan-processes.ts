/** Which processes an installation has, and what each is told beside the files that all of them read. */
import { join } from "node:path";
import type { FileSections, SettingsDefinition } from "@council/runtime";
import { serviceNames, type ServiceName, settingsOf } from "@council/scripts/service-settings.ts";

export interface InstalledProcess {
  /** `gateway`, `auditor-rules`, `builder-a`, … */
  readonly name: string;
  readonly service: ServiceName;
  readonly definition: SettingsDefinition;
  /** Stronger than the files: what makes this process the one it is. */
  readonly env: Readonly<Record<string, string>>;
}

const usualHeads = { rules: {}, proof: {}, contract: {} };

/** Reads the services' own definitions; everything else is in `sections`. */
export async function planProcesses(
  sections: FileSections,
  { dataDir, keysDir }: { readonly dataDir: string; readonly keysDir: string },
): Promise<InstalledProcess[]> {
  const { heads = usualHeads, builders = {} } = sections;
  const definitions = new Map(
    await Promise.all(serviceNames.map(async (name) => [name, await settingsOf(name)] as const)),
  );
  const process = (
    service: ServiceName,
    suffix = "",
    own: Readonly<Record<string, string>> = {},
    written?: { readonly pairs?: ReadonlyMap<string, string> },
  ): InstalledProcess => {
    const definition = definitions.get(service) ?? {};
    const name = suffix === "" ? service : `${service}-${suffix}`;
    const env = {
      // A folder of its own per process: two processes never share a git mirror.
      COUNCIL_DATA_DIR: join(dataDir, name),
      ...own,
      ...variablesOf(definition, written?.pairs ?? new Map()),
    };
    return { name, service, definition, env };
  };
  return [
    process("gateway"),
    process("diff-engine"),
    process("patch-controller"),
    process("streaming-auditor"),
    ...Object.entries(heads).map(([head, written]) => {
      const keyFile = join(keysDir, `${head}.pem`);
      const own = { COUNCIL_HEAD: head, COUNCIL_HEAD_KEY_FILE: keyFile };
      return process("auditor", head, own, written);
    }),
    ...Object.entries(builders).map(([slot, written]) =>
      process("builder", slot, { COUNCIL_BUILDER_SLOT: slot }, written),
    ),
  ];
}

/** Settings by name become variables; a name that is none stays, and is found when settings are checked. */
function variablesOf(
  definition: SettingsDefinition,
  pairs: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries([...pairs].map(([key, value]) => [definition[key]?.env ?? key, value]));
}
