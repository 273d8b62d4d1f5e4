/** Which processes make up Council, and with which environment. Pure but for the keys it draws. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateHeadKey } from "@council/evidence";
import type { ProcessPlan } from "./supervise.ts";

export interface BuilderPlan {
  readonly slot: "a" | "b";
  readonly provider: "recorded" | "command";
  /** Folder of recordings, for the provider `recorded`. */
  readonly recordings?: string;
  /** Words of the agent's command, for the provider `command`. */
  readonly command?: readonly string[];
  /** Default: the provider's name. */
  readonly family?: string;
  readonly mayUseNetwork?: boolean;
}

export interface StackOptions {
  /** Made if missing; holds data, keys and logs. */
  readonly dir: string;
  readonly redisUrl: string;
  /** Where the gateway listens on loopback; default: a free port. */
  readonly httpPort?: number;
  /** Text of the repositories file. */
  readonly repositoriesYaml: string;
  /** Default: none. */
  readonly builders?: readonly BuilderPlan[];
  /** One auditor process each; default rules, proof and contract. */
  readonly heads?: readonly string[];
  /** Added to the environment of every process, after everything else. */
  readonly env?: Readonly<Record<string, string>>;
  /** Added to the environment of single processes, by their name; stronger than `env`. */
  readonly processEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Above 0 the services stand back behind other processes; default 0. */
  readonly niceness?: number;
  /** How many processes of a name run; default one of each. Further ones are named `<name>.2`, … */
  readonly replicas?: Readonly<Record<string, number>>;
}

/** What only the owner of a stack knows. */
export interface StackSecrets {
  readonly sender: string;
  /** `whsec_…`, shared with `sender`. */
  readonly webhookSecret: string;
  readonly operatorToken: string;
  /** Public key PEM by head. */
  readonly keyring: Readonly<Record<string, string>>;
}

export interface PlannedProcess extends ProcessPlan {
  /** Answers `/readyz`. */
  readonly opsPort: number;
}

export const defaultHeads = ["rules", "proof", "contract"] as const;
const repositoryRoot = join(import.meta.dirname, "..", "..", "..");
/** What a service may see of this process's environment. Nothing that configures Council by accident. */
const inherited = /^(PATH|HOME|TMPDIR|LANG|TZ|LD_LIBRARY_PATH|SSL_CERT_FILE|COUNCIL_BWRAP)$/;
/**
 * How much later than the gateway the others get the processor, on top of the stack's own niceness: whoever
 * waits for an answer goes first, then what takes a patch back; audits and comparisons take what is left.
 */
const controlNiceness = 5;
const workNiceness = 19;
/** Megabytes; a dozen mostly idle processes need no large nurseries. */
const smallYoungSpace = "--max-semi-space-size=4";
/** A service says with it that its configuration is refused. */
const configurationExit = 78;

/** The names of the processes a stack has: `gateway`, `builder-a`, `auditor-rules`, `gateway.2`, … */
export function processNames(options: Pick<StackOptions, "builders" | "heads" | "replicas">) {
  const names = [
    "gateway",
    ...(options.builders ?? []).map((builder) => `builder-${builder.slot}`),
    "diff-engine",
    ...(options.heads ?? defaultHeads).map((head) => `auditor-${head}`),
    "patch-controller",
    "streaming-auditor",
  ];
  return names.flatMap((name) => {
    const count = options.replicas?.[name] ?? 1;
    return Array.from({ length: count }, (_, index) =>
      index === 0 ? name : `${name}.${index + 1}`,
    );
  });
}

/** Writes keys, keyring and repositories file into `dir`; secrets are new with each call. */
export function prepareStack(options: StackOptions): StackSecrets {
  for (const folder of ["keys", "logs", "data"])
    mkdirSync(join(options.dir, folder), { recursive: true });
  writeFileSync(join(options.dir, "repositories.yaml"), options.repositoriesYaml);
  const keyring: Record<string, string> = {};
  for (const head of options.heads ?? defaultHeads) {
    const key = generateHeadKey();
    keyring[head] = key.publicKeyPem;
    writeFileSync(join(options.dir, "keys", `${head}.pem`), key.privateKeyPem, { mode: 0o600 });
  }
  writeFileSync(join(options.dir, "keyring.json"), JSON.stringify(keyring, undefined, 2));
  return {
    sender: "demo",
    webhookSecret: `whsec_${randomBytes(32).toString("base64")}`,
    operatorToken: randomBytes(24).toString("base64url"),
    keyring,
  };
}

/** One plan per process. `ports` holds as many free ports as there are `processNames`. */
export function planProcesses(
  options: StackOptions,
  secrets: StackSecrets,
  ports: readonly number[],
): PlannedProcess[] {
  const ambient = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && inherited.test(name) ? [[name, value] as const] : [],
  );
  return processNames(options).map((name, index) => {
    const kind = name.replace(/\.\d+$/, "");
    const opsPort = ports[index] ?? 0;
    return {
      name,
      opsPort,
      args: [smallYoungSpace, join(repositoryRoot, "services", serviceOf(kind), "src", "main.ts")],
      cwd: options.dir,
      logFile: join(options.dir, "logs", `${name}.log`),
      finalExitCodes: [configurationExit],
      niceness: Math.min(19, (options.niceness ?? 0) + nicenessOf(kind)),
      env: {
        ...Object.fromEntries(ambient),
        ...commonEnv(options, name, opsPort),
        ...ownEnv(kind, { options, secrets, opsPort }),
        ...options.env,
        ...options.processEnv?.[kind],
        ...options.processEnv?.[name],
      },
    };
  });
}

function nicenessOf(kind: string): number {
  if (kind === "gateway") return 0;
  return /^(patch-controller|streaming-auditor)$/.test(kind) ? controlNiceness : workNiceness;
}

/** The folder under `services` a process is started from. */
function serviceOf(kind: string): string {
  if (kind.startsWith("auditor-")) return "auditor";
  return kind.startsWith("builder-") ? "builder" : kind;
}

function commonEnv(options: StackOptions, name: string, opsPort: number): Record<string, string> {
  return {
    REDIS_URL: options.redisUrl,
    COUNCIL_REPOSITORIES: join(options.dir, "repositories.yaml"),
    // A folder of its own per process: two processes never share a git mirror.
    COUNCIL_DATA_DIR: join(options.dir, "data", name),
    COUNCIL_OPS_HOST: "127.0.0.1",
    COUNCIL_OPS_PORT: String(opsPort),
    COUNCIL_PARENT_PID: String(process.pid),
    // What one process compiled the others read: they start sooner and never load the compiler.
    NODE_COMPILE_CACHE: join(repositoryRoot, ".council", "compile-cache"),
  };
}

function ownEnv(
  kind: string,
  input: { options: StackOptions; secrets: StackSecrets; opsPort: number },
): Record<string, string> {
  const { options, secrets, opsPort } = input;
  if (kind === "gateway")
    return {
      COUNCIL_HTTP_HOST: "127.0.0.1",
      COUNCIL_HTTP_PORT: String(opsPort),
      COUNCIL_WEBHOOK_SECRETS: `${secrets.sender}=${secrets.webhookSecret}`,
      COUNCIL_OPERATOR_TOKEN: secrets.operatorToken,
    };
  if (kind === "patch-controller")
    return { COUNCIL_KEYRING_FILE: join(options.dir, "keyring.json") };
  if (kind.startsWith("auditor-")) {
    const head = kind.slice("auditor-".length);
    return {
      COUNCIL_HEAD: head,
      COUNCIL_HEAD_KEY_FILE: join(options.dir, "keys", `${head}.pem`),
    };
  }
  const builder = options.builders?.find(({ slot }) => kind === `builder-${slot}`);
  return builder === undefined ? {} : builderEnv(builder);
}

function builderEnv(builder: BuilderPlan): Record<string, string> {
  return {
    COUNCIL_BUILDER_SLOT: builder.slot,
    COUNCIL_BUILDER_PROVIDER: builder.provider,
    COUNCIL_BUILDER_FAMILY: builder.family ?? builder.provider,
    COUNCIL_BUILDER_NETWORK: String(builder.mayUseNetwork ?? false),
    ...(builder.recordings === undefined ? {} : { COUNCIL_BUILDER_RECORDINGS: builder.recordings }),
    ...(builder.command === undefined
      ? {}
      : { COUNCIL_BUILDER_COMMAND: JSON.stringify(builder.command) }),
  };
}
