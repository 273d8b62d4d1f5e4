/** Authors, operators and developers who know nothing of what is done to Council meanwhile. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PatchEventType, PatchStateKind } from "@council/domain";
import { digestOf } from "@council/evidence";
import type { World } from "../e2e/council-world.ts";
import { firstFiles } from "../e2e/council-world.ts";
import { eventsOf, has, isAtRest } from "../e2e/ledger-book.ts";
import type { Chance } from "./seeded.ts";

export const fates = [
  "good",
  "rendered",
  "slow-canary",
  "slow-target",
  "broken",
  "secret",
  "rolled-back",
  "unwatched",
] as const;
export type Fate = (typeof fates)[number];

/** How a patch may end, by what it is. */
export const endings: Readonly<Record<Fate, readonly PatchStateKind[]>> = {
  good: ["settled"],
  rendered: ["settled"],
  "slow-canary": ["reverted"],
  "slow-target": ["reverted"],
  broken: ["rejected"],
  secret: ["rejected"],
  "rolled-back": ["withdrawn", "reverted"],
  unwatched: ["reverted"],
};

export interface SubmittedPatch {
  readonly id: string;
  readonly repository: string;
  readonly fate: Fate;
  /** The one file it brings, and what is in it. */
  readonly path: string;
  readonly content: string;
}

export interface Workload {
  readonly submitted: () => readonly SubmittedPatch[];
  /** Content by path of what developers pushed past Council, by repository. */
  readonly pushed: (repository: string) => ReadonlyMap<string, string>;
  /** Begins no more patches; resolves when all are at rest, rejects when one is not in time. */
  readonly finish: () => Promise<void>;
}

const often: readonly Fate[] = [
  ...(["good", "good", "good", "rendered", "rendered"] as const),
  ...fates,
];
const rollbackSteps: readonly PatchEventType[] = [
  "AuditStarted",
  "LandingStarted",
  "Landed",
  "StagePassed",
  "Settled",
];

export function startWorkload(input: {
  readonly world: World;
  readonly repositories: readonly string[];
  /** Where the builders look for their recordings. */
  readonly recordings: string;
  readonly chance: Chance;
  /** How many patches of a repository are in flight at once. */
  readonly atOnce: number;
  /** At least so many patches per repository, also when asked to finish earlier. */
  readonly atLeast: number;
  readonly restMs: number;
}): Workload {
  const { world, chance } = input;
  const submitted: SubmittedPatch[] = [];
  const pushed = new Map<string, Map<string, string>>();
  let isFinishing = false;
  let number = 0;

  const live = async (repository: string, own: Chance, fate: Fate) => {
    number += 1;
    const patch = await submit(input, { repository, fate, name: `patch${number}` });
    submitted.push(patch);
    const rollsBackOn = own.pick(rollbackSteps);
    world.feed.conduct(patch.id, (stage) => conductOf(fate, stage));
    const rest = world.book.until(patch.id, "at rest", isFinallyAtRest(fate), input.restMs);
    await Promise.all([rest, interfere(world, patch, rollsBackOn, input.restMs)]);
  };

  const author = async (repository: string, index: number) => {
    const own = chance.fork(`${repository}/${index}`);
    const first = own.shuffle(fates);
    for (let turn = 0; !isFinishing || turn < input.atLeast / input.atOnce; turn += 1) {
      await live(repository, own, first[turn] ?? own.pick(often));
      if (own.next() < 0.2) await push(repository);
    }
  };

  const push = async (repository: string) => {
    number += 1;
    const file = [`direct/note${number}.js`, `export const note = ${number};\n`] as const;
    const files = pushed.get(repository) ?? new Map<string, string>();
    pushed.set(repository, files.set(...file));
    for (;;) {
      const done = await world
        .remote(repository)
        .commit({ files: Object.fromEntries([file]) })
        .then(() => true)
        .catch(() => false); // Council moved the branch at the same moment
      if (done) return;
    }
  };

  const authors = Promise.all(
    input.repositories.flatMap((repository) =>
      Array.from({ length: input.atOnce }, (_, index) => author(repository, index)),
    ),
  );
  authors.catch(() => undefined); // told to whoever calls `finish`
  return {
    submitted: () => submitted,
    pushed: (repository) => pushed.get(repository) ?? new Map(),
    finish: async () => {
      isFinishing = true;
      await authors;
    },
  };
}

const conductOf = (fate: Fate, stage: string) => {
  if (fate === "unwatched") return "silent";
  if (fate === "slow-canary") return "slow";
  return fate === "slow-target" && stage === "target" ? "slow" : "good";
};

/** A settled patch that an operator will take back has not come to rest yet. */
function isFinallyAtRest(fate: Fate) {
  return (entries: Parameters<typeof isAtRest>[0]) =>
    isAtRest(entries) && !(fate === "rolled-back" && entries.at(-1)?.event.type === "Settled");
}

async function submit(
  { world, recordings }: { world: World; recordings: string },
  what: { repository: string; fate: Fate; name: string },
): Promise<SubmittedPatch> {
  const { repository, fate, name } = what;
  const [path, content] = fileOf(fate, name);
  const files = { [path]: content };
  const draft = await world.draft(repository, files, { title: `${fate} ${name}` });
  if (fate !== "rendered") return { ...what, path, content, id: await world.submit(draft) };
  const task = { title: name, instructions: `Write ${path}.` };
  mkdirSync(recordings, { recursive: true });
  writeFileSync(join(recordings, `${digestOf(task)}.json`), JSON.stringify({ files }));
  const { diff: _, ...rest } = draft;
  return { ...what, path, content, id: await world.submit({ ...rest, task }) };
}

function fileOf(fate: Fate, name: string): [path: string, content: string] {
  if (fate === "broken")
    return ["src/add.js", `${firstFiles["src/add.js"].replace("a + b", "a - b")}// ${name}\n`];
  const secret = ["ghp", "aQ7xT2mK9rV4nB8wE3yU6iO1pL5sD0fGhJkZ"].join("_");
  const text = fate === "secret" ? `"${secret}"` : JSON.stringify(name);
  return [`src/${name}.js`, `export const ${name} = ${text};\n`];
}

/** What operators do about a patch: repeated until it is seen to have had its effect. */
async function interfere(
  world: World,
  { id, fate }: SubmittedPatch,
  on: PatchEventType,
  restMs: number,
): Promise<void> {
  if (fate !== "rolled-back" && fate !== "unwatched") return;
  const isInconclusive = (entries: Parameters<typeof isAtRest>[0]) =>
    eventsOf(entries, "Held").some(({ reason }) => reason.kind === "inconclusive");
  const isDue = fate === "unwatched" ? isInconclusive : has(on);
  await world.book.until(id, `where it is rolled back (${on})`, isDue, restMs);
  const by = { actor: "operator", reason: `taken back: ${fate}` };
  for (;;) {
    const reply = await world.client.act(id, "rollback", by).catch(() => undefined);
    if (reply?.status === 202) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
