/** A bare repository with `main`, a change that is proposed on top of it, and what Council reports of it. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../forge.ts";

export interface ProposedChange {
  readonly gitDir: string;
  /** The head of `main`. */
  readonly base: string;
  /** What is proposed. */
  readonly head: string;
  /** A commit with this text in its only file. */
  readonly commit: (text: string, parents: readonly string[]) => string;
  /** Runs git in the repository. */
  readonly git: (...args: string[]) => string;
  readonly reportOf: (changes?: Partial<Report>) => Report;
  /** Where a file beside the repository is, or would be. */
  readonly fileOf: (name: string) => string;
  /** Writes such a file; resolves to its path. */
  readonly keep: (name: string, text: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** `ref` is where the forge keeps proposed heads, such as `refs/pull/3/head`. */
export async function proposeChange(ref: string): Promise<ProposedChange> {
  const dir = await mkdtemp(join(tmpdir(), "council-forge-"));
  const gitDir = join(dir, "repo.git");
  const run = (cwd: string, args: readonly string[], input = "") => {
    const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" };
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.test"];
    return execFileSync("git", [...who, ...args], { cwd, env, input })
      .toString()
      .trim();
  };
  const git = (...args: string[]) => run(gitDir, args);
  const commit = (text: string, parents: readonly string[]) => {
    const blob = run(gitDir, ["hash-object", "-w", "--stdin"], text);
    const tree = run(gitDir, ["mktree"], `100644 blob ${blob}\ta.txt\n`);
    return git("commit-tree", tree, "-m", "c", ...parents.flatMap((each) => ["-p", each]));
  };
  run(dir, ["init", "--quiet", "--bare", "repo.git"]);
  const base = commit("one\n", []);
  const head = commit("two\n", [base]);
  git("update-ref", "refs/heads/main", base);
  git("update-ref", ref, head);
  const fileOf = (name: string) => join(dir, name);
  const keep = async (name: string, text: string) => {
    await writeFile(fileOf(name), text);
    return fileOf(name);
  };
  const reportOf = (changes: Partial<Report> = {}): Report => ({
    patchId: "p01-aaaaaaaa",
    head,
    status: "running",
    title: "audits the change",
    summary: "In audit.",
    annotations: [],
    isNewest: true,
    ...changes,
  });
  const remove = () => rm(dir, { recursive: true, force: true });
  return { gitDir, base, head, commit, git, reportOf, fileOf, keep, remove };
}
