/**
 * Many patches on one branch at once: all land or are refused with a reason, in the order they came, and
 * the suite of the repository passes at every commit of main. COUNCIL_QUEUE_PATCHES says how many,
 * COUNCIL_QUEUE_SUITE_MS how long the suite takes at least, COUNCIL_QUEUE_AHEAD for how many places it runs ahead.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LedgerEntry, trailers } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstFiles, quickPolicy, startWorld, type World } from "./council-world.ts";
import { checkOut, commitsOf, faultsOf, filesAt } from "./git-desk.ts";
import { eventsOf, has, isAtRest } from "./ledger-book.ts";

const count = Number(process.env["COUNCIL_QUEUE_PATCHES"] ?? 12);
const suiteMs = Number(process.env["COUNCIL_QUEUE_SUITE_MS"] ?? 0);
const testAhead = Number(process.env["COUNCIL_QUEUE_AHEAD"] ?? 2);
/** What the repositories hold; a test of theirs takes its time. */
const files = {
  ...firstFiles,
  "test/slow.test.js": `import test from 'node:test';\ntest('waits', (_, done) => void setTimeout(done, ${suiteMs}));\n`,
};
const timeoutMs = 60_000 + count * 15_000;
const stages = [{ name: "target", watchMinMs: 2000, watchMaxMs: 30_000 }];
const limits = { alone: 1, beside: 6 } as const;

let world: World;
/** Patches in the order in which they asked for their lane. */
const arrivals: string[] = [];

beforeAll(async () => {
  const queues = Object.fromEntries(
    Object.entries(limits).map(([name, maxLive]) => [name, { stages, maxLive, testAhead }]),
  );
  const rules = quickPolicy.rules?.map((rule) =>
    rule.id === "latency-p95" ? { ...rule, touches: ["src/slow.js"] } : rule,
  );
  const traced = { stages, maxLive: 3, sharedEvidence: true, ...(rules ? { rules } : {}) };
  const repositories = { ...queues, traced };
  world = await startWorld({
    repositories,
    files: Object.fromEntries(Object.keys(repositories).map((id) => [id, files])),
  });
  world.book.onEntry(({ patchId, event }) => {
    if (event.type === "LaneRequested" && !arrivals.includes(patchId)) arrivals.push(patchId);
  });
});

afterAll(async () => {
  const left = await world.stop();
  if (left.length > 0) throw new Error(left.join("\n"));
});

type Fate = "good" | "slow" | "red" | "overtaken";

/** Of every twelve one is slow and one red; the tenth adds the very file that the ninth adds. */
const isContested = (place: number) => place % 12 === 8 || place % 12 === 9;

/** What becomes of each patch. Of two that contest a file the first to come lands. */
function fatesOf(ids: readonly string[]): Fate[] {
  return ids.map((id, place) => {
    if (place % 12 === 4) return "slow";
    if (place % 12 === 7) return "red";
    if (!isContested(place)) return "good";
    const rival = ids[place % 12 === 8 ? place + 1 : place - 1];
    const isFirst = rival === undefined || arrivals.indexOf(id) < arrivals.indexOf(rival);
    return isFirst ? "good" : "overtaken";
  });
}

/** A feature with its test. */
function filesOf(place: number): Record<string, string> {
  const group = Math.floor(place / 12);
  if (isContested(place)) return { [`src/shared${group}.js`]: `export const who = ${place};\n` };
  const value = place % 12 === 7 ? place + 1 : place;
  return {
    [`src/part${place}.js`]: `export const part${place} = () => ${value};\n`,
    [`test/part${place}.test.js`]:
      "import test from 'node:test';\nimport assert from 'node:assert';\n" +
      `import { part${place} } from '../src/part${place}.js';\n` +
      `test('part ${place}', () => assert.equal(part${place}(), ${place}));\n`,
  };
}

const endings: Readonly<Record<Fate, PatchEvent["type"]>> = {
  good: "Settled",
  slow: "Reverted",
  red: "Rejected",
  overtaken: "Rejected",
};

/** All are drafted on one base, then submitted one after another. */
async function submitAll(repository: string): Promise<string[]> {
  const places = Array.from({ length: count }, (_, place) => place);
  const drafts = await Promise.all(
    places.map((place) => world.draft(repository, filesOf(place), { title: `Part ${place}` })),
  );
  const ids: string[] = [];
  for (const [place, draft] of drafts.entries()) {
    const id = await world.submit(draft);
    world.feed.conduct(id, () => (place % 12 === 4 ? "slow" : "good"));
    ids.push(id);
  }
  return ids;
}

interface Ran {
  readonly ids: readonly string[];
  readonly stories: readonly (readonly LedgerEntry[])[];
}

async function run(repository: keyof typeof limits): Promise<Ran> {
  const ids = await submitAll(repository);
  const stories = await Promise.all(
    ids.map((id) => world.book.until(id, "at rest", isAtRest, timeoutMs)),
  );
  const times = stories.flat().map(({ at }) => at);
  const minutes = (Math.max(...times) - Math.min(...times)) / 60_000;
  console.log(
    `maxLive ${limits[repository]}: ${count} patches, ${(count / minutes).toFixed(1)} a minute; ` +
      `up to ${mostLive(stories)} live at once`,
  );
  return { ids, stories };
}

/** How many were on the branch and not yet at rest at one time. */
function mostLive(stories: readonly (readonly LedgerEntry[])[]): number {
  const steps = stories.flatMap((entries) =>
    entries.flatMap(({ at, event }) => {
      if (event.type === "Landed") return [{ at, by: 1 }];
      const isOver = event.type === "Settled" || event.type === "Reverted";
      return isOver ? [{ at, by: -1 }] : [];
    }),
  );
  let live = 0;
  return steps
    .toSorted((one, other) => one.at - other.at || one.by - other.by)
    .reduce((most, { by }) => Math.max(most, (live += by)), 0);
}

/** The commits of main at which the repository's own suite fails, with what it says. */
async function redCommits(repository: string): Promise<string[]> {
  const remote = world.remote(repository);
  const red: string[] = [];
  for (const { commit, message } of await commitsOf(remote, "main")) {
    const dir = await mkdtemp(join(tmpdir(), "council-green-"));
    await checkOut(remote, commit, dir);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const options = { cwd: dir, env, extendEnv: false, reject: false } as const;
    const { exitCode, stdout } = await execa(process.execPath, ["--test"], options);
    if (exitCode !== 0) red.push(`${message}\n${stdout}`);
    await rm(dir, { recursive: true, force: true });
  }
  return red;
}

describe.each(["alone", "beside"] as const)("a queue whose patches are live %s", (repository) => {
  let ran: Ran;
  let fates: readonly Fate[];

  it(
    "comes to its end: each lands, or is refused or taken back with a reason (P1, P2)",
    async () => {
      ran = await run(repository);
      fates = fatesOf(ran.ids);
      const ends = ran.stories.map((entries) => entries.at(-1)?.event);
      expect(ends.map((end) => end?.type)).toEqual(fates.map((fate) => endings[fate]));
      const reasons = ends.flatMap((end) => (end?.type === "Rejected" ? [end.reason] : []));
      expect(reasons.filter((reason) => reason === "")).toEqual([]);
    },
    timeoutMs,
  );

  it("in the order of arrival, each once, what was refused not at all (P1, P9)", async () => {
    const { ids, stories } = ran;
    const remote = world.remote(repository);
    const commits = (await commitsOf(remote, "main")).toReversed();
    const landed = commits.filter(({ trailers: own }) => own[trailers.auditedTree]);
    expect(landed.map(({ tree }) => tree)).toEqual(
      landed.map(({ trailers: own }) => own[trailers.auditedTree]),
    );
    const isLanding = (id: string) => /good|slow/.test(fates[ids.indexOf(id)] ?? "");
    expect(landed.map(({ trailers: own }) => own[trailers.patch])).toEqual(
      arrivals.filter((id) => ids.includes(id) && isLanding(id)),
    );
    expect(stories.map((entries) => eventsOf(entries, "Landed").length)).toEqual(
      ids.map((id) => (isLanding(id) ? 1 : 0)),
    );
    expect(await faultsOf(remote)).toBe("");
  });

  it(
    "main is never red, and holds exactly what settled (P9)",
    async () => {
      expect(await redCommits(repository)).toEqual([]);
      const paths = [...(await filesAt(world.remote(repository), "main")).keys()];
      const settled = fates.flatMap((fate, place) =>
        fate === "good" ? Object.keys(filesOf(place)) : [],
      );
      expect(paths.toSorted()).toEqual([...Object.keys(files), ...settled].toSorted());
    },
    timeoutMs,
  );

  it.runIf(testAhead > 0)(
    "most suites have run ahead on the very tree they are asked for (P5)",
    () => {
      const said = ran.stories.flatMap((entries) => {
        const vote = eventsOf(entries, "VoteRecorded").findLast(
          ({ vote: { head } }) => head === "proof",
        );
        const basis = vote?.vote.findings.find(({ ruleId }) => ruleId === "proof-basis");
        return basis && has("BaseMoved")(entries) ? [basis.message] : [];
      });
      const ahead = said.filter((message) => message.includes("before it was asked for"));
      console.log(`of ${said.length} audited anew on a moved base ${ahead.length} had run ahead`);
      expect(ahead.length).toBeGreaterThan(said.length / 2);
    },
  );

  it("no more are live than the policy allows, and each landing names those beside it (P5)", () => {
    const beside = ran.stories.flatMap((entries) =>
      eventsOf(entries, "LandingStarted").map((started) => started.beside?.length ?? 0),
    );
    const most = Math.max(...beside) + 1;
    expect(most).toBeLessThanOrEqual(limits[repository]);
    expect(most > 1).toBe(limits[repository] > 1);
  });
});

describe("harm on a branch that three patches share", () => {
  it(
    "takes back the likeliest, then confirms on fresh samples that the others do none (P3, P5)",
    async () => {
      const names = ["fast", "slow", "last"] as const;
      const drafts = names.map((name) =>
        world.draft("traced", { [`src/${name}.js`]: `export const ${name} = 1;\n` }),
      );
      const ids: string[] = [];
      for (const draft of drafts) ids.push(await world.submit(await draft));
      const slow = ids[names.indexOf("slow")] ?? "";
      const isLive = (id: string) => has("WatchStarted")(world.book.of(id));
      // Every patch is measured on one and the same branch: nobody can tell them apart.
      const measured = () => {
        if (!ids.every(isLive)) return "silent";
        return has("Reverted")(world.book.of(slow)) ? "good" : "slow";
      };
      for (const id of ids) world.feed.conduct(id, measured);
      const stories = await Promise.all(
        ids.map((id) => world.book.until(id, "at rest", isAtRest, timeoutMs)),
      );
      expect(stories.map((entries) => entries.at(-1)?.event.type)).toEqual([
        "Settled",
        "Reverted",
        "Settled",
      ]);
      const [started] = eventsOf(stories[1]!, "RevertStarted");
      if (started?.cause.kind !== "breach") throw new Error("not taken back for a breach");
      expect(started.cause.ranking).toHaveLength(3);
      expect(started.cause.ranking?.[0]).toMatchObject({
        patchId: slow,
        why: expect.stringContaining("touches src/slow.js") as string,
      });
      const watches = [stories[0]!, stories[2]!].map((entries) =>
        eventsOf(entries, "WatchStarted"),
      );
      expect(watches.map(([, fresh]) => fresh?.token !== undefined)).toEqual([true, true]);
    },
    timeoutMs,
  );
});
