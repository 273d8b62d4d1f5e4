/**
 * A whole Council with real repositories: every service a process of its own, a real Redis, real git,
 * real HTTP. Owns all of it; `stop` ends everything and says what was left behind.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, openBus } from "@council/bus";
import type { Submission } from "@council/contracts";
import {
  gatewayClient,
  type BuilderPlan,
  type GatewayClient,
  type Stack,
  startStack,
} from "@council/demo/stack";
import { defaultRules, type Policy } from "@council/domain";
import { type TestRemote, testRemote } from "@council/git/testing";
import {
  ensureBubblewrap,
  ensureRedisProgram,
  type PrivateRedis,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import { draftDiff } from "./git-desk.ts";
import { type LedgerBook, openLedgerBook } from "./ledger-book.ts";
import { strayProcesses } from "./stray-processes.ts";
import { startTrafficFeed, type TrafficFeed } from "./traffic-feed.ts";

export interface WorldOptions {
  /** Repository ids, each with what its policy changes of `quickPolicy`. */
  readonly repositories: Readonly<Record<string, Partial<Policy>>>;
  /** What is in a repository when the work begins; `firstFiles` where nothing is said. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly builders?: readonly BuilderPlan[];
  readonly replicas?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Heads of the stack; default those of the stack itself. */
  readonly heads?: readonly string[];
  /** Environment of single processes, by name. */
  readonly processEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A Redis of its own even where one is given, so that it can be killed. */
  readonly ownRedis?: boolean;
  readonly dir?: string;
  /** What the repositories file says of a repository beside the usual, once its remote is there. */
  readonly more?: (repository: string, remote: TestRemote) => Promise<object>;
}

export interface World {
  readonly dir: string;
  readonly stack: Stack;
  readonly client: GatewayClient;
  readonly bus: Bus;
  readonly book: LedgerBook;
  readonly feed: TrafficFeed;
  readonly remote: (repository: string) => TestRemote;
  /** The body of a submission that changes files on the present target branch. */
  readonly draft: (
    repository: string,
    files: Readonly<Record<string, string | null>>,
    more?: Partial<Submission>,
  ) => Promise<Submission>;
  /** Submits until it is answered 202, and gives the id of the patch. */
  readonly submit: (submission: Submission, webhookId?: string) => Promise<string>;
  /** Ends the Redis without warning and starts it again; only with `ownRedis`. */
  readonly killRedis: () => Promise<void>;
  /** Ends everything. What was left behind, in words; empty when nothing was. */
  readonly stop: () => Promise<string[]>;
}

/** What the services know of when the work begins. */
export const firstFiles = {
  "package.json": '{"type":"module"}\n',
  "src/add.js": "export const add = (a, b) => a + b;\n",
  "test/add.test.js":
    "import test from 'node:test';\nimport assert from 'node:assert';\nimport { add } from '../src/add.js';\n" +
    "test('adds', () => assert.equal(add(1, 2), 3));\n",
} as const;

/** One sender does here what many would, and takes back what only a test lands. */
export const noLimits: Policy["limits"] = {
  landingsPerDay: 100_000,
  emergenciesPerDay: 1000,
  cooldownMs: 0,
  quarantineReverts: 100_000,
  quarantineWindowMs: 0,
  automaticRevertsPerDay: 100_000,
  unlimited: [],
};

/** Two stages that are watched for a moment, and the usual rules with few samples. */
export const quickPolicy: Partial<Policy> = {
  stages: [
    { name: "canary", branch: "council/canary", watchMinMs: 200, watchMaxMs: 20_000 },
    { name: "target", watchMinMs: 200, watchMaxMs: 20_000 },
  ],
  limits: noLimits,
  // A test needs enough to see harm in; a newest value is enough by itself.
  rules: defaultRules.map((rule) => ({ ...rule, minSamples: Math.min(40, rule.minSamples) })),
};

export async function startWorld(options: WorldOptions): Promise<World> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "council-world-")));
  const scratch = join(dir, "tmp");
  mkdirSync(scratch, { recursive: true });
  await using failing = new AsyncDisposableStack();
  failing.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = await startRedis(options, dir);
  failing.defer(() => redis.stop());
  const remotes = new Map<string, TestRemote>();
  for (const id of Object.keys(options.repositories)) {
    const remote = await testRemote(options.files?.[id] ?? firstFiles);
    failing.defer(() => remote.remove());
    remotes.set(id, remote);
  }
  const keyPrefix = `w${randomBytes(4).toString("hex")}`;
  const stack = await startStack({
    dir,
    redisUrl: redis.url,
    repositoriesYaml: await repositoriesFile(options, remotes),
    ...(options.builders ? { builders: options.builders } : {}),
    ...(options.replicas ? { replicas: options.replicas } : {}),
    ...(options.heads ? { heads: options.heads } : {}),
    ...(options.processEnv ? { processEnv: options.processEnv } : {}),
    env: {
      COUNCIL_KEY_PREFIX: keyPrefix,
      COUNCIL_BWRAP: await sandboxPath(),
      // Folders a killed process leaves behind are looked for here.
      TMPDIR: scratch,
      ...options.env,
    },
  });
  failing.defer(() => stack.stop());
  const bus = openBus({ url: redis.url, prefix: keyPrefix });
  const client = gatewayClient({ url: stack.url, ...stack.secrets });
  const book = openLedgerBook(bus);
  const feed = startTrafficFeed(client);
  book.onEntry(feed.take);
  const remote = (id: string) => {
    const found = remotes.get(id);
    if (found === undefined) throw new Error(`no repository is called ${id}`);
    return found;
  };
  const stop = async () => {
    await feed.stop();
    await book.close();
    const pids = stack.processes().map(({ pid }) => pid);
    await stack.stop();
    await bus.close();
    await redis.stop();
    const faults = [
      ...(await strayProcesses(dir)).map((process) => `still runs: ${process}`),
      ...readdirSync(scratch).map((name) => `left in the temporary folder: ${name}`),
      ...(pids.includes(undefined) ? ["a process was not up at the end"] : []),
    ];
    for (const each of remotes.values()) await each.remove();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    return existsSync(dir) ? [...faults, `${dir} could not be removed`] : faults;
  };
  failing.move();
  return {
    dir,
    stack,
    client,
    bus,
    book,
    feed,
    remote,
    draft: async (repository, files, more = {}) => {
      const base = more.base ?? (await remote(repository).head()) ?? "";
      return {
        repository,
        base,
        title: "A change",
        author: "agent",
        diff: await draftDiff(remote(repository), base, files),
        sheet: { paths: Object.keys(files) },
        ...more,
      };
    },
    submit: (submission, webhookId) => submitUntilTaken(client, submission, webhookId),
    killRedis: () => redis.kill(),
    stop,
  };
}

/** The same delivery again and again, as a sender does, until it is answered for good. */
async function submitUntilTaken(
  client: GatewayClient,
  submission: Submission,
  webhookId: string = randomUUID(),
): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const reply = await client.submit(submission, webhookId).catch(() => undefined);
    if (reply?.status === 202) return (reply.body as { id: string }).id;
    const mayRepeat = reply === undefined || reply.status === 429 || reply.status >= 500;
    if (!mayRepeat || Date.now() > deadline)
      throw new Error(`not taken: ${JSON.stringify(reply ?? "no answer")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function repositoriesFile(
  options: WorldOptions,
  remotes: ReadonlyMap<string, TestRemote>,
): Promise<string> {
  const builders = (options.builders ?? []).map(({ slot }) => slot);
  const repositories = await Promise.all(
    [...remotes].map(async ([id, remote]) => ({
      id,
      remote: remote.url,
      testCommand: ["node", "--test"],
      testTimeoutMs: 60_000,
      policy: { builders, ...quickPolicy, ...options.repositories[id] },
      ...(await options.more?.(id, remote)),
    })),
  );
  return JSON.stringify({ repositories }, undefined, 2);
}

interface WorldRedis {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startRedis({ ownRedis = false }: WorldOptions, dir: string): Promise<WorldRedis> {
  const shared = process.env["REDIS_URL"];
  if (shared !== undefined && !ownRedis) {
    const refuse = () => Promise.reject(new Error("this Redis is not ours to kill"));
    return { url: shared, kill: refuse, stop: async () => {} };
  }
  const server = await ensureRedisProgram({ say: () => {} });
  if (server.kind !== "binary") throw new Error(`no Redis: ${server.reason}`);
  let redis: PrivateRedis = await startPrivateRedis({ server, dir: join(dir, "redis") });
  const { url } = redis;
  return {
    url,
    kill: async () => {
      process.kill(redis.pid, "SIGKILL");
      await redis.stop();
      const port = Number(new URL(url).port);
      redis = await startPrivateRedis({ server, dir: join(dir, "redis"), port });
    },
    stop: () => redis.stop(),
  };
}

async function sandboxPath(): Promise<string> {
  const sandbox = await ensureBubblewrap({ say: () => {} });
  if (sandbox.kind === "binary") return sandbox.path;
  throw new Error(`no sandbox: ${sandbox.reason} ${sandbox.remedies.join(" ")}`);
}
