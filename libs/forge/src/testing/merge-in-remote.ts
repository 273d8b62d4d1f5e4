import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const who = { GIT_AUTHOR_NAME: "Forge", GIT_AUTHOR_EMAIL: "forge@example.test" };
const committer = { GIT_COMMITTER_NAME: "Forge", GIT_COMMITTER_EMAIL: "forge@example.test" };

async function git(gitDir: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", ...who, ...committer };
  const { stdout } = await run("git", ["--git-dir", gitDir, ...args], { env });
  return stdout.trim();
}

export const refAt = (gitDir: string, ref: string) => git(gitDir, ["rev-parse", "--verify", ref]);

/** Squashes `head` into a branch of a bare repository as a forge does; undefined when it conflicts. */
export async function squashInto(
  gitDir: string,
  { branch, head, message }: { branch: string; head: string; message: string },
): Promise<string | undefined> {
  const target = await refAt(gitDir, `refs/heads/${branch}`);
  const tree = await git(gitDir, ["merge-tree", "--write-tree", target, head]).catch(() => "");
  if (tree === "") return undefined;
  const commit = await git(gitDir, ["commit-tree", tree, "-p", target, "-m", message]);
  await git(gitDir, ["update-ref", `refs/heads/${branch}`, commit, target]);
  return commit;
}

/** Puts a merge commit in the place of the squashed one, which becomes its second parent. */
export async function mergeInto(
  gitDir: string,
  { branch, squashed, message }: { branch: string; squashed: string; message: string },
): Promise<string> {
  const parents = ["-p", `${squashed}^`, "-p", squashed];
  const commit = await git(gitDir, [
    "commit-tree",
    `${squashed}^{tree}`,
    ...parents,
    "-m",
    message,
  ]);
  await git(gitDir, ["update-ref", `refs/heads/${branch}`, commit, squashed]);
  return commit;
}
