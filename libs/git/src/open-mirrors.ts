import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Mirror, openMirror } from "./mirror.ts";
import { type AccessFiles, readAccess } from "./read-access.ts";
import type { Signing } from "./sign-commit.ts";

/** The private bare mirror of a repository, by the repository's id; opened once per process. */
export type Mirrors = (repository: string) => Promise<Mirror>;

/**
 * Mirrors live below `dataDir`, which no other process may use. A token is read from its file each time,
 * so a new one counts from the next use on. Rejects for an unknown id, and with `GitError` "unreachable"
 * when the token's file holds none.
 */
export function openMirrors(
  repositories: ReadonlyMap<string, { readonly remote: string; readonly access?: AccessFiles }>,
  dataDir: string,
  signing?: Signing,
): Mirrors {
  const open = new Map<string, { authorization: string | undefined; mirror: Promise<Mirror> }>();
  return async (repository) => {
    const config = repositories.get(repository);
    if (!config) throw new Error(`no such repository: ${repository}`);
    const access = await readAccess(config.access);
    const { authorization } = access;
    const known = open.get(repository);
    if (known && known.authorization === authorization) return await known.mirror;
    const dir = join(dataDir, `${encodeURIComponent(repository)}.git`);
    const mirror = mkdir(dataDir, { recursive: true }).then(() =>
      openMirror({ remoteUrl: config.remote, dir, access, ...(signing ? { signing } : {}) }),
    );
    open.set(repository, { authorization, mirror });
    mirror.catch(() => open.delete(repository));
    return await mirror;
  };
}
