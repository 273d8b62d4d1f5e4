/**
 * `GET /v1/patches/:id/revert-plan`: what would have to go so that a patch can go. Reads the branches and
 * the change reports, tries the reverts in this process's own mirror, and moves nothing. A rollback with
 * dependents asks for exactly what the plan of that moment says.
 */
import {
  type BranchPlan,
  type RevertPlanAnswer,
  type StoredPatch,
  trailers as names,
} from "@council/contracts";
import {
  type LandedChange,
  type Landing,
  moduleOf,
  type PatchState,
  planRollback,
  type RollbackPlan,
  usedWords,
  wordsOf,
} from "@council/domain";
import {
  type BranchCommit,
  commitsSince,
  type Mirror,
  type Mirrors,
  resolveBranch,
  tryReverts,
} from "@council/git";
import type { BusCall } from "./bounded-bus.ts";
import { type PatchPlace, partitionOn } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";

/** So many commits since the landing are looked at, and so many sets tried, before a person has to. */
const mostCommits = 200;
const mostTrials = 60;

export interface Planning {
  readonly call: BusCall;
  readonly mirrors: Mirrors;
}

/** Throws GatewayError `revert-unknown` when nothing of the patch is on a branch. */
export async function planRevertOf(deps: Planning, place: PatchPlace): Promise<RevertPlanAnswer> {
  const state = await stateOf(deps, place);
  const landings = newestOfEachBranch(state?.landings ?? []);
  if (!state || landings.length === 0)
    throw new GatewayError("revert-unknown", {
      field: "id",
      detail: "nothing of it has landed, so there is nothing to take back",
      remedy: "withdraw it, or ask again once it has landed",
    });
  const mirror = await deps.mirrors(state.patch.repository);
  const branches: BranchPlan[] = [];
  for (const landing of landings) branches.push(await planBranch(deps, mirror, { state, landing }));
  const steps = branches.flatMap(({ plan }) => ("steps" in plan ? plan.steps : []));
  const patches = steps.flatMap(({ patchId }) => (patchId === undefined ? [] : [patchId]));
  return {
    patch: place.id,
    needsPerson: branches.some(({ plan }) => ["together", "by-hand"].includes(plan.kind)),
    // The patch itself goes last: what is in its way on any branch has to be gone before.
    patches: [...new Set([...patches.filter((id) => id !== place.id), place.id])],
    branches,
  };
}

/**
 * The patches that a rollback with dependents takes back, in order, the patch itself last: tried together on
 * the branches as they are. Throws GatewayError `revert-unknown`, and `rollback-by-hand` where the set is not
 * Council's patches alone.
 */
export async function rollbackSetOf(deps: Planning, place: PatchPlace): Promise<readonly string[]> {
  const { branches, patches } = await planRevertOf(deps, place);
  for (const { branch, plan } of branches)
    if (plan.kind === "by-hand")
      throw new GatewayError("rollback-by-hand", {
        field: "id",
        detail: `on ${branch}: ${plan.reason}`,
        remedy: `nothing was touched; read council revert-plan ${place.id}, and undo what is in the way by hand`,
      });
  return patches;
}

async function planBranch(
  deps: Planning,
  mirror: Mirror,
  { state, landing }: { state: PatchState; landing: Landing },
): Promise<BranchPlan> {
  const { branch, commit } = landing;
  const head = await resolveBranch(mirror, branch);
  const about = { branch, head: head ?? "", landing: commit, hunks: [] };
  if (head === undefined) return { ...about, plan: { kind: "not-landed" } };
  const since = await commitsSince(mirror, { from: commit, to: head, max: mostCommits });
  const { standing, isReverted } = standingOf(since, commit);
  if (isReverted) return { ...about, plan: { kind: "already-reverted" } };
  const alone = await tryReverts(mirror, { head, commits: [commit] });
  const changes: LandedChange[] = [];
  const { id, title, author, repository, targetBranch } = state.patch;
  const place = { repository, isStage: branch !== targetBranch };
  for (const each of standing) changes.push(await describeChange(deps, each, place));
  const own = await namesOf(deps, state);
  changes.push({ commit, patchId: id, title, author, paths: [], ...own });
  const hunks = alone.kind === "conflict" ? alone.hunks : [];
  return { ...about, plan: await run(mirror, head, changes), hunks };
}

/** Tries in git whatever the planner asks for. */
async function run(
  mirror: Mirror,
  head: string,
  changes: readonly LandedChange[],
): Promise<RollbackPlan> {
  const planning = planRollback(changes);
  let step = planning.next();
  for (let trials = 0; !step.done; trials += 1) {
    if (trials >= mostTrials)
      return { kind: "by-hand", reason: `no set was found in ${mostTrials} trials`, steps: [] };
    const outcome = await tryReverts(mirror, { head, commits: step.value.commits });
    step = planning.next(
      outcome.kind === "clean"
        ? { kind: "clean" }
        : { ...outcome, paths: [...new Set(outcome.hunks.map(({ path }) => path))] },
    );
  }
  return step.value;
}

/** What still holds of the commits since the landing: neither taken back since, nor itself such an undoing. */
function standingOf(
  since: readonly BranchCommit[],
  landing: string,
): { standing: BranchCommit[]; isReverted: boolean } {
  const known = new Set(since.map(({ commit }) => commit));
  const undone = new Set<string>();
  const standing: BranchCommit[] = [];
  for (const each of since) {
    if (undone.has(each.commit)) continue;
    for (const target of each.reverts) undone.add(target);
    const isNeutral = each.reverts.length > 0 && each.reverts.every((target) => known.has(target));
    if (!isNeutral) standing.push(each);
  }
  return { standing, isReverted: undone.has(landing) };
}

async function describeChange(
  deps: Planning,
  commit: BranchCommit,
  { repository, isStage }: { readonly repository: string; readonly isStage: boolean },
): Promise<LandedChange> {
  const patchId = commit.trailers.find(([key]) => key === names.patch)?.[1];
  const named = patchId === undefined ? undefined : await patchNamed(deps, patchId);
  // On the target branch a trailer alone makes no patch of a commit, for anybody can write one: it has to be
  // what the ledger knows as the patch's. A stage branch is Council's alone, and holds landings that were
  // levelled away since, when the base moved.
  const isItsOwn =
    named?.patch.repository === repository &&
    (isStage ||
      [...named.landings, ...named.reverts].some((each) => each.commit === commit.commit));
  const state = isItsOwn ? named : undefined;
  return {
    commit: commit.commit,
    ...(state === undefined ? {} : { patchId: state.patch.id }),
    ...(commit.reverts.length > 0 ? { isRevert: true } : {}),
    title: commit.subject,
    author: state?.patch.author ?? commit.author,
    paths: commit.paths,
    ...(state === undefined ? { adds: [], uses: [] } : await namesOf(deps, state)),
  };
}

async function patchNamed({ call }: Planning, id: string): Promise<PatchState | undefined> {
  const partition = await call(async (bus) => partitionOn(bus, id));
  return partition === undefined ? undefined : stateOf({ call }, { id, partition });
}

async function stateOf(
  { call }: Pick<Planning, "call">,
  { id, partition }: PatchPlace,
): Promise<PatchState | undefined> {
  const read = await call((bus) => bus.readState(partition, id));
  return read && (JSON.parse(read.value) as StoredPatch).state;
}

/** What the stored comparison says of names, as far as it is still kept. */
async function namesOf(
  { call }: Planning,
  { comparison, patch }: PatchState,
): Promise<Pick<LandedChange, "adds" | "uses">> {
  if (comparison?.kind !== "compared" || comparison.report === undefined)
    return { adds: [], uses: [] };
  const digest = comparison.report;
  const bytes = await call((bus) => bus.readBlob(bus.partitionOf(patch.repository), digest));
  if (bytes === undefined) return { adds: [], uses: [] };
  const { change } = JSON.parse(Buffer.from(bytes).toString("utf8")) as StoredReport;
  const { symbols = [], files = [], touches } = change ?? {};
  const added = symbols.filter(({ change: how, exported }) => exported && how !== "changed");
  return {
    adds: [
      ...added.flatMap(({ name, change: how }) => (how === "removed" ? [] : wordsOf(name))),
      ...files.flatMap((file) => (file.change === "added" ? [moduleOf(file.path)] : [])),
    ],
    uses: [...(touches?.calls ?? []), ...(touches?.imports ?? [])].flatMap(usedWords),
  };
}

/** The part of a stored comparison that is read here. */
interface StoredReport {
  readonly change?: {
    readonly symbols?: readonly { name: string; change: string; exported: boolean }[];
    readonly files?: readonly { path: string; change: string }[];
    readonly touches?: { readonly calls?: readonly string[]; readonly imports?: readonly string[] };
  };
}

/** A patch that moved only traffic between stages stands on one commit. */
function newestOfEachBranch(landings: readonly Landing[]): Landing[] {
  const newest = new Map(landings.map((landing) => [landing.branch, landing]));
  return [...newest.values()].toReversed();
}
