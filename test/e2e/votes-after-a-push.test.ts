/** P6 on real git and real processes: what becomes of votes when the base moves under an audited patch. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { council } from "./council-command.ts";
import { firstFiles } from "./council-world.ts";
import { treeAt } from "./git-desk.ts";
import { eventsOf, has, isAtRest } from "./ledger-book.ts";
import {
  approval,
  geminiSeat,
  guardSeat,
  type ModelWorld,
  openaiSeat,
  startModelWorld,
} from "./model-world.ts";

const seats = [guardSeat, geminiSeat, openaiSeat];
/** What the patch changes stands at the top, what others change at the bottom. */
const bill = (first: string, last: string) =>
  [
    `export const net = (price) => ${first};`,
    ...Array.from({ length: 12 }, (_, at) => `export const part${at} = ${at};`),
    last,
    "",
  ].join("\n");
const gross = "export const gross = (price) => price * 2;";
const before = bill("price", gross);
const files = { ...firstFiles, "src/bill.js": before };

/** What other people push meanwhile. */
const pushes = {
  elsewhere: { "src/direct.js": "export const direct = 1;\n" },
  reformatted: {
    "src/bill.js": bill("price", "export const gross = (\n  price,\n) => ((price) * 2); // twice"),
  },
  operator: { "src/bill.js": bill("price", gross.replace("*", "+")) },
} as const;
type Repository = keyof typeof pushes;

let on: ModelWorld;
beforeAll(async () => {
  on = await startModelWorld({
    repositories: { elsewhere: { seats }, reformatted: { seats }, operator: { seats } },
    files: { elsewhere: files, reformatted: files, operator: files },
    env: { COST_DAILY_LIMIT: "5" },
    answer: () => approval,
  });
}, 120_000);
afterAll(() => on[Symbol.asyncDispose](), 60_000);

/** Lands a patch under which the base moves once, after it was audited. */
async function landed(repository: Repository) {
  const { world, models } = on;
  const remote = world.remote(repository);
  const id = await world.submit(
    await world.draft(repository, { "src/bill.js": bill("price - 1", gross) }),
  );
  await world.book.until(id, "on canary", has("WatchStarted"));
  const asked = models.questions.length;
  await remote.commit({ files: pushes[repository] });
  world.feed.conduct(id, () => "good");
  const entries = await world.book.until(id, "at rest", isAtRest);
  expect(entries.at(-1)?.event.type).toBe("Settled");
  const audits = eventsOf(entries, "AuditStarted");
  expect(audits).toHaveLength(2);
  const [first, second] = audits.map(({ candidate }) => candidate);
  expect(second?.tree).not.toBe(first?.tree);
  // P9: what landed is the tree of the second audit.
  expect(await treeAt(remote, "main")).toBe(second?.tree);
  const roundOf = (digest: string) => [first?.digest, second?.digest].indexOf(digest) + 1;
  const voters = eventsOf(entries, "VoteRecorded").map(
    ({ vote }) => `${vote.head} ${roundOf(vote.digest)}`,
  );
  const isSameMeaning = first?.semanticDigest === second?.semanticDigest;
  const file = join(world.dir, `${id}.json`);
  const bundle = await council(world, "bundle", id);
  writeFileSync(file, bundle.stdout);
  const verified = await council(
    world,
    "verify",
    file,
    "--keyring",
    join(world.dir, "keyring.json"),
  );
  expect(verified).toMatchObject({ code: 0 });
  return {
    audits,
    voters: voters.toSorted(),
    asked: models.questions.length - asked,
    isSameMeaning,
  };
}

const allTwice = ["gemini", "guard", "openai"].flatMap((head) => [`${head} 1`, `${head} 2`]);

describe("a base that moves under an audited patch", () => {
  it.each(["elsewhere", "reformatted"] as const)(
    "P2 P6 P9: %s: the change means what it meant; the guard votes again, models' votes carry over",
    async (repository) => {
      const { audits, voters, asked, isSameMeaning } = await landed(repository);
      expect(isSameMeaning).toBe(true);
      expect(audits[1]?.carried).toEqual(["gemini", "openai"]);
      expect(voters).toEqual(["gemini 1", "guard 1", "guard 2", "openai 1"]);
      expect(asked).toBe(0);
    },
    90_000,
  );

  it("P6: one operator in a touched file: every head votes again", async () => {
    const { audits, voters, isSameMeaning } = await landed("operator");
    expect(isSameMeaning).toBe(false);
    expect(audits[1]?.carried).toBeUndefined();
    expect(voters).toEqual(allTwice);
  }, 90_000);
});
