// A server killed while it writes a transaction leaves half of it at the end of its append-only file. On loading
// the server drops the half from memory but, up to Redis 7.x and Valkey 9.0, cuts only the last broken command off
// the file: the opened MULTI stays, later writes follow it, and the restart after next runs the half and loses
// what came after (valkey-io/valkey#4342). Whoever starts a server can cut the whole half off first.
import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";

/**
 * Cuts an unfinished command or transaction off the end of the append-only file of a stopped server. Answers how
 * many bytes went; 0 when the file ends cleanly or there is none. What is cut was never acknowledged under
 * `appendfsync always`.
 */
export async function repairAppendOnly(folder: string): Promise<number> {
  const home = join(folder, "appendonlydir");
  const manifest = await readFile(join(home, "appendonly.aof.manifest"), "utf8").catch(() => "");
  const last = [...manifest.matchAll(/^file (\S+) seq \d+ type i/gm)].at(-1)?.[1];
  if (last === undefined) return 0;
  const file = join(home, last);
  const bytes = await readFile(file);
  const end = soundLength(bytes);
  if (end < bytes.length) await truncate(file, end);
  return bytes.length - end;
}

/** Where the last whole command outside a transaction, or the last whole transaction, ends. */
function soundLength(bytes: Buffer): number {
  let sound = 0;
  let isOpen = false;
  for (let at = 0; at < bytes.length;) {
    const command = readCommand(bytes, at);
    if (command === undefined) return sound;
    at = command.end;
    if (command.name === "MULTI") isOpen = true;
    if (command.name === "EXEC") isOpen = false;
    if (!isOpen) sound = at;
  }
  return sound;
}

/** One command in the server's protocol, or a comment line; undefined when it is cut off. */
function readCommand(bytes: Buffer, start: number): { name: string; end: number } | undefined {
  const head = readLine(bytes, start);
  if (head === undefined) return undefined;
  if (head.text.startsWith("#")) return { name: "", end: head.end };
  let end = head.end;
  let name = "";
  for (let part = 0; part < Number(head.text.slice(1)); part += 1) {
    const size = readLine(bytes, end);
    if (size === undefined) return undefined;
    const length = Number(size.text.slice(1));
    if (part === 0) name = bytes.toString("latin1", size.end, size.end + length).toUpperCase();
    end = size.end + length + 2;
    if (!(end <= bytes.length)) return undefined;
  }
  return { name, end };
}

function readLine(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  const end = bytes.indexOf("\r\n", start, "latin1");
  if (end < 0) return undefined;
  return { text: bytes.toString("latin1", start, end), end: end + 2 };
}
