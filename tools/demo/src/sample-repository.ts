/** The sample product as a bare repository of its own, and its author's working copy. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DemoPatch } from "./patches/demo-patch.ts";
import { runGit } from "./run-git.ts";

export interface Draft {
  readonly base: string;
  /** Unified diff against `base`. */
  readonly diff: string;
  /** The tree that `base` with the diff has. */
  readonly tree: string;
  /** New content by path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface SampleRepository {
  /** Path of the bare repository. */
  readonly bare: string;
  /** The head of a branch, undefined when there is none. */
  readonly head: (branch: string) => Promise<string | undefined>;
  /** The patch as its author would make it on the present head of main; one call at a time. */
  readonly draft: (patch: DemoPatch) => Promise<Draft>;
  readonly treeOf: (revision: string) => Promise<string>;
}

export const sampleDir = join(import.meta.dirname, "..", "sample");

/** Makes `dir/product.git` with the sample on `main`, and a working copy beside it. */
export async function makeSampleRepository(dir: string): Promise<SampleRepository> {
  const bare = join(dir, "product.git");
  const work = join(dir, "author");
  await mkdir(dir, { recursive: true });
  await runGit(dir, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  await runGit(dir, ["init", "--quiet", "--initial-branch=main", work]);
  await cp(sampleDir, work, { recursive: true });
  await runGit(work, ["add", "--all"]);
  await runGit(work, ["commit", "--quiet", "--message", "Answer questions from passages"]);
  await runGit(work, ["push", "--quiet", bare, "main"]);

  return {
    bare,
    treeOf: async (revision) => (await runGit(bare, ["rev-parse", `${revision}^{tree}`])).trim(),
    head: async (branch) => {
      const shown = await runGit(bare, [
        "for-each-ref",
        "--format=%(objectname)",
        `refs/heads/${branch}`,
      ]);
      return shown.trim() || undefined;
    },
    draft: async (patch) => {
      await runGit(work, ["fetch", "--quiet", bare, "main"]);
      await runGit(work, ["reset", "--quiet", "--hard", "FETCH_HEAD"]);
      const base = (await runGit(work, ["rev-parse", "HEAD"])).trim();
      const files: Record<string, string> = {};
      for (const { path, edit } of patch.edits) {
        const file = join(work, path);
        const content = edit(await readFile(file, "utf8").catch(() => ""));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
        files[path] = content;
      }
      await runGit(work, ["add", "--all"]);
      const diff = await runGit(work, ["diff", "--cached", "--full-index", "--no-color"]);
      const tree = (await runGit(work, ["write-tree"])).trim();
      await runGit(work, ["reset", "--quiet", "--hard"]);
      return { base, diff, tree, files };
    },
  };
}

/** Writes the files of a revision into the new folder `dir`, through an index of its own. */
export async function checkOut(bare: string, revision: string, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const index = { GIT_INDEX_FILE: `${dir}.index` };
  await runGit(bare, ["read-tree", revision], index);
  await runGit(bare, [`--work-tree=${dir}`, "checkout-index", "--all"], index);
  await rm(index.GIT_INDEX_FILE);
}
