/** What is drilled: a clone of a repository per drilled patch, and the patch itself. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeSampleRepository, nameTheSource, runGit } from "@council/demo/product";

export interface Target {
  /** Where clones are made from; never written to. */
  readonly origin: string;
  readonly branch: string;
  readonly base: string;
  readonly baseTree: string;
  readonly diff: string;
  readonly title: string;
  readonly testCommand?: readonly string[];
}

export interface Clone {
  readonly id: string;
  readonly gitDir: string;
}

export interface OwnTarget {
  readonly repository: string;
  readonly diffFile: string;
  readonly branch?: string;
  readonly testCommand?: readonly string[];
}

export const canaryBranch = "council/canary";
const patchHeader = /^\+\+\+ b\/(.+)$/m;

/** The sample product with a harmless patch of it. */
export async function sampleTarget(dir: string): Promise<Target> {
  const sample = await makeSampleRepository(dir);
  const { base, diff } = await sample.draft(nameTheSource);
  const baseTree = await sample.treeOf(base);
  const { title } = nameTheSource;
  const testCommand = ["node", "--test"];
  return { origin: sample.bare, branch: "main", base, baseTree, diff, title, testCommand };
}

/** A repository and a diff of the operator's own. Rejects with git's words when the diff does not apply. */
export async function ownTarget(dir: string, own: OwnTarget): Promise<Target> {
  await mkdir(dir, { recursive: true });
  const branch = own.branch ?? "main";
  const origin = join(dir, "origin.git");
  await runGit(dir, ["clone", "--quiet", "--bare", "--branch", branch, own.repository, origin]);
  const base = (await runGit(origin, ["rev-parse", `refs/heads/${branch}`])).trim();
  const baseTree = (await runGit(origin, ["rev-parse", `${base}^{tree}`])).trim();
  const diff = await readFile(own.diffFile, "utf8");
  const index = { GIT_INDEX_FILE: join(dir, "check.index") };
  await runGit(origin, ["read-tree", base], index);
  await runGit(origin, ["apply", "--cached", "--check", own.diffFile], index);
  const title = `Drill of ${own.diffFile.split("/").at(-1) ?? "a patch"}`;
  return {
    origin,
    branch,
    base,
    baseTree,
    diff,
    title,
    ...(own.testCommand ? { testCommand: own.testCommand } : {}),
  };
}

/** A clone with its own objects, so that nothing done to it can reach the origin. */
export async function cloneTarget({ origin }: Target, dir: string, id: string): Promise<Clone> {
  await mkdir(dir, { recursive: true });
  const gitDir = join(dir, `${id}.git`);
  await runGit(dir, ["clone", "--quiet", "--bare", "--no-hardlinks", origin, gitDir]);
  return { id, gitDir };
}

/** The tree of a branch; undefined when there is no such branch. */
export async function treeOf({ gitDir }: Clone, branch: string): Promise<string | undefined> {
  const format = "--format=%(tree)";
  const shown = await runGit(gitDir, ["for-each-ref", format, `refs/heads/${branch}`]);
  return shown.trim() || undefined;
}

/** Makes the repository refuse every push, until the answer is called. */
export async function rejectPushes({ gitDir }: Clone): Promise<() => Promise<void>> {
  const hook = join(gitDir, "hooks", "pre-receive");
  await mkdir(join(gitDir, "hooks"), { recursive: true });
  await writeFile(hook, "#!/bin/sh\necho 'this drill rejects every push' >&2\nexit 1\n", {
    mode: 0o755,
  });
  return () => rm(hook, { force: true });
}

/** A commit of someone else that changes a line the patch has changed; undoing it is the answer. */
export async function commitOnTop(
  clone: Clone,
  { branch, diff }: Target,
): Promise<() => Promise<void>> {
  const { gitDir } = clone;
  const before = (await runGit(gitDir, ["rev-parse", `refs/heads/${branch}`])).trim();
  const work = await mkdtemp(`${gitDir}.work-`);
  try {
    await runGit(work, ["clone", "--quiet", "--branch", branch, gitDir, "."]);
    const path = patchHeader.exec(diff)?.[1] ?? "";
    const file = join(work, path);
    const added = diff.split("\n").find((line) => /^\+(?!\+\+ )\S*\s*\S{3}/.test(line));
    const line = added?.slice(1) ?? "";
    const text = await readFile(file, "utf8");
    if (line === "" || !text.includes(line))
      throw new Error(`no line of ${path} can be changed on top of the patch`);
    await writeFile(
      file,
      text.replace(line, () => `${line} `),
    );
    await runGit(work, ["commit", "--quiet", "--all", "--message", "Touch the same line"]);
    await runGit(work, ["push", "--quiet", "origin", `HEAD:refs/heads/${branch}`]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return async () => {
    await runGit(gitDir, ["update-ref", `refs/heads/${branch}`, before]);
  };
}
