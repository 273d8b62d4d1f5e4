/**
 * Runs what the branches of the product say: main, and beside it the patch that is being watched.
 *
 * It knows Council only by the trailers on the branches. The poll decides and takes weight away at
 * once; bringing a version up takes longer, and gets weight only if it is still what is wanted.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "./arm-fleet.ts";
import { armFleet } from "./arm-fleet.ts";
import { headCommit, readHead } from "./branch-head.ts";
import type { BranchHead, Deployment } from "./deployment-plan.ts";
import { planDeployment, revertedPatch } from "./deployment-plan.ts";
import type { Routes } from "./proxy.ts";
import type { SampleLine } from "./sample-sender.ts";

export interface Deployer {
  /** What has weight now. */
  readonly current: () => Deployment | undefined;
  /** The patch is not measured any more: what is on main is the baseline, and the only version. */
  readonly conclude: (patchId: string) => void;
  readonly stop: () => Promise<void>;
}

export interface DeployerOptions {
  /** Path of the bare repository. */
  readonly bare: string;
  /** Checked out versions are put here. */
  readonly dir: string;
  readonly targetBranch?: string;
  readonly canaryBranch?: string;
  readonly onRoutes: (routes: Routes) => void;
  readonly onSamples: (...lines: readonly SampleLine[]) => void;
  readonly onFailure: (error: unknown) => void;
}

const pollMs = 150;
const coverageEveryMs = 500;

/** Starts polling; the first version has weight when the promise resolves. */
export async function startDeployer(options: DeployerOptions): Promise<Deployer> {
  const { bare, targetBranch = "main", canaryBranch = "council/canary" } = options;
  const stopping = new AbortController();
  const [ended, measured] = [new Set<string>(), new Set<string>()];
  const fleet = armFleet(bare, options.dir);
  const heads = new Map<string, BranchHead>();
  let wanted: Deployment | undefined;
  let current: Deployment | undefined;

  const headOf = async (branch: string): Promise<BranchHead | undefined> => {
    const commit = await headCommit(bare, branch);
    if (commit === undefined) return undefined;
    const head = heads.get(commit) ?? (await readHead(bare, commit));
    heads.set(commit, head);
    const reverted = revertedPatch(head);
    if (reverted !== undefined) ended.add(reverted);
    return head;
  };
  const deploy = async (deployment: Deployment): Promise<void> => {
    const [baseline, canary] = await Promise.all([
      fleet.run(deployment.baseline),
      deployment.canary && fleet.run(deployment.canary),
    ]);
    if (wanted !== deployment || stopping.signal.aborted) return;
    current = deployment;
    options.onRoutes(routesOf(deployment, baseline, canary));
    fleet.retain([deployment.baseline.tree, deployment.canary?.tree ?? ""]);
  };
  const poll = async (): Promise<void> => {
    const canary = await headOf(canaryBranch);
    const main = await headOf(targetBranch);
    if (main === undefined) throw new Error(`the product has no branch ${targetBranch}`);
    const next = planDeployment({ main, canary, ended, measured });
    if (isSame(next, wanted)) return;
    wanted = next;
    const isTakenDown = current?.canary && current.canary.commit !== next.canary?.commit;
    if (current && isTakenDown) {
      const baseline = await fleet.run(current.baseline);
      options.onRoutes(routesOf({ baseline: current.baseline }, baseline, undefined));
      current = { baseline: current.baseline };
    }
    await deployLater(deploy(next), options.onFailure, current === undefined);
  };

  await poll();
  const polling = repeat(pollMs, poll, stopping.signal, options.onFailure);
  const telling = repeat(
    coverageEveryMs,
    async () => options.onSamples(...coverageLines(current, fleet.coverageOf, Date.now())),
    stopping.signal,
    options.onFailure,
  );
  return {
    current: () => current,
    conclude: (patchId) => [ended, measured].forEach((patches) => patches.add(patchId)),
    stop: async () => {
      stopping.abort();
      await Promise.all([polling, telling]);
      await fleet.stop();
    },
  };
}

/** The first deployment is waited for; later ones go on beside the poll. */
async function deployLater(
  deploying: Promise<void>,
  onFailure: (error: unknown) => void,
  isFirst: boolean,
): Promise<void> {
  if (isFirst) return deploying;
  deploying.catch(onFailure);
}

async function repeat(
  everyMs: number,
  act: () => Promise<void>,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await act().catch(onFailure);
  }
}

function isSame(left: Deployment, right: Deployment | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function routesOf(deployment: Deployment, baseline: Running, canary: Running | undefined): Routes {
  const { canary: watched } = deployment;
  if (watched === undefined || canary === undefined) return { baselinePort: baseline.arm.port };
  const { weight, patchId } = watched;
  return { baselinePort: baseline.arm.port, canary: { port: canary.arm.port, weight, patchId } };
}

function coverageLines(
  deployment: Deployment | undefined,
  coverageOf: (tree: string) => number | undefined,
  at: number,
): readonly SampleLine[] {
  const watched = deployment?.canary;
  if (deployment === undefined || watched === undefined) return [];
  const arms = [
    ["baseline", deployment.baseline.tree],
    ["canary", watched.tree],
  ] as const;
  return arms.flatMap(([arm, tree]) => {
    const value = coverageOf(tree);
    const line = { patch: watched.patchId, arm, metric: "coverage", unit: "ratio", at } as const;
    return value === undefined ? [] : [{ ...line, value }];
  });
}
