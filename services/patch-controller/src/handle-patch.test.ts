import { controlSubject, inboxes, type LedgerEntry, type StoredPatch } from "@council/contracts";
import { evolve, type PatchState } from "@council/domain";
import { digestOf, genesisDigest, verifyChain } from "@council/evidence";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  candidateOf,
  controllerOf,
  deliveryOf,
  messageOf,
  now,
  partition,
  patchId,
  patchOf,
} from "./example.ts";
import { handlePatch } from "./handle-patch.ts";

let council: ReturnType<typeof controllerOf>;
beforeEach(() => {
  council = controllerOf();
});
afterEach(() => council.stop());

const submit = (changes = {}) => ({ type: "submit", patch: patchOf(changes) });
const compared = {
  type: "record-comparison",
  base: patchOf().base,
  comparison: {
    kind: "compared",
    candidate: candidateOf(),
    variance: { kind: "measured", low: 0, high: 0 },
    critical: [],
  },
};

const rollback = { type: "request-rollback", actor: "ann", reason: "enough" };
const yes = { actor: "ann", reason: "why not", by: { name: "ann", roles: ["admin"] } };

describe("a command", () => {
  test("P5: leads to state, a chained ledger and messages, in one commit", async () => {
    const { id } = await council.tell(submit());
    await council.tell(compared);
    expect((await council.state())?.kind).toBe("auditing");
    const items = await council.bus.readLedger(partition, { count: 100 });
    const entries = items.map(({ entry }) => JSON.parse(entry) as LedgerEntry);
    expect(entries.map(({ event }) => event.type)).toEqual([
      "PatchSubmitted",
      "RenderRecorded",
      "ComparisonStarted",
      "ComparisonRecorded",
      "AuditStarted",
    ]);
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(entries[0]?.prev).toBe(genesisDigest);
    expect(verifyChain(entries).kind).toBe("intact");
    const replayed = entries.reduce<PatchState | undefined>(
      (state, { event }) => evolve(state, event),
      undefined,
    );
    expect(replayed).toEqual(await council.state());
    const compares = await council.sent(inboxes.diffEngine);
    expect(compares.map(({ id: each }) => each)).toEqual([`${id}.0`]);
    expect(await council.bus.listSubjects(partition, { limit: 5 })).toMatchObject([
      { subject: patchId, score: now },
    ]);
  });

  test("P1: delivered twice has one consequence", async () => {
    const message = await council.tell(submit());
    await council.tell(submit(), { id: message.id });
    expect(await council.events()).toHaveLength(3);
    expect(await council.sent(inboxes.diffEngine)).toHaveLength(1);
  });

  test("P1: decided twice from one state writes the same messages", async () => {
    const handling = {
      bus: council.bus,
      headKeys: new Map(),
      clock: () => now,
      readSuspensions: () => Promise.resolve([]),
      isFreezeExempt: () => Promise.resolve(false),
      onDecided: () => {},
      onRefused: () => {},
    };
    const delivery = deliveryOf(messageOf(submit()));
    expect(await handlePatch(handling, delivery)).toEqual(await handlePatch(handling, delivery));
  });

  test("that the state does not allow changes nothing and is told", async () => {
    await council.tell({ type: "approve", ...yes } as { type: string });
    await council.tell(submit());
    await council.tell({ type: "approve", ...yes } as { type: string });
    expect(council.refused).toEqual([
      "approve: no such patch",
      "approve: a patch that is comparing awaits no approval",
    ]);
    expect(await council.events()).toHaveLength(3);
  });

  test.each<[string, { type: string }]>([
    ["of no known type", { type: "land-at-once" }],
    ["with a field too many", { type: "supersede", by: "x", force: true } as { type: string }],
    ["without what it needs", { type: "record-comparison" }],
    [
      "an opening, which only the controller makes",
      { type: "record-opening", head: "rules", nonce: "n", opening: {} } as { type: string },
    ],
    ["a submission under another patch's name", submit({ id: "p03-zzzzzzzz" })],
  ])("P2: %s ends in the dead letters and stops nothing", async (_, body) => {
    await council.tell(body);
    const [letter, ...more] = await council.bus.deadLetters();
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ inbox: inboxes.patchController, partition, deliveryCount: 5 });
    expect(await council.state()).toBeUndefined();
    await council.tell(submit());
    expect((await council.state())?.kind).toBe("comparing");
  });

  test("a submission that supersedes tells the earlier patch in its own name", async () => {
    await council.tell(submit());
    const later = { id: "p03-bbbbbbbb", supersedes: patchId };
    await council.tell(submit(later), { subject: later.id });
    while ((await council.state())?.kind !== "superseded")
      await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await council.state()).toMatchObject({ kind: "superseded", by: later.id });
  });

  /** Writes a state past the controller, as one that was there before this version. */
  async function store(subject: string, value: unknown, place = partition): Promise<void> {
    const read = await council.bus.readState(place, subject);
    const state = { subject, expectedVersion: read?.version ?? 0, value: JSON.stringify(value) };
    const trigger = messageOf({ type: "x" }, { subject: "any" });
    const done = Promise.withResolvers<void>();
    const writer = council.bus.consume({
      inbox: "w",
      blockMs: 20,
      handler: () => Promise.resolve({ state }),
      onOutcome: () => done.resolve(),
    });
    await council.bus.send(place, trigger, "w", trigger.id);
    await done.promise;
    await writer.stop();
  }

  test("P4: a rollback is decided while landings are paused", async () => {
    await store(controlSubject, { isPaused: true }, 0);
    await council.tell(submit());
    await council.tell(rollback);
    expect((await council.state())?.kind).toBe("withdrawn");
  });

  test("P4, P6: a patch older than fields of the policy goes on, and stays under the policy that is signed for", async () => {
    await council.tell(submit());
    const { value = "" } = (await council.bus.readState(partition, patchId)) ?? {};
    const stored = JSON.parse(value) as StoredPatch;
    const { senderPaths: _, limits: __, freezes: ___, ...old } = stored.state.patch.policy;
    const patch = { ...stored.state.patch, policy: old };
    await store(patchId, { ...stored, state: { ...stored.state, patch } });
    await council.tell(compared);
    const [audit] = await council.sent(inboxes.auditor("rules"));
    expect(audit?.body).toMatchObject({ patch: { policyDigest: digestOf(old) } });
    expect((await council.state())?.patch.policy).toEqual(old);
    await council.tell(rollback);
    expect((await council.state())?.kind).toBe("withdrawn");
  });

  test("P8: a submission that an older version stored is taken up, with today's defaults", async () => {
    const { senderPaths: _, limits: __, ...old } = patchOf().policy;
    await council.tell({ type: "submit", patch: { ...patchOf(), policy: old } } as {
      type: string;
    });
    expect((await council.state())?.patch.policy).toEqual(patchOf().policy);
  });
});
