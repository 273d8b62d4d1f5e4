import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestRemote } from "@council/git/testing";

const everyMs = 2;

/**
 * Tells at once when a branch of a remote comes to another commit, before whoever moved it has an
 * answer. Reads the files of the refs: asking git would take longer than the moment lasts.
 */
export function watchBranches(
  remotes: readonly TestRemote[],
  branches: readonly string[],
  onMoved: () => void,
): { readonly stop: () => void } {
  const files = remotes.flatMap(({ repository }) =>
    branches.map((branch) => join(repository.gitDir, "refs", "heads", branch)),
  );
  const known = new Map(files.map((file) => [file, read(file)]));
  const timer = setInterval(() => {
    for (const file of files) {
      const now = read(file);
      if (now === known.get(file)) continue;
      known.set(file, now);
      onMoved();
    }
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined; // not there yet
  }
}
