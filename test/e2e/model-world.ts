/** A whole Council whose heads and builders ask models: the vendors' own SDKs, a loopback server in the vendors' place. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderPlan } from "@council/demo/stack";
import type { Seat } from "@council/domain";
import {
  type LoopbackModels,
  type LoopbackQuestion,
  type LoopbackReply,
  startLoopbackModels,
} from "@council/providers/loopback-models";
import { startWorld, type World, type WorldOptions } from "./council-world.ts";

export interface ModelWorld extends AsyncDisposable {
  readonly models: LoopbackModels;
  readonly world: World;
}

export const guardSeat: Seat = { head: "guard", family: "guard", mustVote: true };
export const geminiSeat: Seat = { head: "gemini", family: "google", isModel: true };
export const openaiSeat: Seat = { head: "openai", family: "openai", isModel: true };

/** US dollars per million tokens, where the tests say what a call costs. */
export type Prices = Readonly<Record<string, { readonly input: number; readonly output: number }>>;

/** What a head that is satisfied answers. */
export const approval: LoopbackReply = {
  kind: "text",
  text: JSON.stringify({ verdict: "approve", findings: [] }),
};

/** By the instructions: not every protocol carries the name of the schema. */
export const isVoteAsked = ({ system }: LoopbackQuestion) => system.includes("auditors");

/**
 * The heads guard, gemini and openai, each a process with a key of its own, and with `withBuilders` the
 * builders a (anthropic) and b (a model behind an OpenAI-compatible endpoint).
 */
export async function startModelWorld(options: {
  readonly repositories: WorldOptions["repositories"];
  readonly files?: NonNullable<WorldOptions["files"]>;
  readonly withBuilders?: boolean;
  readonly more?: NonNullable<WorldOptions["more"]>;
  readonly prices?: Prices;
  readonly env: Readonly<Record<string, string>>;
  readonly answer: (question: LoopbackQuestion) => LoopbackReply;
}): Promise<ModelWorld> {
  const models = await startLoopbackModels(options.answer);
  const names = ["claude-opus-4-5", "llama-local", "gemini-3.8-flash", "gpt-5.6-terra"];
  models.list(Object.fromEntries(names.map((name) => [name, {}])));
  const dir = mkdtempSync(join(tmpdir(), "council-world-"));
  const prices = join(dir, "prices.json");
  writeFileSync(
    prices,
    JSON.stringify({ "llama-local": { input: 0.1, output: 0.1 }, ...options.prices }),
  );
  const key = randomBytes(24).toString("hex");
  const asks = (role: "HEAD" | "BUILDER", vendor: LoopbackQuestion["vendor"], model: string) => ({
    [`COUNCIL_${role}_PROVIDER`]: vendor,
    [`COUNCIL_${role}_MODEL`]: model,
    [`COUNCIL_${role}_BASE_URL`]: models.baseUrl(vendor),
    [`COUNCIL_${role}_API_KEY`]: key,
    ...(role === "BUILDER" ? { COUNCIL_BUILDER_MAX_OUTPUT_TOKENS: "2000" } : {}),
  });
  const builders = (["a", "b"] as const).map((slot): BuilderPlan => ({
    slot,
    provider: "recorded",
    family: "unnamed",
  }));
  const world = await startWorld({
    dir,
    repositories: options.repositories,
    ...(options.files ? { files: options.files } : {}),
    ...(options.more ? { more: options.more } : {}),
    heads: ["guard", "gemini", "openai"],
    ...(options.withBuilders ? { builders } : {}),
    processEnv: {
      "builder-a": asks("BUILDER", "anthropic", "claude-opus-4-5"),
      "builder-b": asks("BUILDER", "openai-compatible", "llama-local"),
      "auditor-gemini": asks("HEAD", "gemini", "gemini-3.8-flash"),
      "auditor-openai": asks("HEAD", "openai", "gpt-5.6-terra"),
    },
    env: { COUNCIL_MODEL_PRICES: prices, ...options.env },
  });
  return {
    models,
    world,
    [Symbol.asyncDispose]: async () => {
      await models.close();
      const left = await world.stop();
      if (left.length > 0) throw new Error(left.join("\n"));
    },
  };
}
