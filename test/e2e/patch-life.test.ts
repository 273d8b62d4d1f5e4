/** The story of a patch, told on real processes, a real Redis, real git and real HTTP. */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headers, partitionOfPatch, routes, type StoredPatch, trailers } from "@council/contracts";
import { evolve, type PatchState } from "@council/domain";
import { digestOf, verifyChain } from "@council/evidence";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstFiles, startWorld, type World } from "./council-world.ts";
import { commitsOf, filesAt, treeAt } from "./git-desk.ts";
import { eventsOf, has, isAtRest, story } from "./ledger-book.ts";

const stageEvents = ["LaneRequested", "LandingStarted", "Landed", "WatchStarted", "StagePassed"];
const by = { actor: "operator", reason: "the test asks" };
const canary = "council/canary";
const task = { title: "Add subtraction", instructions: "Add a function that subtracts." };
const repositories = {
  good: {},
  slow: {},
  twice: {},
  broken: {},
  secret: {},
  revised: { autonomy: "recommend" },
  moved: {},
  conflict: {},
  settled: {},
  unwatched: {
    stages: [
      { name: "canary", branch: canary, watchMinMs: 100, watchMaxMs: 600 },
      { name: "target", watchMinMs: 100, watchMaxMs: 600 },
    ],
    maxExtensions: 1,
  },
  paused: {},
} as const;

let world: World;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "council-world-"));
  world = await startWorld({
    dir,
    repositories,
    builders: (["a", "b"] as const).map((slot) => ({
      slot,
      provider: "recorded" as const,
      family: `family-${slot}`,
      recordings: recordingsOf(dir, slot),
    })),
    env: { COUNCIL_CLAIM_IDLE: "2s" },
  });
});

afterAll(async () => {
  const left = await world.stop();
  if (left.length > 0) throw new Error(left.join("\n"));
});

const subtraction = `${firstFiles["src/add.js"]}export const subtract = (a, b) => a - b;\n`;

/** Both builders found the same solution; only their layout differs. */
function recordingsOf(dir: string, slot: "a" | "b"): string {
  const folder = join(dir, `recordings-${slot}`);
  mkdirSync(folder, { recursive: true });
  const content = slot === "a" ? subtraction : subtraction.replace("(a, b) => a - b", "(a,b)=>a-b");
  const recording = { files: { "src/add.js": content } };
  writeFileSync(join(folder, `${digestOf(task)}.json`), JSON.stringify(recording));
  return folder;
}

/** Adds a file that nothing else touches. */
const feature = (name: string) => ({ [`src/${name}.js`]: `export const ${name} = 1;\n` });

async function submitGood(repository: string, name: string): Promise<string> {
  const id = await world.submit(await world.draft(repository, feature(name)));
  world.feed.conduct(id, () => "good");
  return id;
}

async function atRest(id: string, ending: "Settled" | "Reverted" | "Rejected") {
  const entries = await world.book.until(id, "at rest", isAtRest);
  if (entries.at(-1)?.event.type !== ending)
    throw new Error(`${id} ended otherwise than ${ending}:\n${story(entries)}`);
  return entries;
}

async function rollBack(id: string) {
  const reply = await world.client.act(id, "rollback", by);
  expect(reply.status).toBe(202);
}

/** What of a patch is on the branches of its repository. */
async function landedOf(repository: string, id: string) {
  const remote = world.remote(repository);
  const commits = [...(await commitsOf(remote, canary)), ...(await commitsOf(remote, "main"))];
  return commits.filter(({ trailers: own }) => own[trailers.patch] === id);
}

describe.concurrent("a patch's life", () => {
  it("lands stage by stage what was rendered, compared and voted for, and settles (P2, P9)", async () => {
    const remote = world.remote("good");
    const base = (await remote.head()) ?? "";
    const id = await world.submit({
      repository: "good",
      base,
      title: task.title,
      author: "agent",
      task,
      sheet: { paths: ["src/**"] },
    });
    world.feed.conduct(id, () => "good");
    const entries = await atRest(id, "Settled");
    expect(
      entries.map(({ event }) => event.type).filter((type) => !type.startsWith("Vote")),
    ).toEqual([
      "PatchSubmitted",
      "RenderingStarted",
      "RenderRecorded",
      "RenderRecorded",
      "ComparisonStarted",
      "ComparisonRecorded",
      "AuditStarted",
      "VerdictReached",
      ...stageEvents,
      ...stageEvents,
      "Settled",
    ]);
    const [audit] = eventsOf(entries, "AuditStarted");
    const { candidate, requirement } = audit!;
    // The renders differ in their layout alone, so no more than the usual quorum is asked for.
    expect(requirement).toEqual({ approvals: 2, reasons: [] });
    const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => vote);
    expect(votes.map(({ head }) => head).sort()).toEqual(["contract", "proof", "rules"]);
    expect(votes.every((vote) => vote.digest === candidate.digest)).toBe(true);
    for (const branch of [canary, "main"]) {
      const [commit] = await commitsOf(remote, branch);
      expect(commit?.tree).toBe(candidate.tree);
      expect(commit?.trailers).toMatchObject({
        [trailers.patch]: id,
        [trailers.stage]: branch === "main" ? "target" : "canary",
        [trailers.auditedTree]: candidate.tree,
        [trailers.decision]: candidate.digest,
      });
    }
    expect(await remote.text("src/add.js")).toBe(subtraction);
    const { body } = await world.client.patch(id);
    expect(body).toMatchObject({ id, kind: "settled", auditHash: candidate.digest });
    expect((body as { timeline: unknown[] }).timeline).toHaveLength(entries.length);
  });

  it("takes back what makes users wait, and says why (P5, P9)", async () => {
    const remote = world.remote("slow");
    const before = await treeAt(remote, "main");
    const id = await world.submit(await world.draft("slow", feature("slow")));
    world.feed.conduct(id, (stage) => (stage === "canary" ? "good" : "slow"));
    const entries = await atRest(id, "Reverted");
    const [{ cause } = { cause: undefined }] = eventsOf(entries, "RevertStarted");
    expect(cause).toMatchObject({
      kind: "breach",
      stage: "target",
      observation: { kind: "breach", ruleId: "latency-p95" },
    });
    const reading = cause?.kind === "breach" ? cause.observation.readings : [];
    expect(reading.find(({ ruleId }) => ruleId === "latency-p95")).toMatchObject({
      canary: 30,
      baseline: 10,
      verdict: "breach",
    });
    const landings = eventsOf(entries, "Landed").map(({ landing }) => landing);
    expect(landings.map(({ branch }) => branch)).toEqual([canary, "main"]);
    const [{ reverts } = { reverts: [] }] = eventsOf(entries, "Reverted");
    expect(reverts.map(({ branch, restored }) => [branch, restored])).toEqual([
      ["main", "exact"],
      [canary, "exact"],
    ]);
    for (const { branch, commit } of landings) {
      const [revert] = await commitsOf(remote, branch);
      expect(await treeAt(remote, branch)).toBe(before);
      expect(revert?.trailers).toMatchObject({
        [trailers.reverts]: commit,
        [trailers.patch]: id,
      });
      expect(revert?.message).toContain(cause?.kind === "breach" ? cause.observation.why : "?");
    }
    expect((await world.client.patch(id)).body).toMatchObject({
      kind: "reverted",
      why: expect.stringContaining("target: "),
    });
  });

  it("refuses a delivery that is unsigned, badly signed, or by a stranger", async () => {
    const body = JSON.stringify(await world.draft("twice", feature("unsigned")));
    const post = async (extra: Record<string, string>) => {
      const response = await fetch(new URL(routes.patches, world.stack.url), {
        method: "POST",
        body,
        headers: { "content-type": "application/json", ...extra },
      });
      await response.arrayBuffer();
      return response.status;
    };
    const stamp = {
      [headers.webhookId]: randomUUID(),
      [headers.webhookTimestamp]: String(Math.floor(Date.now() / 1000)),
      [headers.webhookSignature]: `v1,${Buffer.alloc(32).toString("base64")}`,
    };
    expect(await post({})).toBe(401);
    expect(await post({ ...stamp, [headers.sender]: world.stack.secrets.sender })).toBe(401);
    expect(await post({ ...stamp, [headers.sender]: "stranger" })).toBe(401);
  });

  it("makes one patch of a hundred identical deliveries (P1)", async () => {
    const submission = await world.draft("twice", feature("once"));
    const webhookId = randomUUID();
    const ids = await Promise.all(
      Array.from({ length: 100 }, () => world.submit(submission, webhookId)),
    );
    expect(new Set(ids).size).toBe(1);
    const [id = ""] = ids;
    world.feed.conduct(id, () => "good");
    const entries = await atRest(id, "Settled");
    expect(eventsOf(entries, "PatchSubmitted")).toHaveLength(1);
    expect(await landedOf("twice", id)).toHaveLength(2);
    const listed = await world.bus.listSubjects(world.bus.partitionOf("twice"), { limit: 100 });
    expect(listed.filter(({ subject }) => subject === id)).toHaveLength(1);
    // The same body under another delivery id is the same patch too.
    expect(await world.submit(submission)).toBe(id);
  });

  it("never lands what fails its own tests (P2)", async () => {
    const wrong = { "src/add.js": "export const add = (a, b) => a - b;\n" };
    const id = await world.submit(await world.draft("broken", wrong));
    world.feed.conduct(id, () => "good");
    const entries = await atRest(id, "Rejected");
    const proof = eventsOf(entries, "VoteRecorded").find(({ vote }) => vote.head === "proof");
    expect(proof?.vote).toMatchObject({ verdict: "reject" });
    expect(proof?.vote.findings).toMatchObject([{ ruleId: "tests-fail", isHard: true }]);
    expect(await landedOf("broken", id)).toEqual([]);
    expect(await world.remote("broken").head(canary)).toBeUndefined();
  });

  it("never lands a secret, whoever approves it (P10)", async () => {
    const key = ["AKIA", "Q3EGRPTT5ZWMNO2X"].join("");
    const files = { "src/cloud.js": `export const key = "${key}";\n` };
    const id = await world.submit(await world.draft("secret", files));
    const entries = await atRest(id, "Rejected");
    const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => vote);
    expect(votes.filter(({ verdict }) => verdict === "approve")).toHaveLength(2);
    expect(votes.find(({ head }) => head === "rules")?.findings).toMatchObject([
      { ruleId: "secret", isHard: true, path: "src/cloud.js" },
    ]);
    expect((await world.client.act(id, "approve", by)).status).toBe(202);
    expect(await landedOf("secret", id)).toEqual([]);
  });

  it("lets a newer revision take over, with votes of its own (P6)", async () => {
    const revision = async (text: string) =>
      world.submit(
        await world.draft("revised", { "src/x.js": text }, { externalId: "pull-request/7" }),
      );
    const first = await revision("export const x = 1;\n");
    const held = await world.book.until(first, "held", has("Held"));
    const second = await revision("export const x = 2;\n");
    await world.book.until(first, "superseded", has("Superseded"));
    const heldToo = await world.book.until(second, "held", has("Held"));
    const digests = [held, heldToo].map(
      (entries) => eventsOf(entries, "AuditStarted")[0]?.candidate.digest,
    );
    expect(digests[0]).not.toBe(digests[1]);
    expect(eventsOf(heldToo, "VoteRecorded").map(({ vote }) => vote.digest)).toEqual(
      Array.from({ length: 3 }, () => digests[1]),
    );
    world.feed.conduct(second, () => "good");
    expect((await world.client.act(second, "approve", by)).status).toBe(202);
    await atRest(second, "Settled");
    expect(await world.remote("revised").text("src/x.js")).toBe("export const x = 2;\n");
    expect(await landedOf("revised", first)).toEqual([]);
  });

  it("audits anew what lost its base to a push, and then lands that (P6, P9)", async () => {
    const remote = world.remote("moved");
    const id = await world.submit(await world.draft("moved", feature("late")));
    await world.book.until(id, "on canary", has("WatchStarted"));
    await remote.commit({ files: { "src/direct.js": "export const direct = 1;\n" } });
    world.feed.conduct(id, () => "good");
    const entries = await atRest(id, "Settled");
    const audits = eventsOf(entries, "AuditStarted").map(({ candidate }) => candidate);
    expect(eventsOf(entries, "BaseMoved")).toHaveLength(1);
    expect(audits).toHaveLength(2);
    expect(audits[1]?.base).not.toBe(audits[0]?.base);
    expect(audits[1]?.digest).not.toBe(audits[0]?.digest);
    const [tip] = await commitsOf(remote, "main");
    expect(tip).toMatchObject({ tree: audits[1]?.tree, parents: [audits[1]?.base] });
    expect([...(await filesAt(remote, "main")).keys()]).toEqual(
      expect.arrayContaining(["src/direct.js", "src/late.js"]),
    );
    expect(await treeAt(remote, canary)).toBe(tip?.tree);
  });

  it("leaves later work alone where a revert would undo it, and shows both sides", async () => {
    const remote = world.remote("conflict");
    const landed = "export const add = (a, b) => b + a;\n";
    const later = "export const add = (a, b) => 0 + a + b;\n";
    const id = await world.submit(await world.draft("conflict", { "src/add.js": landed }));
    world.feed.conduct(id, () => "good");
    await atRest(id, "Settled");
    const pushed = await remote.commit({ files: { "src/add.js": later } });
    await rollBack(id);
    const entries = await world.book.until(id, "blocked", has("RevertBlocked"));
    const [blocked] = eventsOf(entries, "RevertBlocked");
    expect(blocked?.hunks).toMatchObject([{ branch: "main", path: "src/add.js", ours: later }]);
    // The other side is what the revert would put there.
    expect(Object.values(blocked!.hunks[0]!)).toContain(firstFiles["src/add.js"]);
    expect(await remote.head()).toBe(pushed);
    // A person clears the way; the rollback then goes through.
    await remote.commit({ files: { "src/add.js": landed } });
    await rollBack(id);
    await world.book.until(id, "reverted", has("Reverted"));
    expect(await remote.text("src/add.js")).toBe(firstFiles["src/add.js"]);
  });

  it("takes back a settled patch when an operator asks (P4, P9)", async () => {
    const remote = world.remote("settled");
    const before = await treeAt(remote, "main");
    const id = await submitGood("settled", "unloved");
    await atRest(id, "Settled");
    expect(await treeAt(remote, "main")).not.toBe(before);
    await rollBack(id);
    const entries = await world.book.until(id, "reverted", has("Reverted"));
    expect(eventsOf(entries, "RevertStarted")).toMatchObject([
      { cause: { kind: "request", ...by } },
    ]);
    expect(await treeAt(remote, "main")).toBe(before);
    expect(await treeAt(remote, canary)).toBe(before);
    // Asked again, nothing happens twice.
    await rollBack(id);
    const next = await submitGood("settled", "loved");
    await atRest(next, "Settled");
    const reverts = (await landedOf("settled", id)).filter(
      (each) => each.trailers[trailers.reverts],
    );
    expect(reverts).toHaveLength(new Set(reverts.map(({ commit }) => commit)).size);
    expect(eventsOf(world.book.of(id), "RevertStarted")).toHaveLength(1);
  });

  it("holds what nobody measured: it neither lands further nor is reverted (P3)", async () => {
    const remote = world.remote("unwatched");
    const base = await remote.head();
    const id = await world.submit(await world.draft("unwatched", feature("dark")));
    const entries = await world.book.until(id, "held", has("Held"));
    expect(eventsOf(entries, "WatchExtended")).toHaveLength(1);
    expect(eventsOf(entries, "Held")).toMatchObject([
      { reason: { kind: "inconclusive", stage: "canary", observation: { kind: "inconclusive" } } },
    ]);
    expect(await remote.head()).toBe(base);
    expect(await landedOf("unwatched", id)).toHaveLength(1);
    expect(has("RevertStarted")(entries)).toBe(false);
    await rollBack(id);
    await world.book.until(id, "reverted", has("Reverted"));
    expect(await treeAt(remote, canary)).toBe(await treeAt(remote, "main"));
  });
});

describe("a pause", () => {
  it("stops landings, lets a rollback through, and ends with resume (P4)", async () => {
    const remote = world.remote("paused");
    const before = await treeAt(remote, "main");
    const settled = await submitGood("paused", "first");
    await atRest(settled, "Settled");
    expect((await world.client.pause(by)).status).toBe(202);
    try {
      // The pause is a message too; a landing is asked for only once it is in force.
      await expect
        .poll(async () => (await world.client.read("/v1/pause")).body)
        .toMatchObject({ isPaused: true });
      const waiting = await submitGood("paused", "second");
      const held = await world.book.until(waiting, "held", has("Held"));
      expect(eventsOf(held, "Held")).toMatchObject([{ reason: { kind: "paused" } }]);
      await rollBack(settled);
      await world.book.until(settled, "reverted", has("Reverted"));
      expect(await treeAt(remote, "main")).toBe(before);
      expect(has("Landed")(world.book.of(waiting))).toBe(false);
      expect((await world.client.resume(by)).status).toBe(202);
      const entries = await atRest(waiting, "Settled");
      expect(has("Resumed")(entries)).toBe(true);
    } finally {
      await world.client.resume(by);
    }
    const names = [...(await filesAt(remote, "main")).keys()];
    expect(names).toContain("src/second.js");
    expect(names).not.toContain("src/first.js");
  });
});

describe("the ledger", () => {
  it("replays to exactly what is stored, and its chains are whole (P5)", async () => {
    const ids = world.book.patchIds();
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) {
      const entries = world.book.of(id);
      const chain = verifyChain(entries);
      const state = entries.reduce<PatchState | undefined>(
        (before, { event }) => evolve(before, event),
        undefined,
      );
      const stored = await world.bus.readState(partitionOfPatch(id) ?? 0, id);
      const { state: kept, chainHead, sequence } = JSON.parse(stored!.value) as StoredPatch;
      expect(chain).toEqual({ kind: "intact", count: sequence, head: chainHead });
      expect(JSON.parse(JSON.stringify(state))).toEqual(kept);
    }
  });

  it("leaves nothing undone: no message waits, none was given up (P8)", async () => {
    await expect
      .poll(async () => (await world.bus.depth()).filter(({ length }) => length > 0), {
        timeout: 20_000,
      })
      .toEqual([]);
    expect(await world.bus.deadLetters()).toEqual([]);
  });
});
