/** P7 on real processes: the cap of the day, the emergency stop, and what a person sees of them. */
import { routes } from "@council/contracts";
import type { LoopbackReply } from "@council/providers/loopback-models";
import { afterAll, beforeAll, expect, it } from "vitest";
import { council } from "./council-command.ts";
import { firstFiles } from "./council-world.ts";
import { eventsOf, has } from "./ledger-book.ts";
import {
  approval,
  geminiSeat,
  guardSeat,
  isVoteAsked,
  type ModelWorld,
  openaiSeat,
  startModelWorld,
} from "./model-world.ts";

/**
 * With 4,000 tokens at most an answer may cost $0.0095, and those below cost $0.0062. A diff has one render,
 * so both heads are asked: two calls fit under $0.02, and afterwards not one more.
 */
const price = { input: 0.5, output: 2 };
const midnight = () => Math.ceil(Date.now() / 86_400_000) * 86_400_000;

const dear = { ...approval, usage: { inputTokens: 400, outputTokens: 3000 } } as LoopbackReply;
/** What a builder writes. */
const change: LoopbackReply = {
  kind: "text",
  text: JSON.stringify({
    edits: [
      {
        path: "src/half.js",
        action: "write",
        search: null,
        content: "export const half = (a) => a / 2;\n",
      },
    ],
    explanation: { summary: "it halves", intent: "to halve" },
  }),
};

let on: ModelWorld;
beforeAll(async () => {
  on = await startModelWorld({
    repositories: { shop: { seats: [guardSeat, geminiSeat, openaiSeat] } },
    withBuilders: true,
    prices: { "gemini-3.8-flash": price, "gpt-5.6-terra": price, "claude-opus-4-5": price },
    env: { COST_DAILY_LIMIT: "0.02" },
    answer: (question) => (isVoteAsked(question) ? dear : change),
  });
}, 90_000);
afterAll(() => on[Symbol.asyncDispose](), 60_000);

async function submitted(name: string): Promise<string> {
  const { world } = on;
  const files = { [`src/${name}.js`]: `${firstFiles["src/add.js"]}export const ${name} = add;\n` };
  const id = await world.submit(await world.draft("shop", files));
  world.feed.conduct(id, () => "good");
  return id;
}

async function post(path: string): Promise<number> {
  const { stack } = on.world;
  const startedAt = performance.now();
  const response = await fetch(new URL(path, stack.url), {
    method: "POST",
    headers: { authorization: `Bearer ${stack.secrets.operatorToken}` },
  });
  expect([response.status, await response.text()]).toMatchObject([200, expect.any(String)]);
  return performance.now() - startedAt;
}

it("P7: what does not fit under COST_DAILY_LIMIT is not sent; the patch is held, and goes on when the cap is raised", async () => {
  const { world, models } = on;
  await world.book.until(await submitted("first"), "landed", has("Landed"));
  expect(models.questions).toHaveLength(2);

  const resetAt = midnight();
  const id = await submitted("second");
  const entries = await world.book.until(id, "held", has("Held"));
  // Neither head reached its vendor.
  expect(models.questions).toHaveLength(2);
  const why =
    /gemini is suspended: the call may cost \$0\.009\d*, \$0\.007\d* of the cap "day" \(\$0\.02\) is left/;
  const [held] = eventsOf(entries, "Held");
  expect(held?.reason).toMatchObject({
    kind: "budget",
    detail: expect.stringMatching(why) as string,
    suspended: expect.arrayContaining([
      expect.objectContaining({ head: "gemini", cap: "day", resetAt }),
      expect.objectContaining({ head: "openai", cap: "day", resetAt }),
    ]) as unknown,
  });
  const seen = await world.client.patch(id);
  expect(seen.body).toMatchObject({
    kind: "held",
    why: expect.stringMatching(why) as string,
    resetAt,
  });
  const { stdout } = await council(world, "cost");
  const until = `${new Date(resetAt).toISOString().slice(0, 10)} 00:00 UTC`;
  expect(stdout).toContain(`${id} is held until ${until}: `);
  expect(stdout).toMatch(/^day +\$0\.01\d+ spent of \$0\.02 /m);

  await world.stack.restart({ COST_DAILY_LIMIT: "0.2" });
  await world.book.until(id, "landed", has("Landed"));
  expect(models.questions).toHaveLength(4);
}, 120_000);

it("an emergency stop and its end act on the next call within a second", async () => {
  const { world, models } = on;
  const before = models.questions.length;
  expect(await post(routes.emergencyStop)).toBeLessThan(1000);
  const held = await submitted("third");
  const [reason] = eventsOf(await world.book.until(held, "held", has("Held")), "Held");
  expect(reason?.reason).toMatchObject({
    kind: "budget",
    detail: expect.stringContaining("stopped by operator") as string,
  });
  expect(models.questions).toHaveLength(before);
  expect((await council(world, "cost")).stdout).toMatch(/^STOPPED by operator/);

  expect(await post(routes.spendResume)).toBeLessThan(1000);
  await world.book.until(await submitted("fourth"), "landed", has("Landed"));
  expect(models.questions.length).toBeGreaterThan(before);
  // The one that waited is taken up again by itself.
  await world.book.until(held, "landed", has("Landed"));
}, 120_000);

it("P7: a task whose builders cannot pay is held with reason and reset time, and goes on when the cap is raised", async () => {
  const { world, models } = on;
  // Less than is spent already.
  await world.stack.restart({ COST_DAILY_LIMIT: "0.01" });
  const before = models.questions.length;
  const resetAt = midnight();
  const base = (await world.remote("shop").head()) ?? "";
  const task = { title: "Add half", instructions: "Add a function that halves." };
  const more = { author: "agent", title: "Add half", sheet: { paths: ["src/**"] } };
  const id = await world.submit({ repository: "shop", base, task, ...more });
  world.feed.conduct(id, () => "good");
  const entries = await world.book.until(id, "held", has("Held"));
  expect(models.questions).toHaveLength(before);
  const why = /builder-a is suspended: the call may cost \$0\.0\d+, \$0\.00 of the cap "day"/;
  expect(eventsOf(entries, "Held")[0]?.reason).toMatchObject({
    kind: "budget",
    slots: expect.arrayContaining(["a", "b"]) as unknown,
    suspended: expect.arrayContaining([
      expect.objectContaining({ head: "builder-a", cap: "day", resetAt }),
      expect.objectContaining({ head: "builder-b", cap: "day", resetAt }),
    ]) as unknown,
  });
  const seen = await world.client.patch(id);
  expect(seen.body).toMatchObject({
    kind: "held",
    why: expect.stringMatching(why) as string,
    resetAt,
  });
  const until = `${new Date(resetAt).toISOString().slice(0, 10)} 00:00 UTC`;
  expect((await council(world, "cost")).stdout).toContain(`${id} is held until ${until}: `);

  await world.stack.restart({ COST_DAILY_LIMIT: "0.5" });
  const end = await world.book.until(id, "landed", has("Landed"));
  expect(
    eventsOf(end, "RenderRecorded")
      .map(({ render }) => render.slot)
      .sort(),
  ).toEqual(["a", "b"]);
}, 150_000);
