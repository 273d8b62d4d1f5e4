/** Models as builders and heads: real processes, the vendors' own SDKs, a loopback server in the vendors' place. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Seat } from "@council/domain";
import {
  type LoopbackModels,
  type LoopbackQuestion,
  startLoopbackModels,
} from "@council/providers/loopback-models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstFiles, startWorld, type World } from "./council-world.ts";
import { treeAt } from "./git-desk.ts";
import { eventsOf, has, isAtRest } from "./ledger-book.ts";

const seats: readonly Seat[] = [
  { head: "guard", family: "guard", mustVote: true },
  { head: "gemini", family: "google", isModel: true },
  { head: "openai", family: "openai", isModel: true, order: 1 },
];
const task = { title: "Add subtraction", instructions: "Add a function that subtracts." };
const other = { title: "Add division", instructions: "Add a function that divides." };
const subtraction = `${firstFiles["src/add.js"]}export const subtract = (a, b) => a - b;\n`;

let models: LoopbackModels;
let world: World;
/** What the cheap head says; the other one always approves. */
let geminiSays: object = { verdict: "approve", findings: [] };

const division = `${firstFiles["src/add.js"]}export const divide = (a, b) => a / b;\n`;

function answerTo({ vendor, system, user }: LoopbackQuestion) {
  const isVote = system.includes("auditors");
  const content = user.includes(other.instructions) ? division : subtraction;
  const change = {
    edits: [{ path: "src/add.js", action: "write", search: null, content }],
    explanation: { summary: "it is there", intent: "to have it" },
  };
  const vote = vendor === "gemini" ? geminiSays : { verdict: "approve", findings: [] };
  return { kind: "text" as const, text: JSON.stringify(isVote ? vote : change) };
}

beforeAll(async () => {
  models = await startLoopbackModels(answerTo);
  models.list({
    "claude-opus-4-5": {},
    "llama-local": {},
    "gemini-3.8-flash": {},
    "gpt-5.6-terra": {},
  });
  const dir = mkdtempSync(join(tmpdir(), "council-world-"));
  const prices = join(dir, "prices.json");
  writeFileSync(prices, JSON.stringify({ "llama-local": { input: 0.1, output: 0.1 } }));
  const key = randomBytes(24).toString("hex");
  const builder = (vendor: "anthropic" | "openai-compatible", model: string) => ({
    COUNCIL_BUILDER_PROVIDER: vendor,
    COUNCIL_BUILDER_MODEL: model,
    COUNCIL_BUILDER_BASE_URL: models.baseUrl(vendor),
    COUNCIL_BUILDER_API_KEY: key,
    COUNCIL_BUILDER_MAX_OUTPUT_TOKENS: "2000",
  });
  const head = (vendor: "gemini" | "openai", model: string) => ({
    COUNCIL_HEAD_PROVIDER: vendor,
    COUNCIL_HEAD_MODEL: model,
    COUNCIL_HEAD_BASE_URL: models.baseUrl(vendor),
    COUNCIL_HEAD_API_KEY: key,
  });
  world = await startWorld({
    dir,
    repositories: { landed: { seats }, split: { seats } },
    heads: ["guard", "gemini", "openai"],
    builders: (["a", "b"] as const).map((slot) => ({
      slot,
      provider: "recorded" as const,
      family: "unnamed",
    })),
    processEnv: {
      "builder-a": builder("anthropic", "claude-opus-4-5"),
      "builder-b": builder("openai-compatible", "llama-local"),
      "auditor-gemini": head("gemini", "gemini-3.8-flash"),
      "auditor-openai": head("openai", "gpt-5.6-terra"),
    },
    env: { COUNCIL_MODEL_PRICES: prices, COST_DAILY_LIMIT: "5", COST_REPOSITORY_DAILY_LIMIT: "2" },
  });
}, 90_000);

afterAll(async () => {
  await models.close();
  const left = await world.stop();
  if (left.length > 0) throw new Error(left.join("\n"));
}, 60_000);

async function submitTask(repository: string, wanted: typeof task): Promise<string> {
  const base = (await world.remote(repository).head()) ?? "";
  const { title } = wanted;
  const sheet = { paths: ["src/**"] };
  return await world.submit({ repository, base, title, author: "agent", task: wanted, sheet });
}

describe("models write and judge", () => {
  it("a task becomes two renders of two makers, signed votes of guard and one model, and a landing", async () => {
    const id = await submitTask("landed", task);
    world.feed.conduct(id, () => "good");
    const entries = await world.book.until(id, "at rest", isAtRest);
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
    expect(models.questions.map(({ vendor }) => vendor).sort()).toEqual([
      "anthropic",
      "gemini",
      "openai-compatible",
    ]);
    const [audit] = eventsOf(entries, "AuditStarted");
    expect(await treeAt(world.remote("landed"), "main")).toBe(audit?.candidate.tree);
  }, 60_000);

  it("where the cheap head rejects, the strong one is asked as well, and decides", async () => {
    const finding = { ruleId: "x", severity: "error", path: null, line: null, message: "wrong" };
    geminiSays = { verdict: "reject", findings: [finding] };
    const id = await submitTask("split", other);
    world.feed.conduct(id, () => "good");
    const entries = await world.book.until(id, "landed", has("Landed"));
    expect(eventsOf(entries, "SeatsAsked").map(({ heads }) => heads)).toEqual([["openai"]]);
    const votes = eventsOf(entries, "VoteRecorded").map(({ vote }) => [vote.head, vote.verdict]);
    expect(votes).toContainEqual(["openai", "approve"]);
    expect(votes).toContainEqual(["gemini", "reject"]);
  }, 60_000);
});
