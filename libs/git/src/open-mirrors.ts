import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Mirror, openMirror } from "./mirror.ts";

/** The private bare mirror of a repository, by the repository's id; opened once per process. */
export type Mirrors = (repository: string) => Promise<Mirror>;

/** Mirrors live below `dataDir`, which no other process may use. Rejects for an unknown id. */
export function openMirrors(
  repositories: ReadonlyMap<string, { readonly remote: string }>,
  dataDir: string,
): Mirrors {
  const open = new Map<string, Promise<Mirror>>();
  return async (repository) => {
    const known = open.get(repository);
    if (known) return await known;
    const config = repositories.get(repository);
    if (!config) throw new Error(`no such repository: ${repository}`);
    const dir = join(dataDir, `${encodeURIComponent(repository)}.git`);
    const opening = mkdir(dataDir, { recursive: true }).then(() =>
      openMirror({ remoteUrl: config.remote, dir }),
    );
    open.set(repository, opening);
    opening.catch(() => open.delete(repository));
    return await opening;
  };
}
