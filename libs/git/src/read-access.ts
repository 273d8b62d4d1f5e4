import { readFile } from "node:fs/promises";
import { GitError } from "./git-error.ts";
import type { RemoteAccess } from "./mirror.ts";

/** Where the credentials of a remote are kept. */
export type AccessFiles =
  | { readonly kind: "token"; readonly username: string; readonly tokenFile: string }
  | { readonly kind: "ssh"; readonly keyFile: string; readonly knownHostsFile: string };

/**
 * Reads what a remote is accessed with. Throws `GitError` "unreachable" that names the file, never
 * its content, when there is no token in it.
 */
export async function readAccess(files: AccessFiles | undefined): Promise<RemoteAccess> {
  if (files === undefined) return {};
  if (files.kind === "ssh") {
    const { keyFile, knownHostsFile } = files;
    return { ssh: { keyFile, knownHostsFile } };
  }
  const token = await readFile(files.tokenFile, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
  if (!/^[\x21-\x7e]+$/.test(token)) {
    // An outside failure, not a refusal: the file may be about to be written.
    throw new GitError("unreachable", `no token in ${files.tokenFile}`);
  }
  const pair = Buffer.from(`${files.username}:${token}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
