/**
 * Whether node_modules is what package-lock.json asks for, as cheaply as can be told.
 *
 * A marker in node_modules holds the lock's size, time and hash. Same size and time: nothing is read.
 * Same hash: only the marker is renewed. Otherwise npm's own record of what it installed is compared,
 * so a developer's `npm install` counts as well and is never undone.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const lockFile = (root) => join(root, "package-lock.json");
const markerFile = (root) => join(root, "node_modules", ".council-lock");
const installedFile = (root) => join(root, "node_modules", ".package-lock.json");

/** True when the dependencies installed in `root` match its lock. May write the marker. */
export function areDependenciesInstalled(root) {
  const stat = statSync(lockFile(root));
  const marker = readJson(markerFile(root));
  if (marker?.sizeBytes === stat.size && marker.modifiedMs === stat.mtimeMs) return true;
  if (marker?.sha256 === hashOf(root) || isInstalledAsLocked(root)) {
    markInstalled(root);
    return true;
  }
  return false;
}

/** Records that what is installed in `root` is what its lock asks for. */
export function markInstalled(root) {
  const stat = statSync(lockFile(root));
  const marker = { sha256: hashOf(root), sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
  try {
    writeFileSync(markerFile(root), `${JSON.stringify(marker)}\n`);
  } catch (error) {
    // A checkout installed by someone else may be read-only; it is then checked in full each time.
    if (!["EACCES", "EROFS", "EPERM"].includes(error.code)) throw error;
  }
}

/**
 * True when every entry of `wanted` (the packages of package-lock.json) is in `installed` (those of
 * npm's hidden lock) at the same version. An optional entry may be absent: it is for another platform.
 */
export function hasEveryPackage(wanted, installed) {
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === "") return true;
    const found = installed[place];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version;
  });
}

function isInstalledAsLocked(root) {
  const installed = readJson(installedFile(root))?.packages;
  const wanted = readJson(lockFile(root))?.packages;
  return Boolean(installed && wanted) && hasEveryPackage(wanted, installed);
}

function hashOf(root) {
  return createHash("sha256")
    .update(readFileSync(lockFile(root)))
    .digest("hex");
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
