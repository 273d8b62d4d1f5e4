/** A whole gateway over the in-memory bus, for the tests of this package. */
import { randomBytes, randomUUID } from "node:crypto";
import {
  type Bus,
  memoryBus,
  memoryDrillQueue,
  type MemoryBus,
  memorySpendLedger,
  type Message,
  type Outcome,
} from "@council/bus";
import { consoleFolder } from "@council/console";
import { headers as names, type LedgerEntry, repositoriesSchema, routes } from "@council/contracts";
import {
  evolve,
  type Operator,
  type PatchEvent,
  type PatchState,
  type SpendCaps,
  type SpendLedger,
} from "@council/domain";
import { openForges } from "@council/forge";
import { type Mirrors, openMirrors } from "@council/git";
import { createLog, createMetrics, type DrillReports } from "@council/runtime";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { Webhook } from "standardwebhooks";
import { boundedBus } from "./bounded-bus.ts";
import { drillGauge } from "./drill-routes.ts";
import { buildGateway, type GatewayDeps } from "./gateway.ts";
import { gatewayMetrics, inboxNames } from "./gateway-metrics.ts";
import { guardRepositories } from "./guarded-repositories.ts";
import { LedgerFeed } from "./ledger-feed.ts";
import { hashed } from "./load-operators.ts";
import { accessOf } from "./operator-token.ts";
import { routeNames } from "./route-names.ts";
import { spendGauges } from "./spend-gauges.ts";
import { paidHeads } from "./spend-routes.ts";
import type { TakingPulls } from "./take-pull.ts";
import { senderLimit } from "./sender-limit.ts";
import { readSenderSecrets } from "./sender-secrets.ts";

export const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

export interface TestGateway extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly bus: MemoryBus;
  readonly spending: SpendLedger;
  readonly operatorToken: string;
  readonly githubSecret: string;
  readonly secrets: { readonly demo: string; readonly demoNext: string; readonly other: string };
  /** Posts a body signed as `demo`, or as told. */
  readonly deliver: (
    url: string,
    body: string,
    options?: SignOptions,
  ) => Promise<LightMyRequestResponse>;
  readonly submit: (body: object, options?: SignOptions) => Promise<LightMyRequestResponse>;
  readonly operate: (
    method: "GET" | "POST" | "PATCH",
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
  /** Takes every message out of an inbox. */
  readonly messages: (inbox: string) => Promise<Message[]>;
  /** What the gateway takes proposed changes in with. */
  readonly taking: TakingPulls;
}

/** Who may act beside the holder of the shared token. */
export const people = [
  { name: "vera", roles: ["viewer"] },
  { name: "otto", roles: ["operator"] },
  { name: "ada", roles: ["approver"] },
  { name: "bob", roles: ["approver"] },
  { name: "root", roles: ["admin"] },
] as const satisfies readonly Operator[];
type Person = (typeof people)[number]["name"];
const tokens = new Map(people.map(({ name }) => [name as string, randomBytes(24).toString("hex")]));
const tokenOf = (name: string) => tokens.get(name) ?? "";
/** The header by which a person is known. */
export const as = (name: Person) => ({ authorization: `Bearer ${tokenOf(name)}` });

export interface SignOptions {
  readonly id?: string;
  readonly sender?: string;
  readonly secret?: string;
  readonly at?: Date;
  readonly contentType?: string;
  /** Over everything else; undefined takes a header away. */
  readonly headers?: Record<string, string | undefined>;
}

export interface TestGatewayOptions {
  readonly bus?: Bus;
  readonly backpressureLimit?: number;
  readonly repositories?: readonly Record<string, unknown>[];
  readonly limits?: { readonly rollbackTimeoutMs: number; readonly accuracyThreshold: number };
  readonly readAccess?: "token" | "open";
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  readonly mirrorsFolder?: string;
  readonly hasGithub?: boolean;
  /** Default: that of GitHub. */
  readonly gitlabSecret?: string;
  readonly otlpToken?: string;
  readonly pageFolder?: string;
  readonly busLimitMs?: number;
  readonly streaming?: GatewayDeps["streaming"];
  readonly caps?: SpendCaps;
  readonly drills?: DrillReports;
  readonly onRoute?: (route: string) => void;
}

export const samplePatch = {
  repository: "sample",
  base: "a".repeat(40),
  diff: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n",
  title: "count to two",
  author: "ada",
};

export async function testGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const githubSecret = randomBytes(24).toString("hex");
  const { gitlabSecret = githubSecret } = options;
  const memory = memoryBus({
    partitions: 4,
    backpressureLimit: options.backpressureLimit ?? 0,
  });
  const bus = options.bus ?? memory;
  const parsed = repositoriesSchema.parse({
    repositories: options.repositories ?? [
      { id: "sample", remote: "/nowhere" },
      { id: "other/one", remote: "/nowhere" },
    ],
  });
  const loaded = new Map(parsed.repositories.map((config) => [config.id, config]));
  const repositories = guardRepositories(
    loaded,
    options.limits ?? { rollbackTimeoutMs: 90_000, accuracyThreshold: 0.95 },
  );
  const secrets = { demo: newSecret(), demoNext: newSecret(), other: newSecret() };
  const operatorToken = randomBytes(24).toString("hex");
  const call = boundedBus(
    bus,
    options.busLimitMs === undefined ? {} : { limitMs: options.busLimitMs },
  );
  const feed = await LedgerFeed.open(memory, (error) => {
    throw error;
  });
  const spending = memorySpendLedger({ caps: options.caps ?? { day: 500_000 } });
  const metrics = createMetrics("gateway", { hasProcessMetrics: false });
  const drills = {
    read: async () => options.drills ?? { kind: "intact" as const, reports: [] },
    withinMs: 30 * 86_400_000,
  };
  const mirrors = mirrorsOf(loaded, options.mirrorsFolder);
  const taking = { call, repositories, mirrors, forges: openForges(loaded), clock: Date.now };
  const app = await buildGateway({
    ...taking,
    partitions: bus.partitions,
    secrets: readSenderSecrets(
      `demo=${secrets.demo},demo=${secrets.demoNext},other=${secrets.other}`,
    ),
    githubSecret: options.hasGithub === false ? undefined : githubSecret,
    giteaSecret: githubSecret,
    gitlabSecret,
    access: accessOf({
      operators: [
        { name: "operator", roles: ["admin"], tokenSha256: hashed(operatorToken), isShared: true },
        ...people.map(({ roles, name }) => ({ name, roles, tokenSha256: hashed(tokenOf(name)) })),
      ],
      readAccess: options.readAccess ?? "token",
      httpHost: "127.0.0.1",
    }),
    otlpToken: options.otlpToken,
    limit: senderLimit({ ...(options.rate ?? { perSecond: 1e6, burst: 1e6 }), clock: Date.now }),
    feed,
    spending,
    drills,
    drillQueue: memoryDrillQueue(),
    metrics: gatewayMetrics(metrics, {
      call,
      routes: routeNames,
      inboxes: inboxNames(repositories),
      refreshDrills: drillGauge(metrics, { drills, repositories, clock: Date.now }),
      refreshSpending: spendGauges(metrics, spending, paidHeads({ repositories })),
    }),
    log: createLog({ service: "gateway", level: "fatal" }),
    pageFolder: options.pageFolder ?? consoleFolder,
    shownSettings: [],
    ...(options.streaming ? { streaming: options.streaming } : {}),
    onRoute: options.onRoute,
  });
  const { deliver, operate } = clientsOf(app, secrets.demo, operatorToken);
  return {
    app,
    taking,
    bus: memory,
    spending,
    operatorToken,
    githubSecret,
    secrets,
    deliver,
    submit: (body, sign) => deliver(routes.patches, JSON.stringify(body), sign),
    operate,
    messages: (inbox) => takeAll(memory, inbox),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await feed.close();
      await memory.close();
    },
  };
}

function mirrorsOf(repositories: Parameters<typeof openMirrors>[0], folder?: string): Mirrors {
  if (folder !== undefined) return openMirrors(repositories, folder);
  return () => Promise.reject(new Error("no mirrors here"));
}

function clientsOf(
  app: FastifyInstance,
  secret: string,
  operatorToken: string,
): Pick<TestGateway, "deliver" | "operate"> {
  const deliver: TestGateway["deliver"] = (url, body, sign = {}) => {
    const id = sign.id ?? randomUUID();
    const at = sign.at ?? new Date();
    const signed: Record<string, string | undefined> = {
      "content-type": sign.contentType ?? "application/json",
      [names.sender]: sign.sender ?? "demo",
      [names.webhookId]: id,
      [names.webhookTimestamp]: String(Math.floor(at.getTime() / 1000)),
      [names.webhookSignature]: new Webhook(sign.secret ?? secret).sign(id, at, body),
      ...sign.headers,
    };
    return app.inject({ method: "POST", url, headers: present(signed), payload: body });
  };
  const operate: TestGateway["operate"] = (method, url, body, headers = {}) =>
    app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${operatorToken}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  return { deliver, operate };
}

function present(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** Takes everything out of an inbox, oldest first. */
async function takeAll(bus: MemoryBus, inbox: string): Promise<Message[]> {
  const depth = (await bus.depth()).filter((each) => each.inbox === inbox);
  let expected = depth.reduce((sum, each) => sum + each.length, 0);
  const messages: Message[] = [];
  if (expected === 0) return messages;
  const all = Promise.withResolvers<void>();
  const consumer = bus.consume({
    inbox,
    handler: async ({ message }) => {
      messages.push(message);
      return {};
    },
    onOutcome: ({ kind }) => {
      if (kind === "applied") expected -= 1;
      if (expected === 0) all.resolve();
    },
  });
  await all.promise;
  await consumer.stop();
  return messages;
}

/** Stores a state as a service would that consumes a message about it. */
export async function storeState(
  bus: MemoryBus,
  partition: number,
  subject: string,
  value: unknown,
): Promise<void> {
  const [inbox, id] = [`test-${randomUUID()}`, randomUUID()];
  const message = {
    v: 1 as const,
    id,
    type: "t",
    subject,
    correlationId: subject,
    at: 1,
    body: {},
  };
  await bus.send(partition, message, inbox, id);
  const expectedVersion = (await bus.readState(partition, subject))?.version ?? 0;
  const done = Promise.withResolvers<void>();
  const consumer = bus.consume({
    inbox,
    handler: async () => ({ state: { subject, expectedVersion, value: JSON.stringify(value) } }),
    onOutcome: () => done.resolve(),
  });
  await done.promise;
  await consumer.stop();
}

export interface Recorded {
  readonly patchId: string;
  readonly partition: number;
  readonly events: readonly PatchEvent[];
}

/** Writes a patch's events into state and ledger as the patch controller would. */
export function recordEvents(
  bus: MemoryBus,
  patchId: string,
  partition: number,
  events: readonly PatchEvent[],
): Promise<void> {
  return recordAll(bus, [{ patchId, partition, events }]);
}

/** As `recordEvents`, for many patches, each with one commit of its own. */
export async function recordAll(bus: MemoryBus, patches: readonly Recorded[]): Promise<void> {
  if (patches.length === 0) return;
  const inbox = `test-${randomUUID()}`;
  const byId = new Map(patches.map((patch) => [patch.patchId, patch]));
  for (const { patchId, partition } of patches) {
    const parts = { type: "t", subject: patchId, correlationId: patchId, at: 1, body: {} };
    const id = randomUUID();
    await bus.send(partition, { v: 1, id, ...parts }, inbox, id);
  }
  const done = Promise.withResolvers<void>();
  let open = patches.length;
  const consumer = bus.consume({
    inbox,
    handler: ({ message }) => outcomeOf(bus, byId.get(message.subject)),
    onOutcome: (event) => {
      if (event.kind === "applied") open -= 1;
      else if (event.kind === "failed") done.reject(event.error);
      if (open === 0) done.resolve();
    },
  });
  await done.promise;
  await consumer.stop();
}

async function outcomeOf(bus: MemoryBus, recorded: Recorded | undefined): Promise<Outcome> {
  if (!recorded) return {};
  const { patchId, partition, events } = recorded;
  const read = await bus.readState(partition, patchId);
  const before: { state?: PatchState; sequence: number } = read
    ? (JSON.parse(read.value) as { state: PatchState; sequence: number })
    : { sequence: 0 };
  const state = events.reduce<PatchState | undefined>(evolve, before.state);
  const entries = events.map((event, index): LedgerEntry => ({
    v: 1,
    patchId,
    sequence: before.sequence + index + 1,
    at: Date.now(),
    cause: "test",
    command: "test",
    correlationId: patchId,
    event,
    prev: "",
    digest: "",
  }));
  const value = { state, sequence: before.sequence + events.length, chainHead: "" };
  return {
    state: {
      subject: patchId,
      expectedVersion: read?.version ?? 0,
      value: JSON.stringify(value),
      ...(read ? {} : { indexScore: state?.patch.submittedAt ?? 0 }),
    },
    ledger: entries.map((entry) => JSON.stringify(entry)),
  };
}
