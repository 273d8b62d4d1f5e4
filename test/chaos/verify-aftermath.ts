/**
 * Judges a campaign from what it left: the ledger, the stored states and the git repositories. Knows
 * nothing of what was struck, and takes no process's word for anything.
 */
import { type LedgerEntry, partitionOfPatch, type StoredPatch, trailers } from "@council/contracts";
import { evolve, type PatchState } from "@council/domain";
import { verifyChain } from "@council/evidence";
import type { World } from "../e2e/council-world.ts";
import { firstFiles } from "../e2e/council-world.ts";
import {
  type BranchCommit,
  branchesOf,
  commitsOf,
  faultsOf,
  filesAt,
  treeAt,
} from "../e2e/git-desk.ts";
import { eventsOf, story } from "../e2e/ledger-book.ts";
import { endings, type SubmittedPatch, type Workload } from "./workload.ts";

export interface Aftermath {
  /** Every broken promise, with the number of its guarantee. */
  readonly faults: readonly string[];
  readonly patches: number;
  readonly byEnding: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly doubled: number;
}

interface PatchTrace {
  readonly id: string;
  readonly entries: readonly LedgerEntry[];
  readonly stored: StoredPatch;
}

type BranchLog = ReadonlyMap<string, readonly BranchCommit[]>;

export async function verifyAftermath(
  world: World,
  workload: Workload,
  repositories: readonly string[],
): Promise<Aftermath> {
  const submitted = workload.submitted();
  const traces = await readTraces(world);
  const byId = new Map(traces.map((trace) => [trace.id, trace] as const));
  const faults: string[] = [...lostFaults(submitted, byId)];
  const doubledIds = traces.filter(({ id }) => !submitted.some((patch) => patch.id === id));
  faults.push(...doubledIds.map(({ id }) => `P1: ${id} was made of no delivery, or twice of one`));
  for (const trace of traces) {
    const told = [chainFaults, quorumFaults, evidenceFaults, revertFaults].flatMap((faultsIn) =>
      faultsIn(trace),
    );
    if (told.length > 0) faults.push(...told, story(trace.entries));
  }
  let doubled = doubledIds.length;
  for (const repository of repositories) {
    const log = await branchLog(world, repository);
    const twice = repeatFaults(repository, log);
    doubled += twice.length;
    const own = traces.filter(({ stored }) => stored.state.patch.repository === repository);
    faults.push(...twice, ...landingFaults(own, log));
    faults.push(...(await treeFaults(world, repository, own)));
    faults.push(...(await contentFaults(world, repository, workload)));
  }
  faults.push(...(await restlessFaults(world)), ...feedFaults(world, traces));
  const kinds = traces.map(({ stored }) => stored.state.kind);
  const byEnding = Object.fromEntries(
    [...new Set(kinds)].sort().map((kind) => [kind, kinds.filter((one) => one === kind).length]),
  );
  const lost = submitted.filter(({ id }) => !byId.has(id)).length;
  return { faults, patches: submitted.length, byEnding, lost, doubled };
}

async function readTraces({ bus }: World): Promise<PatchTrace[]> {
  const entries = new Map<string, LedgerEntry[]>();
  for (let partition = 0; partition < bus.partitions; partition += 1) {
    for (const { entry } of await bus.readLedger(partition, { count: 1_000_000 })) {
      const parsed = JSON.parse(entry) as LedgerEntry;
      if (partitionOfPatch(parsed.patchId) === undefined) continue;
      entries.set(parsed.patchId, [...(entries.get(parsed.patchId) ?? []), parsed]);
    }
  }
  return await Promise.all(
    [...entries].map(async ([id, own]) => {
      const read = await bus.readState(partitionOfPatch(id) ?? 0, id);
      return { id, entries: own, stored: JSON.parse(read?.value ?? "{}") as StoredPatch };
    }),
  );
}

/** P8: what was answered 202 is there, and came to the rest it must come to. */
function lostFaults(
  submitted: readonly SubmittedPatch[],
  traces: ReadonlyMap<string, PatchTrace>,
): string[] {
  return submitted.flatMap(({ id, fate }) => {
    const trace = traces.get(id);
    if (trace === undefined) return [`P8: ${id} was answered 202 and is lost`];
    const { kind } = trace.stored.state;
    if (endings[fate].includes(kind)) return [];
    return [`P8: ${id} (${fate}) ended ${kind}\n${story(trace.entries)}`];
  });
}

/** P5: one unbroken chain per patch, and replaying it gives what is stored. */
function chainFaults({ id, entries, stored }: PatchTrace): string[] {
  const chain = verifyChain(entries);
  const isWhole =
    chain.kind === "intact" && chain.count === stored.sequence && chain.head === stored.chainHead;
  const state = entries.reduce<PatchState | undefined>(
    (before, { event }) => evolve(before, event),
    undefined,
  );
  const isEqual = JSON.stringify(sorted(state)) === JSON.stringify(sorted(stored.state));
  return [
    ...(isWhole ? [] : [`P5: ${id} has a broken chain: ${JSON.stringify(chain)}`]),
    ...(isEqual ? [] : [`P5: ${id} replays to another state than is stored`]),
  ];
}

/** P2: before every landing, a round on exactly its candidate in which enough heads approved. */
function quorumFaults({ id, entries, stored }: PatchTrace): string[] {
  const { approvalsNeeded } = stored.state.patch.policy;
  return entries.flatMap(({ event }, at) => {
    if (event.type !== "Landed") return [];
    const before = entries.slice(0, at);
    const round = before.slice(before.findLastIndex((each) => each.event.type === "AuditStarted"));
    const [started] = eventsOf(round, "AuditStarted");
    const approvals = new Set(
      eventsOf(round, "VoteRecorded")
        .filter(({ vote }) => vote.verdict === "approve")
        .filter(({ vote }) => vote.digest === started?.candidate.digest)
        .map(({ vote }) => vote.head),
    );
    const isApproved = eventsOf(round, "VerdictReached").at(-1)?.verdict.kind === "approved";
    const { tree, commit } = event.landing;
    return [
      ...(isApproved && approvals.size >= approvalsNeeded
        ? []
        : [`P2: ${id} landed ${commit} with ${approvals.size} approvals`]),
      ...(tree === started?.candidate.tree ? [] : [`P9: ${id} landed ${tree}, not as audited`]),
    ];
  });
}

/** P3: only health moves a patch on, only a breach or a person takes it back. */
function evidenceFaults({ id, entries }: PatchTrace): string[] {
  return entries.flatMap(({ event }) => {
    if (event.type === "StagePassed" && event.observation.kind !== "healthy")
      return [`P3: ${id} moved on although ${event.observation.kind}`];
    if (event.type === "RevertStarted" && event.cause.kind === "breach")
      return event.cause.observation.kind === "breach" ? [] : [`P3: ${id} reverted for nothing`];
    return [];
  });
}

/** P9: a patch is reverted only when every landing it had on a branch is. */
function revertFaults({ id, entries }: PatchTrace): string[] {
  const end = entries.findLastIndex(({ event }) => event.type === "Reverted");
  if (end < 0) return [];
  const before = entries.slice(0, end + 1);
  // What landed on a base that moved was taken off its branch when that was found.
  const life = before.slice(before.findLastIndex(({ event }) => event.type === "BaseMoved") + 1);
  const reverts = eventsOf(life, "Reverted").flatMap((event) => event.reverts);
  return eventsOf(life, "Landed")
    .filter(({ landing }) => !reverts.some((revert) => revert.landing === landing.commit))
    .map(({ landing }) => `P9: ${id} is reverted, its landing on ${landing.branch} is not`);
}

async function branchLog(world: World, repository: string): Promise<BranchLog> {
  const remote = world.remote(repository);
  const branches = await branchesOf(remote);
  const logs = branches.map(async (branch) => [branch, await commitsOf(remote, branch)] as const);
  return new Map(await Promise.all(logs));
}

/** P1: every effect at most once on a branch, every landing reverted at most once. */
function repeatFaults(repository: string, log: BranchLog): string[] {
  return [...log].flatMap(([branch, commits]) =>
    [trailers.effect, trailers.reverts].flatMap((key) => {
      const seen = commits.flatMap((commit) => commit.trailers[key] ?? []);
      const twice = seen.filter((value, at) => seen.indexOf(value) !== at);
      return twice.map((value) => `P1: ${key} ${value} stands twice on ${repository} ${branch}`);
    }),
  );
}

/** What the ledger says has landed or was reverted is on its branch, and nothing else is. */
function landingFaults(traces: readonly PatchTrace[], log: BranchLog): string[] {
  const told = traces.flatMap(({ id, entries }) => [
    ...eventsOf(entries, "Landed").map(({ landing }) => ({ id, ...landing })),
    ...eventsOf(entries, "Reverted").flatMap(({ reverts }) =>
      reverts.map((revert) => ({ id, ...revert })),
    ),
  ]);
  const missing = told.filter(
    ({ branch, commit, tree }) =>
      !log.get(branch)?.some((each) => each.commit === commit && each.tree === tree),
  );
  const known = new Set(told.map(({ commit }) => commit));
  const untold = [...log].flatMap(([branch, commits]) =>
    commits
      .filter(({ trailers: own }) => own[trailers.effect] !== undefined)
      .filter(({ commit }) => !known.has(commit))
      .map(({ commit, message }) => `P1: ${commit} on ${branch} is in no ledger:\n${message}`),
  );
  return [
    ...missing.map(({ id, commit, branch }) => `P9: ${id}: ${commit} is not on ${branch}`),
    ...new Set(untold),
  ];
}

/** P9: landed trees are the audited ones; an exact revert restores every path the landing touched. */
async function treeFaults(
  world: World,
  repository: string,
  traces: readonly PatchTrace[],
): Promise<string[]> {
  const remote = world.remote(repository);
  const faults: string[] = [];
  for (const { id, entries } of traces) {
    const landings = eventsOf(entries, "Landed").map(({ landing }) => landing);
    for (const landing of landings) {
      if ((await treeAt(remote, landing.commit)) !== landing.tree)
        faults.push(`P9: ${id}: ${landing.commit} has another tree than recorded`);
    }
    const reverts = eventsOf(entries, "Reverted").flatMap((event) => event.reverts);
    for (const revert of reverts) {
      const landing = landings.find(({ commit }) => commit === revert.landing);
      if (landing === undefined) {
        faults.push(`P9: ${id} reverted ${revert.landing}, which it never landed`);
        continue;
      }
      const [before, landed, after] = await Promise.all(
        [landing.parent, landing.commit, revert.commit].map((at) => filesAt(remote, at)),
      );
      const touched = [...new Set([...before!.keys(), ...landed!.keys()])].filter(
        (path) => before!.get(path) !== landed!.get(path),
      );
      const unrestored = touched.filter((path) => after!.get(path) !== before!.get(path));
      if (unrestored.length > 0)
        faults.push(`P9: ${id}: ${revert.commit} does not restore ${unrestored.join(", ")}`);
    }
  }
  return faults;
}

/** The branch holds what settled and what was pushed past Council, and nothing else. */
async function contentFaults(
  world: World,
  repository: string,
  workload: Workload,
): Promise<string[]> {
  const remote = world.remote(repository);
  const expected = new Map<string, string>(Object.entries(firstFiles));
  for (const [path, content] of workload.pushed(repository)) expected.set(path, content);
  const own = workload.submitted().filter((patch) => patch.repository === repository);
  const stays = own.filter(({ fate }) => endings[fate].includes("settled"));
  for (const { path, content } of stays) expected.set(path, content);
  const faults: string[] = [];
  const found = await filesAt(remote, "main");
  for (const [path, content] of expected)
    if ((await remote.text(path)) !== content)
      faults.push(`P9: ${repository} main: ${path} is not what it should be`);
  for (const path of found.keys())
    if (!expected.has(path)) faults.push(`P9: ${repository} main: ${path} should not be there`);
  if ((await remote.head("council/canary")) !== undefined)
    for (const path of (await filesAt(remote, "council/canary")).keys())
      if (!expected.has(path)) faults.push(`P9: ${repository} canary: ${path} should be gone`);
  const broken = await faultsOf(remote);
  return broken === "" ? faults : [...faults, `${repository}: git fsck: ${broken}`];
}

/** P8: no message waits and none was given up. */
async function restlessFaults({ bus }: World): Promise<string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const waiting = (await bus.depth()).filter(({ length }) => length > 0);
    if (waiting.length === 0) break;
    if (Date.now() > deadline) return [`P8: messages wait: ${JSON.stringify(waiting)}`];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const dead = await bus.deadLetters();
  return dead.map(({ inbox, error, payload }) => `P8: given up in ${inbox}: ${error} ${payload}`);
}

/** Whoever followed the ledger through all of it has read every entry once. */
function feedFaults({ book }: World, traces: readonly PatchTrace[]): string[] {
  return traces
    .filter(({ id, entries }) => {
      const read = book.of(id).map(({ digest }) => digest);
      return JSON.stringify(read) !== JSON.stringify(entries.map(({ digest }) => digest));
    })
    .map(({ id }) => `the follower of the ledger read something else about ${id}`);
}

/** The same value with its keys in order, so that equal values have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, held]) => [key, sorted(held)]),
  );
}
