/**
 * Reads the headers of a unified diff before git does.
 *
 * Decides: which texts count as a patch. git is lenient (text before the patch, headers that name
 * other files, links, submodules, binary bombs); this reader refuses all of that and says which
 * paths the patch declares, so that the tree git builds can be held against the declaration.
 * Works on bytes (one character per byte), so text of any encoding passes unchanged.
 */
import { commonName, decodeFileLine, decodeName, namesBoth } from "./diff-names.ts";
import { refuse, refuseMode, type Refusal } from "./diff-refusal.ts";
import { readBinary, readHunks } from "./read-hunks.ts";
import { refusePath } from "./patch-path.ts";

export interface DiffLimits {
  /** Size of the whole patch text. */
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Added plus removed lines. */
  readonly maxChangedLines: number;
  readonly maxLineBytes: number;
  /** Sum of the declared sizes of binary literals; 0 refuses every binary hunk. */
  readonly maxBinaryBytes: number;
}

export const DEFAULT_DIFF_LIMITS: DiffLimits = {
  maxBytes: 2 * 1024 * 1024,
  maxFiles: 300,
  maxChangedLines: 20_000,
  maxLineBytes: 64 * 1024,
  maxBinaryBytes: 0,
};

export interface DeclaredFile {
  readonly path: string;
  readonly change: "added" | "modified" | "deleted";
}

export type ParsedDiff = { kind: "parsed"; files: DeclaredFile[]; bytes: Buffer } | Refusal;

/** Where the reader stands, and what it has counted so far. */
export interface Reading {
  readonly lines: readonly string[];
  readonly limits: DiffLimits;
  at: number;
  changedLines: number;
  binaryBytes: number;
}

/** What stands between `diff --git` and the first hunk, field by field. */
type Header = Map<string, string>;

const FIELDS = [
  "old mode ",
  "new mode ",
  "deleted file mode ",
  "new file mode ",
  "copy from ",
  "copy to ",
  "rename from ",
  "rename to ",
  "similarity index ",
  "dissimilarity index ",
  "index ",
] as const;

/** Checks limits and headers of a patch. Pure; a hostile text is refused, never an exception. */
export function parseDiff(diff: string | Uint8Array, limits: DiffLimits): ParsedDiff {
  const sizeBytes = typeof diff === "string" ? Buffer.byteLength(diff) : diff.byteLength;
  if (sizeBytes > limits.maxBytes) return refuse("too-large", `${sizeBytes} bytes of patch`);
  if (typeof diff === "string" && !diff.isWellFormed()) return refuse("encoding", "broken UTF-16");
  const bytes = typeof diff === "string" ? Buffer.from(diff) : Buffer.from(diff);
  const text = bytes.toString("latin1");
  if (text.includes("\0")) return refuse("binary", "NUL byte in the patch text");
  if (text.trim() === "") return refuse("empty", "no change in the patch");
  if (!text.endsWith("\n")) return refuse("malformed", "the last line has no newline");
  const lines = text.slice(0, -1).split("\n");
  const long = lines.findIndex((line) => line.length > limits.maxLineBytes);
  if (long >= 0) return refuse("line-too-long", `line ${long + 1}`);
  const files = readSections({ lines, limits, at: 0, changedLines: 0, binaryBytes: 0 });
  return Array.isArray(files) ? { kind: "parsed", files, bytes } : files;
}

function readSections(reading: Reading): DeclaredFile[] | Refusal {
  const declared = new Map<string, DeclaredFile>();
  let sections = 0;
  for (;;) {
    while (reading.lines[reading.at] === "") reading.at += 1;
    const line = reading.lines[reading.at];
    if (line === undefined) return [...declared.values()];
    if (!line.startsWith("diff --git ")) {
      const where = `line ${reading.at + 1} is no part of a file's change`;
      return refuse(sections === 0 ? "preamble" : "malformed", where);
    }
    sections += 1;
    if (sections > reading.limits.maxFiles) return refuse("too-many-files", `over ${sections - 1}`);
    const files = readSection(reading, line.slice("diff --git ".length));
    if (!Array.isArray(files)) return files;
    for (const file of files) {
      if (declared.has(file.path)) return refuse("duplicate", "named twice", file.path);
      declared.set(file.path, file);
    }
  }
}

function readSection(reading: Reading, names: string): DeclaredFile[] | Refusal {
  reading.at += 1;
  const header = readHeader(reading);
  if (!(header instanceof Map)) return header;
  const files = declare(header, names);
  if (!Array.isArray(files)) return files;
  const path = files.at(-1)?.path;
  for (const file of files) {
    const refusal = refusePath(file.path);
    if (refusal !== undefined) return refuse(refusal.code, refusal.reason, printable(file.path));
  }
  const modeRefusal = judgeModes(header, path);
  if (modeRefusal !== undefined) return modeRefusal;
  const body = readBody(reading, header, path);
  return body ?? files;
}

function readHeader(reading: Reading): Header | Refusal {
  const header: Header = new Map();
  for (;;) {
    const line = reading.lines[reading.at] ?? "";
    const field = FIELDS.find((each) => line.startsWith(each));
    if (field === undefined) break;
    if (header.has(field)) return refuse("malformed", `"${field.trim()}" twice in one header`);
    header.set(field, line.slice(field.length));
    reading.at += 1;
  }
  const minus = reading.lines[reading.at] ?? "";
  const plus = reading.lines[reading.at + 1] ?? "";
  if (minus.startsWith("--- ")) {
    if (!plus.startsWith("+++ ")) return refuse("malformed", "a --- line without its +++ line");
    header.set("--- ", minus.slice(4));
    header.set("+++ ", plus.slice(4));
    reading.at += 2;
  }
  return header;
}

/** The two sides of a section; equal unless it renames or copies. */
interface Names {
  readonly kind: "names";
  readonly from: string;
  readonly to: string;
  readonly move: "none" | "rename" | "copy";
}

/** The paths a header declares, once all of its lines are found to agree. */
function declare(header: Header, gitLine: string): DeclaredFile[] | Refusal {
  const names = movedNames(header) ?? singleName(header, gitLine);
  if (names.kind === "refused") return names;
  const { from, to, move } = names;
  if (!namesBoth(gitLine, from, to)) {
    return refuse("header-mismatch", "the diff --git line names other files", printable(to));
  }
  const change = changeOf(header);
  if (change === undefined || (move !== "none" && change !== "modified")) {
    return refuse("malformed", "a header that contradicts itself", printable(to));
  }
  const oldSide = change === "added" ? undefined : from;
  const newSide = change === "deleted" ? undefined : to;
  const sides = judgeSides(header, oldSide, newSide);
  if (sides !== undefined) return sides;
  if (move === "none") return [{ path: to, change }];
  const added: DeclaredFile = { path: to, change: "added" };
  return move === "copy" ? [added] : [{ path: from, change: "deleted" }, added];
}

function changeOf(header: Header): DeclaredFile["change"] | undefined {
  const isNew = header.has("new file mode ");
  const isDeleted = header.has("deleted file mode ");
  if (isNew && isDeleted) return undefined;
  if (isNew) return "added";
  return isDeleted ? "deleted" : "modified";
}

/** The two names of a rename or copy; undefined when the section is neither. */
function movedNames(header: Header): Names | Refusal | undefined {
  const rename = [header.get("rename from "), header.get("rename to ")];
  const copy = [header.get("copy from "), header.get("copy to ")];
  const given = [...rename, ...copy].filter((name) => name !== undefined).length;
  if (given === 0) return undefined;
  const move = copy[0] === undefined ? "rename" : "copy";
  const [from, to] = (move === "copy" ? copy : rename).map((name) => decodeName(name ?? ""));
  if (given !== 2 || !from || !to || from === to) {
    return refuse("malformed", "an incomplete rename or copy");
  }
  return { kind: "names", from, to, move };
}

/** The one name of a section that moves nothing. */
function singleName(header: Header, gitLine: string): Names | Refusal {
  const plus = header.get("+++ ");
  const minus = header.get("--- ");
  if (plus === undefined || minus === undefined) {
    const name = commonName(gitLine);
    if (name !== undefined) return { kind: "names", from: name, to: name, move: "none" };
    return refuse("header-mismatch", "the diff --git line names two files, or none");
  }
  const [shown, prefix] = plus === "/dev/null" ? [minus, "a/"] : [plus, "b/"];
  const name = decodeFileLine(shown);
  if (name === undefined) return refuse("path", "a file name that is not UTF-8");
  if (!name.startsWith(prefix)) return refuse("header-mismatch", "a file name without a/ or b/");
  const path = name.slice(prefix.length);
  return { kind: "names", from: path, to: path, move: "none" };
}

/** Holds the --- and +++ lines against the names; undefined stands for /dev/null. */
function judgeSides(
  header: Header,
  oldPath: string | undefined,
  newPath: string | undefined,
): Refusal | undefined {
  const minus = header.get("--- ");
  const plus = header.get("+++ ");
  if (minus === undefined || plus === undefined) return undefined;
  const isSame = (field: string, prefix: string, path: string | undefined) =>
    path === undefined ? field === "/dev/null" : decodeFileLine(field) === prefix + path;
  if (isSame(minus, "a/", oldPath) && isSame(plus, "b/", newPath)) return undefined;
  return refuse("header-mismatch", "--- and +++ name other files", printable(newPath ?? oldPath));
}

function judgeModes(header: Header, path: string | undefined): Refusal | undefined {
  const hasOld = header.has("old mode ");
  if (hasOld !== header.has("new mode ")) return refuse("malformed", "half a mode change", path);
  const index = header.get("index ");
  const indexMode =
    index === undefined ? undefined : /^[0-9a-f]+\.\.[0-9a-f]+(?: (\d+))?$/.exec(index);
  if (indexMode === null) return refuse("malformed", "an index line git would not write", path);
  const modes = [
    header.get("old mode "),
    header.get("new mode "),
    header.get("new file mode "),
    header.get("deleted file mode "),
    indexMode?.[1],
  ];
  for (const mode of modes) {
    const refusal = mode === undefined ? undefined : refuseMode(mode, path);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function readBody(reading: Reading, header: Header, path: string | undefined): Refusal | undefined {
  const line = reading.lines[reading.at] ?? "";
  if (header.has("--- ")) return readHunks(reading, path);
  if (line.startsWith("Binary files "))
    return refuse("binary", "binary file without content", path);
  if (line === "GIT binary patch") return readBinary(reading, path);
  const saysSomething = [
    "old mode ",
    "new file mode ",
    "deleted file mode ",
    "rename to ",
    "copy to ",
  ];
  if (saysSomething.some((field) => header.has(field))) return undefined;
  return refuse("malformed", "a file section without a change", path);
}

/** A path as it may be shown: hostile names lose what cannot be printed. */
function printable(path: string | undefined): string | undefined {
  return path?.replaceAll(/[\p{C}]/gu, "?").slice(0, 200);
}
