import { memoryBus } from "@council/bus";
import type { Deadline } from "@council/bus";
import {
  controlSubject,
  type GovernanceEntry as Entry,
  inboxes,
  laneSubject,
  patchCommandSchema,
  type TestAhead,
  testAheadSchema,
  readControl,
  recordSubject,
} from "@council/contracts";
import { defaultPolicy } from "@council/domain";
import { verifyChain } from "@council/evidence";
import { createLog, createMetrics } from "@council/runtime";
import { describe, expect, test } from "vitest";
import { armDeadline } from "./arm-deadline.ts";
import { handleControl, handleRecord, readGovernance, readLandingStop } from "./control.ts";
import { controllerMetrics } from "./controller-metrics.ts";
import { deliveryOf, messageOf, now, partition, patchId, patchOf } from "./example.ts";
import { handleLane } from "./handle-lane.ts";

const brief = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
const assigned = (effect: { type: string }, patch: object = {}, changes: object = {}) =>
  messageOf({ type: effect.type }, { body: { patch: { ...brief, ...patch }, effect }, ...changes });

describe("a deadline", () => {
  const effect = { type: "set-deadline", deadline: "watch", epoch: 7, dueAt: now + 5000 };

  test("P1: carries the epoch that set it, and is the same however often it is set", async () => {
    const armed: Deadline[] = [];
    const deadlines = {
      armDeadline: (deadline: Deadline) => Promise.resolve(void armed.push(deadline)),
    };
    const delivery = deliveryOf(assigned(effect));
    const ports = deadlines as unknown as Parameters<typeof armDeadline>[0];
    expect(await armDeadline(ports, delivery)).toEqual({});
    await armDeadline(ports, delivery);
    expect(armed[1]).toEqual(armed[0]);
    expect(armed[0]).toMatchObject({
      partition,
      subject: patchId,
      dueAt: now + 5000,
      inbox: inboxes.patchController,
      message: { body: { type: "reach-deadline", deadline: "watch", epoch: 7 } },
    });
    await expect(armDeadline(ports, deliveryOf(assigned({ type: "land" })))).rejects.toThrow(
      "not a deadline",
    );
  });
});

/** Works these messages off on one bus, in order, and answers what came of it. */
async function workOff(
  handler: (
    bus: ReturnType<typeof memoryBus>,
    delivery: ReturnType<typeof deliveryOf>,
  ) => Promise<object>,
  messages: readonly ReturnType<typeof messageOf>[],
  place = partition,
) {
  const bus = memoryBus();
  const consumer = bus.consume({
    inbox: "x",
    blockMs: 20,
    backoffMs: () => 1,
    handler: (delivery) => handler(bus, delivery),
  });
  for (const message of messages) await bus.send(place, message, "x", message.id);
  while ((await bus.depth()).some(({ inbox, length }) => inbox === "x" && length > 0))
    await new Promise((resolve) => setTimeout(resolve, 2));
  await consumer.stop();
  return bus;
}

describe("the control subject", () => {
  const said = (type: string, body: object = {}) =>
    messageOf(
      { type },
      { subject: controlSubject, body: { type, actor: "ann", reason: "a drill", ...body } },
    );
  const refused: string[] = [];
  const onRefused = (_: string, command: string, reason: string) =>
    void refused.push(`${command}: ${reason}`);
  const control = (bus: ReturnType<typeof memoryBus>, delivery: ReturnType<typeof deliveryOf>) =>
    handleControl({ bus, onRefused }, delivery, now);
  const known = { id: patchId, repository: "shop", author: "ann", sender: "ci" };
  const stopOf = (bus: ReturnType<typeof memoryBus>) => readLandingStop(bus, known, now);

  test("pauses and resumes, and remembers who said so, in a chain of its own (P5)", async () => {
    const paused = await workOff(control, [said("pause")], 0);
    const stop = { scope: { kind: "global" }, actor: "ann", reason: "a drill", since: now };
    expect(await stopOf(paused)).toEqual(stop);
    const stored = readControl((await paused.readState(0, controlSubject))?.value);
    const entries = (await paused.readLedger(0, { count: 9 })).map(
      ({ entry }) => JSON.parse(entry) as Entry,
    );
    expect(entries.map(({ event }) => event)).toEqual([{ type: "StopSet", stop }]);
    expect(verifyChain(entries)).toEqual({ kind: "intact", count: 1, head: stored?.chainHead });
    expect(await stopOf(await workOff(control, [said("pause"), said("resume")], 0))).toBe(
      undefined,
    );
    expect(await stopOf(memoryBus())).toBe(undefined);
  });

  test.for([
    [{ kind: "repository", name: "shop" }, true],
    [{ kind: "repository", name: "other" }, false],
    [{ kind: "author", name: "ann" }, true],
    [{ kind: "author", name: "ci" }, true],
    [{ kind: "patch", name: patchId }, true],
    [{ kind: "head", name: "rules" }, false],
  ] as const)("stops %o: the landing is stopped: %s", async ([scope, isMeant]) => {
    const bus = await workOff(control, [said("stop", { scope })], 0);
    expect((await stopOf(bus)) !== undefined).toBe(isMeant);
    const ended = await workOff(control, [said("stop", { scope, until: now + 5 })], 0);
    expect(await readLandingStop(ended, known, now + 5)).toBe(undefined);
  });

  test("what an older Council paused stays paused", async () => {
    const old = JSON.stringify({ isPaused: true, actor: "ann", reason: "r", at: 5 });
    expect(readControl(old)?.state.stops).toMatchObject([{ actor: "ann", since: 5 }]);
    expect(readControl(JSON.stringify({ isPaused: false }))?.state.stops).toEqual([]);
  });

  test("a word nobody would read, or that is none, ends in the dead letters; one without effect is told", async () => {
    const elsewhere = await workOff(control, [said("pause")], 4);
    expect(await elsewhere.deadLetters()).toHaveLength(1);
    expect(await elsewhere.readState(4, controlSubject)).toBeUndefined();
    const malformed = await workOff(control, [said("pause", { until: 5 }), said("stop")], 0);
    expect(await malformed.deadLetters()).toHaveLength(2);
    expect(await stopOf(malformed)).toBe(undefined);
    await workOff(control, [said("resume")], 0);
    expect(refused).toEqual(["resume: all landings is not stopped"]);
  });
});

describe("the record of a repository", () => {
  const subject = recordSubject("shop");
  const record = (bus: ReturnType<typeof memoryBus>, delivery: ReturnType<typeof deliveryOf>) =>
    handleRecord({ bus, onRefused: () => undefined }, delivery, now);
  const change = { patchId, semanticDigest: "5".repeat(64), reason: "slow", at: now };
  const { limits } = defaultPolicy;
  const note = { patchId, author: "ci", at: now };
  const reverted = assigned(
    { type: "note-revert", repository: "shop", ...note, isAutomatic: true, change, limits } as {
      type: string;
    },
    {},
    { subject },
  );

  test("notes landings and reverts once, and lets an operator release the change (P1)", async () => {
    const landed = assigned({ type: "note-landing", ...note } as { type: string }, {}, { subject });
    const place = memoryBus().partitionOf("shop");
    const bus = await workOff(record, [landed, reverted, { ...reverted, id: "again" }], place);
    const { record: kept } = await readGovernance(bus, "shop");
    expect(kept).toMatchObject({ landings: [note], reverts: [note], refused: [change], stops: [] });
    const release = messageOf(
      { type: "release-change" },
      { subject, body: { type: "release-change", patchId, actor: "otto", reason: "fixed" } },
    );
    const freed = await workOff(record, [reverted, release], place);
    expect((await readGovernance(freed, "shop")).record.refused).toEqual([]);
    const entries = (await freed.readLedger(place, { count: 9 })).map(
      ({ entry }) => JSON.parse(entry) as Entry,
    );
    expect(entries.map(({ event }) => event.type)).toEqual(["ChangeRefused", "ChangeReleased"]);
    expect(verifyChain(entries).kind).toBe("intact");
  });
});

describe("a lane", () => {
  const subject = laneSubject("shop", "main");
  const ask = (type: string, id: string, epoch: number, more = {}) =>
    assigned({ type, epoch, ...more } as { type: string }, { id }, { subject, correlationId: id });
  const lane = (bus: ReturnType<typeof memoryBus>, delivery: ReturnType<typeof deliveryOf>) =>
    handleLane(bus, delivery, now);

  test("P1: is granted to one patch at a time, each with a higher token", async () => {
    const messages = [
      ask("request-lane", "p03-aaaaaaaa", 1),
      ask("request-lane", "p03-bbbbbbbb", 1),
      ask("release-lane", "p03-aaaaaaaa", 2, { isDiscovery: true }),
    ];
    const bus = await workOff(lane, messages);
    const grants: unknown[] = [];
    const reader = bus.consume({
      inbox: inboxes.patchController,
      blockMs: 20,
      handler: ({ message: { id, subject: patch, body } }) => {
        grants.push([id, patch, body]);
        return Promise.resolve({});
      },
    });
    await bus.quiet();
    await reader.stop();
    expect(grants).toEqual([
      [`${messages[0]?.id}.g`, "p03-aaaaaaaa", { type: "grant-lane", token: 1, discoveries: 0 }],
      [`${messages[2]?.id}.g`, "p03-bbbbbbbb", { type: "grant-lane", token: 2, discoveries: 1 }],
    ]);
    expect(JSON.parse((await bus.readState(partition, subject))?.value ?? "")).toMatchObject({
      token: 2,
      discoveries: 1,
      occupant: { patchId: "p03-bbbbbbbb" },
      waiting: [],
    });
  });

  test("P5: tells who is to go back for harm, and who is watched anew after it", async () => {
    const [one, other] = ["p03-aaaaaaaa", "p03-bbbbbbbb"] as const;
    const share = (path: string) => ({
      maxLive: 2,
      claim: { tier: "service", paths: [path], symbols: [], uses: [] },
      variance: 0,
    });
    const observation = { kind: "breach", at: now, why: "slow", readings: [] };
    const harm = { stage: "target", token: 1, observation, touches: [] };
    const say = (type: string, id: string, epoch: number, more: object = {}) =>
      assigned(
        { type, ...more, epoch } as { type: string },
        { id },
        { subject, correlationId: id },
      );
    const bus = await workOff(lane, [
      say("request-lane", one, 1, { share: share("a") }),
      say("share-lane", one, 2, { landedAt: 1 }),
      say("request-lane", other, 1, { share: share("b") }),
      say("share-lane", other, 2, { landedAt: 2 }),
      say("report-harm", one, 3, { harm }),
      say("release-lane", other, 4),
    ]);
    const told: Record<string, unknown[]> = { [one]: [], [other]: [] };
    const reader = bus.consume({
      inbox: inboxes.patchController,
      blockMs: 20,
      handler: ({ message: { subject: patch, body } }) => {
        // What the patch could not take would leave it waiting.
        told[patch]?.push(patchCommandSchema.parse(body));
        return Promise.resolve({});
      },
    });
    await bus.quiet();
    await reader.stop();
    expect(told).toMatchObject({
      [one]: [{ type: "grant-lane" }, { type: "watch-anew", token: 3 }],
      [other]: [
        { type: "grant-lane", beside: [one] },
        { type: "take-blame", observation, ranking: [{ patchId: other }, { patchId: one }] },
      ],
    });
  });

  test("P2: tells the heads that run suites which tree is likely, and the patch nothing of it", async () => {
    const say = (id: string, diff: string) => {
      const work = { base: "b".repeat(40), diff, heads: ["proof", "guard"], places: 1 };
      const asked = { type: "request-lane", epoch: 1, work };
      return assigned(asked, { id }, { subject, correlationId: id });
    };
    const [first, second] = ["1".repeat(64), "2".repeat(64)] as const;
    const bus = await workOff(lane, [say("p03-aaaaaaaa", first), say("p03-bbbbbbbb", second)]);
    const heard: [string, TestAhead][] = [];
    const told: unknown[] = [];
    const reader = (inbox: string, hear: (patch: string, body: unknown) => void) =>
      bus.consume({
        inbox,
        blockMs: 20,
        handler: ({ message: { subject: patch, body } }) => {
          hear(patch, body);
          return Promise.resolve({});
        },
      });
    const readers = [
      reader(inboxes.patchController, (patch, body) => told.push([patch, body])),
      ...["proof", "guard"].map((head) =>
        reader(inboxes.ahead(head), (patch, body) =>
          heard.push([`${head} ${patch}`, testAheadSchema.parse(body)]),
        ),
      ),
    ];
    await bus.quiet();
    await Promise.all(readers.map((reader) => reader.stop()));
    const diffs = [
      { patchId: "p03-aaaaaaaa", diff: first },
      { patchId: "p03-bbbbbbbb", diff: second },
    ];
    const body = { repository: "shop", base: "b".repeat(40), diffs };
    expect(heard.toSorted(([one], [other]) => (one < other ? -1 : 1))).toEqual([
      ["guard p03-bbbbbbbb", body],
      ["proof p03-bbbbbbbb", body],
    ]);
    expect(told).toMatchObject([["p03-aaaaaaaa", { type: "grant-lane" }]]);
  });

  test("another message is refused", async () => {
    await expect(
      handleLane(memoryBus(), deliveryOf(assigned({ type: "land" })), now),
    ).rejects.toThrow("not for a lane");
  });
});

describe("what people see", () => {
  const lines: string[] = [];
  const log = createLog({ service: "t", level: "debug" });
  const quiet = {
    ...log,
    info: (...words: unknown[]) => void lines.push(JSON.stringify(words)),
    warn: (...words: unknown[]) => void lines.push(JSON.stringify(words)),
  } as typeof log;

  test("decisions are counted, and no patch id is ever a label", async () => {
    const metrics = createMetrics("t", { hasProcessMetrics: false });
    const { onDecided, onRefused } = controllerMetrics(metrics, quiet, ["rules", "proof"]);
    const observation = {
      kind: "breach",
      at: now,
      why: "slow",
      ruleId: "r",
      readings: [{ ruleId: "r", metric: "latency_regression" }],
    } as never;
    const cause = { kind: "breach", stage: "canary", observation } as const;
    const events = [
      { type: "PatchSubmitted", patch: patchOf() },
      { type: "WatchStarted", stage: "canary" },
    ] as const;
    const round = [
      { type: "AuditStarted" },
      { type: "VotesUnsealed", heads: ["rules"], absent: ["proof"] },
      { type: "VoteRecorded", vote: { head: "rules", verdict: "approve" }, key: "k" },
      { type: "VoteRecorded", vote: { head: patchId, verdict: "reject" }, key: "k" },
    ] as never[];
    const verdict = { type: "VerdictReached" } as never;
    const revert = { type: "RevertStarted", cause, effectId: "e", at: now } as const;
    const decided = { patchId, before: undefined, state: undefined };
    onDecided({ ...decided, events: [...events, ...round], at: now });
    onDecided({ ...decided, events: [verdict, revert], at: now + 4000 });
    onDecided({ ...decided, events: [verdict, revert], at: now + 9000 });
    onRefused(patchId, "approve", "no");
    const text = await metrics.expose();
    expect(text).toContain('council_patch_events_total{type="PatchSubmitted",service="t"} 1');
    expect(text).toContain('gemini_rollback_triggered_total{reason="latency",service="t"} 2');
    expect(text).toContain('council_votes_total{head="rules",verdict="approve",service="t"} 1');
    expect(text).toContain('council_votes_total{head="other",verdict="reject",service="t"} 1');
    expect(text).toContain('council_heads_silent_total{head="proof",service="t"} 1');
    // What began in another process is not timed.
    expect(text).toContain('council_quorum_seconds_count{service="t"} 1');
    expect(text).toContain('council_quorum_seconds_sum{service="t"} 4');
    expect(text).toContain('council_detection_seconds_sum{service="t"} 4');
    expect(text).toContain('council_commands_refused_total{service="t"} 1');
    expect(text).not.toContain(patchId);
  });
});
