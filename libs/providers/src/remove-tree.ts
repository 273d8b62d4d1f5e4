import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes a folder in which somebody else's program ran. Folders that it closed on leaving are opened
 * first. What still resists stays behind: a result is worth more than a clean disk.
 */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch {
    await openFolders(dir);
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function openFolders(dir: string): Promise<void> {
  await chmod(dir, 0o700).catch(() => undefined);
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  // A link is no folder here, so nothing outside is touched.
  for (const entry of entries) if (entry.isDirectory()) await openFolders(join(dir, entry.name));
}
