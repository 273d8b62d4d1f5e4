/** Watches fed from a source, over a bus in memory and a server that speaks Prometheus' query API. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryBus, type MemoryBus } from "@council/bus";
import {
  inboxes,
  patchCommandSchema,
  type SampleSource,
  sampleSourceSchema,
} from "@council/contracts";
import { conclude, type Observation, observe, type Rule } from "@council/domain";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handleWatch } from "../handle-watch.ts";
import { lookAtSources } from "./look-at-sources.ts";
import { type Seen, sightAfter } from "./sight.ts";

const patchId = "p03-abcdefgh";
const patch = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
const rule: Rule = {
  id: "accuracy-floor",
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit: 0.95,
  minSamples: 60,
  windowSamples: 400,
  confirmations: 1,
  isRequired: true,
};

let bus: MemoryBus;
let value: string | undefined;
let source: SampleSource;
let turns: string[];
let told: Observation[];
let looks: number;
let stopping: AbortController;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  [bus, value, turns, told, looks] = [memoryBus(), "0.99", [], [], 0];
  stopping = new AbortController();
  const server = createServer((_, response) => {
    looks += 1;
    const result = value === undefined ? [] : [{ metric: {}, value: [Date.now() / 1000, value] }];
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => bus.close());
  stack.defer(() => server.close().closeAllConnections());
  source = sampleSourceSchema.parse({
    kind: "prometheus",
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intervalMs: 250,
    staleAfterMs: 1000,
    queries: [{ metric: "accuracy", unit: "ratio", mode: "instant", canary: "c" }],
  });
  startConsumers();
});
afterEach(async () => {
  stopping.abort();
  await stack.disposeAsync();
});

function startConsumers(): void {
  const sourcesOf = (repository: string) => (repository === "shop" ? [source] : []);
  const shared = { bus, clock: Date.now, sourcesOf };
  const ignore = () => undefined;
  const watching = {
    ...shared,
    observer: { observe, conclude },
    onLook: ignore,
    onUnwatched: ignore,
  };
  const onSeen = (name: string, kind: string, { hasChanged }: { hasChanged: boolean }) => {
    if (hasChanged) turns.push(`${name} ${kind}`);
  };
  const looking = { ...shared, stopping: stopping.signal, onSeen };
  const consume = (inbox: string, handler: Parameters<MemoryBus["consume"]>[0]["handler"]) => {
    const consumer = bus.consume({ inbox, blockMs: 20, handler });
    stack.defer(() => consumer.stop());
  };
  consume(inboxes.streamingAuditor, (delivery) => handleWatch(watching, delivery));
  consume(inboxes.sampleSources, (delivery) => lookAtSources(looking, delivery));
  consume(inboxes.patchController, async ({ message }) => {
    const command = patchCommandSchema.parse(message.body);
    if (command.type === "record-observation") told.push(command.observation);
    return {};
  });
}

let count = 0;
async function tell(type: string, more: object = {}, repository = "shop") {
  const at = Date.now();
  const effect = { type, stage: "canary", token: 4, ...more };
  const body = { patch: { ...patch, repository }, effect };
  const message = { v: 1 as const, id: `m${(count += 1)}`, type, subject: patchId, at, body };
  const addressed = { ...message, correlationId: patchId };
  await bus.send(3, addressed, inboxes.streamingAuditor, message.id);
}
const watch = (changes: object, repository?: string) =>
  tell("watch", { rules: [{ ...rule, ...changes }], watchMinMs: 0 }, repository);
const eventually = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

test("a source feeds the watch look by look, and a breach ends the looks", async () => {
  await watch({ minSamples: 3 });
  await eventually(() => expect(looks).toBe(2));
  value = "0.2";
  await eventually(() => expect(told).toMatchObject([{ kind: "breach" }]));
  expect(told[0]?.readings[0]?.canarySamples).toBe(3);
  await bus.quiet(); // no look is left that would go on
});

test("P3: a source that went quiet is blind, and the watch inconclusive, not healthy", async () => {
  await watch({ minSamples: 2, windowSamples: 100 });
  await eventually(() => expect(told).toMatchObject([{ kind: "healthy" }]));
  await watchAgain();
  value = "NaN";
  await eventually(() => expect(turns.at(-1)).toBe("prometheus blind"));
  await tell("conclude-watch", { token: 5 });
  await eventually(() => expect(told).toHaveLength(2));
  expect(told[1]).toMatchObject({
    kind: "inconclusive",
    why: expect.stringMatching(/^blind: prometheus shows nothing since /) as string,
  });
  value = "0.99";
  await eventually(() => expect(told.at(-1)?.kind).toBe("healthy"));
  expect(turns).toEqual([
    "prometheus seeing",
    "prometheus seeing",
    "prometheus blind",
    "prometheus seeing",
  ]);
});

/** The next watch, old enough to be healthy by its samples alone, had its source not gone blind. */
async function watchAgain() {
  await tell("watch", {
    token: 5,
    rules: [{ ...rule, minSamples: 1, windowSamples: 100 }],
    watchMinMs: 1200,
  });
  const before = looks;
  await eventually(() => expect(looks).toBeGreaterThan(before + 1));
}

test("a watch without a source, and one that was stopped, is not looked at", async () => {
  await watch({}, "other");
  await bus.quiet();
  expect(looks).toBe(0);
  await tell("watch", { token: 6, rules: [rule], watchMinMs: 0 });
  await eventually(() => expect(looks).toBeGreaterThan(0));
  await tell("stop-watch", { token: 6 });
  await bus.quiet();
});

test("a look that fails is not blindness yet; time without a value is, from the beginning on", () => {
  const seen: Seen = { name: "p", staleAfterMs: 1000, reason: "it cannot be reached" };
  const young = sightAfter(undefined, seen, { at: 5900, startedAt: 5000 });
  expect(young).toEqual({ name: "p", kind: "seeing", since: 5900, lastSeenAt: 5000 });
  const blind = sightAfter(young, seen, { at: 6100, startedAt: 5000 });
  expect(blind).toMatchObject({ kind: "blind", since: 6100, reason: "it cannot be reached" });
  expect(sightAfter(blind, seen, { at: 7100, startedAt: 5000 })).toEqual(blind);
  const back = sightAfter(blind, { ...seen, newestAt: 7000 }, { at: 7100, startedAt: 5000 });
  expect(back).toEqual({ name: "p", kind: "seeing", since: 7100, lastSeenAt: 7000 });
});
