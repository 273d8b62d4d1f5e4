/** What an installation needs, looked at from outside: nothing is changed, nothing is started. */
import { createPublicKey } from "node:crypto";
import { access, constants, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { assertDurable, connect } from "@council/bus";
import { keyIdOf, loadPrivateKey } from "@council/evidence";
import { openMirrors, resolveBranch } from "@council/git";
import { ensureBubblewrap } from "@council/scripts/private-tools.ts";
import { CommandError } from "../exit-codes.ts";
import { type Installation, readInstallation } from "./read-installation.ts";

export interface Finding {
  readonly name: string;
  readonly kind: "ok" | "warning" | "fault";
  readonly detail: string;
  readonly remedy?: string;
}

const ok = (name: string, detail: string): Finding => ({ name, kind: "ok", detail });
const fault = (name: string, detail: string, remedy: string): Finding => ({
  name,
  kind: "fault",
  detail,
  remedy,
});
/** Signatures are valid for five minutes; a clock this far off is worth a word, milliseconds. */
const clockWarningMs = 2000;
const redisMs = 3000;

/** Every check of the folder's installation, in the order in which one would look. Never rejects. */
export async function examineFolder(path: string): Promise<readonly Finding[]> {
  const folder = resolve(path);
  const installation = await readInstallation(folder).catch((error: unknown) => error as Error);
  if (installation instanceof Error) {
    const lines =
      installation instanceof CommandError ? installation.message : String(installation);
    return lines
      .split("\n")
      .map((line) =>
        fault("configuration", line, "see docs/configuration.md; council config explain"),
      );
  }
  return examineInstallation(installation);
}

/** The same of an installation whose settings hold. Never rejects. */
export async function examineInstallation(installation: Installation): Promise<Finding[]> {
  const parts = await Promise.all([
    examineSettings(installation),
    examineRedis(installation),
    examineSandbox(),
    examineKeys(installation),
    examineRemotes(installation),
  ]);
  return parts.flat();
}

async function examineSettings({ processes, folder, settings }: Installation): Promise<Finding[]> {
  const mode = await stat(join(folder, ".env")).then(
    (found) => found.mode & 0o077,
    () => 0,
  );
  const shown = settings.get("COUNCIL_WEBHOOK_SECRETS")?.source;
  return [
    ok("configuration", `${processes.length} processes, no faults`),
    ...(mode === 0 ? [] : [fault(".env", "others may read it", "chmod 600 .env")]),
    ...(shown === "unset"
      ? [fault("senders", "nobody may submit", "set COUNCIL_WEBHOOK_SECRETS in .env")]
      : []),
  ];
}

async function examineRedis({ redisUrl }: Installation): Promise<Finding[]> {
  const redis = connect({ url: redisUrl, name: "doctor" });
  try {
    const late = AbortSignal.timeout(redisMs);
    const asked = Promise.all([assertDurable(redis), redis.time()]);
    const unanswered = new Promise<never>((_, reject) => {
      late.addEventListener("abort", () => reject(new Error("no answer")));
      // The connection tries again for ever; a port that nobody listens at is answer enough.
      redis.on("error", ({ code }: NodeJS.ErrnoException) => {
        if (code === "ECONNREFUSED") reject(new Error("connection refused"));
      });
    });
    const [durability, time] = await Promise.race([asked, unanswered]);
    const skewMs = Math.abs(Number(time[0]) * 1000 - Date.now());
    return [
      durability.kind === "durable"
        ? ok("redis", `keeps what it acknowledges (appendfsync ${durability.appendfsync})`)
        : fault("redis", durability.reasons.join("; "), "see docs/runbooks/redis-refused.md"),
      skewMs < clockWarningMs
        ? ok("clock", "agrees with that of Redis")
        : {
            ...fault(
              "clock",
              `${Math.round(skewMs / 1000)} s from that of Redis`,
              "run an NTP client on both",
            ),
            kind: "warning",
          },
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [fault("redis", `does not answer (${reason})`, "start it, or correct redisUrl")];
  } finally {
    redis.disconnect();
  }
}

async function examineSandbox(): Promise<Finding[]> {
  const sandbox = await ensureBubblewrap({ say: () => {} });
  if (sandbox.kind === "binary") return [ok("sandbox", `bubblewrap ${sandbox.version} makes one`)];
  const detail = `${sandbox.reason}: tests and commands cannot run`;
  return [fault("sandbox", detail, sandbox.remedies.join(" "))];
}

async function examineKeys({ processes, settings, folder }: Installation): Promise<Finding[]> {
  const path = resolve(folder, settings.get("COUNCIL_KEYRING_FILE")?.raw ?? "keyring.json");
  const text = await readFile(path, "utf8").catch(() => "");
  let keyring: Record<string, string> = {};
  try {
    keyring = JSON.parse(text) as Record<string, string>;
  } catch {
    return [
      fault("keys", `${path} is no keyring`, "see docs/configuration.md, Keys; or council init"),
    ];
  }
  const heads = processes.filter(({ service }) => service === "auditor");
  const findings = await Promise.all(heads.map(({ env }) => examineKey(env, keyring, folder)));
  return findings.every(({ kind }) => kind === "ok")
    ? [ok("keys", `${heads.length} heads sign with keys of the keyring`)]
    : findings.filter(({ kind }) => kind !== "ok");
}

async function examineKey(
  env: Readonly<Record<string, string>>,
  keyring: Readonly<Record<string, string>>,
  folder: string,
): Promise<Finding> {
  const head = env["COUNCIL_HEAD"] ?? "";
  const file = resolve(folder, env["COUNCIL_HEAD_KEY_FILE"] ?? "");
  const name = `key of ${head}`;
  const found = await stat(file).catch(() => undefined);
  if (!found) return fault(name, `${file} is not there`, "make it: docs/configuration.md, Keys");
  if ((found.mode & 0o077) !== 0) return fault(name, "others may read it", `chmod 600 ${file}`);
  const key = loadPrivateKey(await readFile(file, "utf8"));
  if (key.kind === "refused") return fault(name, key.reason, "make an Ed25519 key");
  const known = keyring[head];
  const isSame = known !== undefined && keyIdOf(createPublicKey(known)) === key.keyId;
  return isSame
    ? ok(name, "")
    : fault(name, "is not the one in the keyring", "put its public half there");
}

async function examineRemotes({ repositories }: Installation): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), "council-doctor-"));
  try {
    const mirrors = openMirrors(repositories, dir);
    return await Promise.all(
      [...repositories.values()].map(async ({ id, remote, targetBranch }): Promise<Finding> => {
        const name = `remote ${id}`;
        try {
          const head = await resolveBranch(await mirrors(id), targetBranch);
          if (head === undefined)
            return fault(
              name,
              `has no branch ${targetBranch}`,
              "push one, or correct targetBranch",
            );
          const place = remote.replace(/^file:\/\//, "");
          if (place.startsWith("/")) await access(join(place, "objects"), constants.W_OK);
          const pushed = place.startsWith("/")
            ? "can be pushed to"
            : "whether it can be pushed to shows at a landing";
          return ok(name, `${targetBranch} is at ${head.slice(0, 12)}; ${pushed}`);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          return fault(name, reason, "see docs/forges/git.md");
        }
      }),
    );
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
