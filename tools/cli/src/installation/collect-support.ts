/** What somebody who helps needs to know of an installation, and nothing that is secret. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { routes } from "@council/contracts/names";
import { redactLine, registerSecret } from "@council/runtime";
import { askGateway, type Gateway } from "../ask-gateway.ts";
import { readClientSettings } from "../client-settings.ts";
import { readVersion } from "../program.ts";
import { examineFolder } from "./examine-folder.ts";
import { explainFolder } from "./explain-folder.ts";

const mostPatches = 50;

/** JSON text; a part that cannot be had says why instead. Throws CommandError for settings that cannot be read. */
export async function collectSupport(folder: string, gateway: Gateway): Promise<string> {
  // Every secret that is read here is known to the redaction from then on.
  const { settings, faults } = await explainFolder(folder);
  const { webhookSecrets = "" } = await readClientSettings(folder);
  for (const pair of webhookSecrets.split(","))
    registerSecret(pair.slice(pair.indexOf("=") + 1).trim());
  const [git, findings, queues, letters, patches, drills] = await Promise.all([
    gitVersion(),
    examineFolder(folder),
    ask(gateway, routes.queues),
    ask(gateway, routes.deadLetters),
    ask(gateway, `${routes.patches}?limit=${mostPatches}`),
    ask(gateway, routes.drills),
  ]);
  const bundle = {
    v: 1,
    at: new Date().toISOString(),
    versions: { council: readVersion(), node: process.version, git, platform: platform() },
    settings: settings
      .filter(({ source, fault }) => source !== "default" && (source !== "unset" || fault))
      .map(({ env, source, raw, fault }) => ({ env, source, value: raw, fault })),
    settingFaults: faults,
    findings,
    queues,
    deadLetters: withoutPayloads(letters),
    patches,
    drills,
  };
  return JSON.stringify(JSON.parse(redactLine(JSON.stringify(bundle))), undefined, 2);
}

const platform = () => `${process.platform} ${process.arch}`;

async function gitVersion(): Promise<string> {
  const run = promisify(execFile)("git", ["--version"], { encoding: "utf8" });
  return run.then(
    ({ stdout }) => stdout.trim(),
    () => "none on PATH",
  );
}

async function ask(gateway: Gateway, path: string): Promise<object> {
  const answer = await askGateway(gateway, path);
  if (answer.kind === "refused") return { missing: answer.reason };
  try {
    return Object(JSON.parse(answer.text)) as object;
  } catch {
    return { missing: "the answer is no JSON" };
  }
}

/** What a message carried may be a patch: only where and why it failed goes out. */
function withoutPayloads(answer: {
  readonly deadLetters?: readonly { readonly payload?: string }[];
}): object {
  if (answer.deadLetters === undefined) return answer;
  return {
    deadLetters: answer.deadLetters.map(({ payload, ...letter }) => ({
      ...letter,
      payloadBytes: Buffer.byteLength(payload ?? ""),
    })),
  };
}
