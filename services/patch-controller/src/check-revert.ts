/** The repository's own tests on the tree a revert leads to, in the sandbox, before the branch is touched. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PatchEffect, RevertCheck } from "@council/domain";
import { materialise, type Mirror, type VerifyOutcome } from "@council/git";
import { removeTree, runTestCommand, type SandboxSearch } from "@council/providers";
import { redactText } from "@council/runtime";

/** What the tests of a repository say of a tree within the time given; never rejects. */
export type CheckTree = (
  repository: string,
  mirror: Mirror,
  tree: string,
  timeoutMs: number,
) => Promise<RevertCheck>;

/** So much of the output, from its end, shows what is wrong. */
const outputTail = 1500;

export function treeChecker(
  repositories: ReadonlyMap<string, { readonly testCommand?: readonly string[] }>,
  findSandbox: () => Promise<SandboxSearch>,
): CheckTree {
  return async (repository, mirror, tree, timeoutMs) => {
    const command = repositories.get(repository)?.testCommand;
    if (!command) return inconclusive("no test command is configured");
    try {
      return await runTests(mirror, tree, { command, timeoutMs, sandbox: await findSandbox() });
    } catch (error) {
      // P4: a full disk or a lost sandbox keeps no revert from going through.
      return inconclusive(error instanceof Error ? error.message : String(error));
    }
  };
}

async function runTests(
  mirror: Mirror,
  tree: string,
  run: { command: readonly string[]; timeoutMs: number; sandbox: SandboxSearch },
): Promise<RevertCheck> {
  const root = await mkdtemp(join(tmpdir(), "council-revert-"));
  try {
    const dir = join(root, "tree");
    const written = await materialise(mirror, tree, dir);
    if (written.kind === "refused") return inconclusive(written.reason);
    const result = await runTestCommand({ ...run, dir });
    if (result.kind === "passed") return { kind: "passed" };
    if (result.kind === "inconclusive") return inconclusive(result.reason);
    const { exitCode, output } = result;
    // It goes into the ledger for good.
    const end = redactText(output).slice(-outputTail);
    return { kind: "failed", reason: `exit code ${exitCode}: ${end}` };
  } finally {
    await removeTree(root);
  }
}

type Wanted = NonNullable<Extract<PatchEffect, { type: "revert" }>["check"]>;

/**
 * Asks about each tree once, and all of them together for no longer than the policy gives. Only where the
 * check binds does a failure keep a tree from being pushed; missing evidence never does (P3, P4).
 */
export function revertCheck(
  { timeoutMs, isBinding }: Wanted,
  ask: (tree: string, timeoutMs: number) => Promise<RevertCheck>,
  now: () => number = () => performance.now(),
): {
  readonly verify: (tree: string) => Promise<VerifyOutcome>;
  /** The worst that was said; undefined when nothing had to be reverted. */
  readonly found: () => RevertCheck | undefined;
} {
  const known = new Map<string, RevertCheck>();
  let leftMs = timeoutMs;
  const answerOf = async (tree: string) => {
    if (leftMs <= 0) return inconclusive(`the tests took longer than ${timeoutMs} ms`);
    const startedAt = now();
    const answer = await ask(tree, Math.ceil(leftMs));
    leftMs -= now() - startedAt;
    return answer;
  };
  return {
    verify: async (tree) => {
      const answer = known.get(tree) ?? (await answerOf(tree));
      known.set(tree, answer);
      if (!isBinding || answer.kind !== "failed") return { kind: "ok" };
      const reason = `the tests fail on the reverted tree, ask again to revert all the same: ${answer.reason}`;
      return { kind: "veto", reason };
    },
    found: () => {
      const all = [...known.values()];
      return (
        all.find(({ kind }) => kind === "failed") ??
        all.find(({ kind }) => kind === "inconclusive") ??
        all[0]
      );
    },
  };
}

const inconclusive = (reason: string): RevertCheck => ({
  kind: "inconclusive",
  reason: redactText(reason).slice(0, outputTail),
});
