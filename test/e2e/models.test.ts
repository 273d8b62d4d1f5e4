/** Models as builders and heads: real processes, the vendors' own SDKs, a loopback server in the vendors' place. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceBundle } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import { chainEntry } from "@council/evidence";
import type { LoopbackQuestion } from "@council/providers/loopback-models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { council } from "./council-command.ts";
import { firstFiles } from "./council-world.ts";
import { treeAt } from "./git-desk.ts";
import { eventsOf, has, isAtRest } from "./ledger-book.ts";
import {
  approval,
  geminiSeat,
  guardSeat,
  isVoteAsked,
  type ModelWorld,
  openaiSeat,
  startModelWorld,
} from "./model-world.ts";

const inOrder = [guardSeat, geminiSeat, { ...openaiSeat, order: 1 }];
const together = [guardSeat, geminiSeat, openaiSeat];
const tasks = {
  landed: { title: "Add subtraction", instructions: "Add a function that subtracts." },
  split: { title: "Add division", instructions: "Add a function that divides." },
  three: { title: "Add a product", instructions: "Add a function that multiplies." },
} as const;
const lines = {
  landed: "export const subtract = (a, b) => a - b;\n",
  split: "export const divide = (a, b) => a / b;\n",
  three: "export const multiply = (a, b) => a * b;\n",
} as const;
type Repository = keyof typeof tasks;

let on: ModelWorld;
/** What the cheap head says; the other one always approves. */
let geminiSays = approval;

function answerTo(question: LoopbackQuestion) {
  if (isVoteAsked(question)) return question.vendor === "gemini" ? geminiSays : approval;
  const about = Object.keys(tasks) as Repository[];
  const task = about.find((name) => question.user.includes(tasks[name].instructions)) ?? "landed";
  const content = `${firstFiles["src/add.js"]}${lines[task]}`;
  const change = {
    edits: [{ path: "src/add.js", action: "write", search: null, content }],
    explanation: { summary: "it is there", intent: "to have it" },
  };
  return { kind: "text" as const, text: JSON.stringify(change) };
}

beforeAll(async () => {
  on = await startModelWorld({
    repositories: {
      landed: { seats: inOrder },
      split: { seats: inOrder },
      three: { seats: together },
    },
    withBuilders: true,
    env: { COST_DAILY_LIMIT: "5", COST_REPOSITORY_DAILY_LIMIT: "2" },
    answer: answerTo,
  });
}, 90_000);

afterAll(() => on[Symbol.asyncDispose](), 60_000);

async function submitTask(repository: Repository): Promise<string> {
  const { world } = on;
  const base = (await world.remote(repository).head()) ?? "";
  const task = tasks[repository];
  const sheet = { paths: ["src/**"] };
  const id = await world.submit({
    repository,
    base,
    title: task.title,
    author: "agent",
    task,
    sheet,
  });
  world.feed.conduct(id, () => "good");
  return id;
}

describe("models write and judge", () => {
  it("a task becomes two renders of two makers, signed votes of guard and one model, and a landing", async () => {
    const id = await submitTask("landed");
    const entries = await on.world.book.until(id, "at rest", isAtRest);
    expect(entries.at(-1)?.event.type).toBe("Settled");
    const renders = eventsOf(entries, "RenderRecorded").map(({ render }) => render);
    expect(renders.map(({ slot, family }) => `${slot}: ${family}`).sort()).toEqual([
      "a: anthropic",
      "b: meta",
    ]);
    expect(renders.map(({ explanation }) => explanation)).toEqual(["it is there", "it is there"]);
    const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => vote);
    expect(votes.map(({ head, verdict }) => `${head}: ${verdict}`).sort()).toEqual([
      "gemini: approve",
      "guard: approve",
    ]);
    expect(on.models.questions.map(({ vendor }) => vendor).sort()).toEqual([
      "anthropic",
      "gemini",
      "openai-compatible",
    ]);
    const [audit] = eventsOf(entries, "AuditStarted");
    expect(await treeAt(on.world.remote("landed"), "main")).toBe(audit?.candidate.tree);
  }, 60_000);

  it("where the cheap head rejects, the strong one is asked as well, and decides", async () => {
    const finding = { ruleId: "x", severity: "error", path: null, line: null, message: "wrong" };
    const text = JSON.stringify({ verdict: "reject", findings: [finding] });
    geminiSays = { kind: "text", text };
    const id = await submitTask("split");
    const entries = await on.world.book.until(id, "landed", has("Landed"));
    geminiSays = approval;
    expect(eventsOf(entries, "SeatsAsked").map(({ heads }) => heads)).toEqual([["openai"]]);
    const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => [vote.head, vote.verdict]);
    expect(votes).toContainEqual(["openai", "approve"]);
    expect(votes).toContainEqual(["gemini", "reject"]);
  }, 60_000);
});

describe("three signed votes, exported and checked offline", () => {
  let sound: EvidenceBundle;

  it("P2 P5: webhook, two renders, their difference, votes of gemini, openai and guard, landed", async () => {
    const id = await submitTask("three");
    const entries = await on.world.book.until(id, "landed", has("Landed"));
    const happened = entries.map(({ event }) => event.type);
    for (const type of ["RenderRecorded", "ComparisonRecorded", "VoteSealed", "VoteRecorded"])
      expect(happened).toContain(type);
    const votes = eventsOf(entries, "VoteRecorded").map(
      ({ vote }) => `${vote.head}: ${vote.verdict}`,
    );
    expect(votes.sort()).toEqual(["gemini: approve", "guard: approve", "openai: approve"]);
    await on.world.book.until(id, "at rest", isAtRest);
    const { stdout } = await council(on.world, "bundle", id);
    sound = JSON.parse(stdout) as EvidenceBundle;
    expect(await verify(sound)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^sound: \d+ entries, 3 signed votes, settled/) as string,
    });
  }, 60_000);

  it.each<[string, () => EvidenceBundle, RegExp]>([
    ["a vote", () => bent("VoteRecorded", "metaHash"), /^broken: ledger: entry \d+: /],
    ["the tree", () => bent("AuditStarted", "tree"), /^broken: ledger: entry \d+: /],
    ["any entry of the ledger", () => bent("StagePassed", "why"), /^broken: ledger: entry \d+: /],
  ])("P5 P9: one byte of %s flipped is caught, and its entry named", async (_, make, reason) => {
    expect(await verify(make())).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(reason) as string,
    });
  });

  it.each<[string, () => EvidenceBundle, RegExp]>([
    [
      "a vote",
      () => chained(bent("VoteRecorded", "metaHash")),
      /entry \d+: vote of \w+: the ledger says something else than was signed/,
    ],
    [
      "a sealed vote",
      () => chained(bent("VoteSealed", "ciphertext")),
      /entry \d+: vote of \w+: seal/,
    ],
    [
      "the audited tree",
      () => chained(bent("AuditStarted", "tree")),
      /entry \d+: candidate: its digest/,
    ],
    [
      "the landed tree",
      () => chained(bent("Landed", "tree")),
      /entry \d+: landing \w+: not the tree that was audited/,
    ],
  ])(
    "P2 P5: one byte of %s flipped is caught also where the whole chain was written anew",
    async (_, make, reason) => {
      expect(await verify(make())).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(reason) as string,
      });
    },
  );

  async function verify(bundle: EvidenceBundle) {
    const file = join(on.world.dir, "bundle.json");
    writeFileSync(file, JSON.stringify(bundle));
    return await council(on.world, "verify", file, "--keyring", join(on.world.dir, "keyring.json"));
  }

  /** The bundle with one character of a field of the first event of a type replaced by another. */
  function bent(type: PatchEvent["type"], field: string): EvidenceBundle {
    const at = sound.entries.findIndex(({ event }) => event.type === type);
    const text = JSON.stringify(sound.entries[at]);
    const place = text.indexOf(`"${field}":"`) + field.length + 4;
    const other = text[place] === "a" ? "b" : "a";
    const entry = JSON.parse(`${text.slice(0, place)}${other}${text.slice(place + 1)}`) as never;
    return { ...sound, entries: sound.entries.with(at, entry) };
  }

  /** The bundle as somebody would write it who also makes every digest of the chain anew. */
  function chained(bundle: EvidenceBundle): EvidenceBundle {
    let chainHead: string | null = null;
    const entries = bundle.entries.map(({ prev: _prev, digest: _digest, ...entry }) => {
      const next = chainEntry({ prev: chainHead, entry });
      chainHead = next.digest;
      return next;
    });
    return { ...bundle, entries: entries as never, chainHead: chainHead ?? "" };
  }
});
