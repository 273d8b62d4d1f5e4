/** A client against the loopback server, for the tests of this package. */
import type { SpendDecision, SpendGuard, SpendRequest } from "@council/domain";
import { z } from "zod";
import type { LoopbackModels, LoopbackQuestion } from "../testing/loopback-models.ts";
import {
  type ModelCall,
  type ModelClient,
  modelClient,
  type ModelQuestion,
} from "./model-client.ts";
import type { ModelClientOptions } from "./model-client.ts";
import { openModelPrices } from "./model-prices.ts";
import { openModelApi } from "./open-model-api.ts";

/** A ledger of one cap that can be looked into. */
export interface TestSpend extends SpendGuard {
  readonly reserved: SpendRequest[];
  readonly settled: Map<string, number | undefined>;
}

export function testSpend(capMicroUsd = 1_000_000): TestSpend {
  const reserved: SpendRequest[] = [];
  const settled = new Map<string, number | undefined>();
  const held = () =>
    reserved.reduce((sum, { callId, worstCaseMicroUsd }) => {
      return sum + ((settled.has(callId) ? settled.get(callId) : undefined) ?? worstCaseMicroUsd);
    }, 0);
  return {
    reserved,
    settled,
    reserve: (request) => {
      if (held() + request.worstCaseMicroUsd > capMicroUsd) {
        const refused: SpendDecision = { kind: "refused", cap: "day", reason: "spent", resetAt: 7 };
        return Promise.resolve(refused);
      }
      reserved.push(request);
      return Promise.resolve({ kind: "reserved" });
    },
    settle: (callId, actual) => {
      settled.set(callId, actual);
      return Promise.resolve();
    },
  };
}

/** A model of each vendor with a known price; the last one has none, so the test gives it one. */
export const testModels = {
  anthropic: "claude-opus-4-5",
  openai: "gpt-5.6-terra",
  gemini: "gemini-3.8-flash",
  "openai-compatible": "llama-local",
} as const;

export const vendors = ["anthropic", "openai", "gemini", "openai-compatible"] as const;
type Vendor = LoopbackQuestion["vendor"];

export interface TestClient {
  readonly client: ModelClient;
  readonly spend: TestSpend;
  readonly calls: ModelCall[];
}

export async function testClient(
  servers: readonly LoopbackModels[],
  vendor: Vendor,
  changes: Partial<ModelClientOptions> & { readonly spend?: TestSpend } = {},
): Promise<TestClient> {
  const { spend = testSpend() } = changes;
  const calls: ModelCall[] = [];
  const prices = await openModelPrices({ "llama-local": { input: 0.1, output: 0.2 } });
  // Put together at run time: no text of the repository looks like a key.
  const apiKey = ["test", "key", "1234567890"].join("-");
  const endpoints = await Promise.all(
    servers.map(async (server, index) => {
      const baseUrl = server.baseUrl(vendor);
      const api = await openModelApi(vendor, { baseUrl, apiKey, timeoutMs: 60_000 });
      return { name: `endpoint-${index}`, api };
    }),
  );
  const client = modelClient({
    vendor,
    model: testModels[vendor],
    endpoints,
    prices,
    onCall: (call) => calls.push(call),
    tryTimeoutMs: 5_000,
    backoffMs: 5,
    ...changes,
    spend,
  });
  return { client, spend, calls };
}

export const answerSchema = z.strictObject({
  word: z.enum(["yes", "no"]),
  why: z.string().max(50),
});

export const testQuestion: ModelQuestion<z.infer<typeof answerSchema>> = {
  system: "You answer yes or no.",
  user: "Is it so?",
  schemaName: "council_test",
  schema: answerSchema,
  maxOutputTokens: 500,
  maxReplyChars: 2_000,
  timeoutMs: 20_000,
  spender: { callId: "m1", head: "h", repository: "shop", sender: "ann", patchId: "p00-abcdefgh" },
};
