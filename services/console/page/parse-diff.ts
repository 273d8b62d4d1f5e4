/** A git diff as files, hunks and pairs of lines that stand beside each other. */

export interface DiffLine {
  readonly number: number;
  readonly text: string;
}

/** One line of the two columns; both sides are there where a line stands against another. */
export interface Pair {
  readonly kind: "same" | "changed";
  readonly old?: DiffLine;
  readonly new?: DiffLine;
}

export interface Hunk {
  readonly header: string;
  readonly pairs: readonly Pair[];
}

export interface FileDiff {
  readonly path: string;
  /** Set where the file had another name. */
  readonly oldPath?: string;
  readonly change: "added" | "deleted" | "renamed" | "changed";
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly Hunk[];
}

interface OpenFile {
  path: string;
  oldPath: string;
  change: FileDiff["change"];
  hunks: { header: string; lines: string[]; oldStart: number; newStart: number }[];
}

/** Reads what it can: lines it does not understand are left out, whatever the text holds. */
export function parseDiff(text: string): FileDiff[] {
  const files: OpenFile[] = [];
  for (const line of text.split("\n")) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(line);
    if (line.startsWith("diff --git ")) files.push(openFile(line));
    else if (!file && line.startsWith("--- ")) files.push(openFile(""));
    if (header) {
      files.at(-1)?.hunks.push({
        header: header[3]?.trim() ?? "",
        lines: [],
        oldStart: Number(header[1]),
        newStart: Number(header[2]),
      });
    } else if (hunk && /^[ +\\-]/.test(line)) hunk.lines.push(line);
    else readHeader(files.at(-1), line);
  }
  return files.map(closeFile);
}

function openFile(line: string): OpenFile {
  const names = /^diff --git "?a\/(.*?)"? "?b\/(.*?)"?$/.exec(line);
  return { path: names?.[2] ?? "", oldPath: names?.[1] ?? "", change: "changed", hunks: [] };
}

function readHeader(file: OpenFile | undefined, line: string): void {
  if (!file || file.hunks.length > 0) return;
  if (line.startsWith("new file")) file.change = "added";
  else if (line.startsWith("deleted file")) file.change = "deleted";
  else if (line.startsWith("rename from ")) {
    file.change = "renamed";
    file.oldPath = line.slice("rename from ".length);
  } else if (line.startsWith("rename to ")) file.path = line.slice("rename to ".length);
  else if (line.startsWith("--- ")) file.oldPath = nameIn(line) ?? file.oldPath;
  else if (line.startsWith("+++ ")) file.path = nameIn(line) ?? file.path;
}

function nameIn(line: string): string | undefined {
  const name = line.slice(4).replace(/\t.*$/, "");
  return name === "/dev/null" ? undefined : name.replace(/^"?[ab]\//, "").replace(/"$/, "");
}

function closeFile({ path, oldPath, change, hunks }: OpenFile): FileDiff {
  const all = hunks.flatMap(({ lines }) => lines);
  return {
    path: path || oldPath,
    ...(change === "renamed" ? { oldPath } : {}),
    change,
    added: all.filter((line) => line.startsWith("+")).length,
    removed: all.filter((line) => line.startsWith("-")).length,
    hunks: hunks.map(({ header, lines, oldStart, newStart }) => ({
      header,
      pairs: pairsOf(lines, oldStart, newStart),
    })),
  };
}

/** Removed lines stand against the added ones after them, in order. */
function pairsOf(lines: readonly string[], oldStart: number, newStart: number): Pair[] {
  const pairs: Pair[] = [];
  let [oldNumber, newNumber] = [oldStart, newStart];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
      const [old, fresh] = [removed[at], added[at]];
      pairs.push({ kind: "changed", ...(old ? { old } : {}), ...(fresh ? { new: fresh } : {}) });
    }
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    const text = line.slice(1);
    if (line.startsWith("-")) {
      if (added.length > 0) flush();
      removed.push({ number: oldNumber++, text });
    } else if (line.startsWith("+")) added.push({ number: newNumber++, text });
    else if (line.startsWith(" ")) {
      flush();
      const [old, fresh] = [
        { number: oldNumber++, text },
        { number: newNumber++, text },
      ];
      pairs.push({ kind: "same", old, new: fresh });
    }
  }
  flush();
  return pairs;
}
