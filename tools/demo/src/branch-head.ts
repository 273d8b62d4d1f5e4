import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BranchHead } from "./deployment-plan.ts";
import { runGit } from "./run-git.ts";

/** The commit a branch points at, by reading git's file when there is one: cheap enough to poll. */
export async function headCommit(bare: string, branch: string): Promise<string | undefined> {
  const loose = await readFile(join(bare, "refs", "heads", branch), "utf8").catch(() => "");
  if (loose.trim() !== "") return loose.trim();
  const listed = await runGit(bare, [
    "for-each-ref",
    "--format=%(objectname)",
    `refs/heads/${branch}`,
  ]);
  return listed.trim() || undefined;
}

/** Tree, first parent and trailers of a commit. */
export async function readHead(bare: string, commit: string): Promise<BranchHead> {
  const format = "%T%x00%P%x00%(trailers:only,unfold)";
  const shown = await runGit(bare, ["log", "-1", `--format=${format}`, commit]);
  const [tree = "", parents = "", trailerText = ""] = shown.split("\0");
  const parent = parents.split(" ")[0];
  const parentTree = parent ? (await runGit(bare, ["rev-parse", `${parent}^{tree}`])).trim() : "";
  return {
    commit,
    tree,
    ...(parent ? { parent: { commit: parent, tree: parentTree } } : {}),
    trailers: Object.fromEntries(
      trailerText.split("\n").flatMap((line) => {
        const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}
