/** File names as they stand in the headers of a git diff. Input is one character per byte. */

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The name in a header field, C-quoted or plain; undefined when malformed or not UTF-8. */
export function decodeName(field: string): string | undefined {
  const raw = field.startsWith('"') ? unquote(field) : field;
  if (raw === undefined) return undefined;
  try {
    return UTF8.decode(Buffer.from(raw, "latin1"));
  } catch {
    return undefined;
  }
}

/**
 * The name in a `---` or `+++` line. git ends a name that holds a space with one tab.
 */
export function decodeFileLine(field: string): string | undefined {
  return decodeName(field.endsWith("\t") ? field.slice(0, -1) : field);
}

/** Whether `line` (after `diff --git `) can be read as exactly `a/<oldPath> b/<newPath>`. */
export function namesBoth(line: string, oldPath: string, newPath: string): boolean {
  const [left, right] = [`a/${oldPath}`, `b/${newPath}`];
  for (let at = line.indexOf(" "); at >= 0; at = line.indexOf(" ", at + 1)) {
    if (decodeName(line.slice(0, at)) === left && decodeName(line.slice(at + 1)) === right) {
      return true;
    }
  }
  return false;
}

/** The path in `a/<path> b/<path>` when both halves name the same file. */
export function commonName(line: string): string | undefined {
  for (let at = line.indexOf(" "); at >= 0; at = line.indexOf(" ", at + 1)) {
    const left = decodeName(line.slice(0, at));
    const right = decodeName(line.slice(at + 1));
    if (left?.startsWith("a/") && right?.startsWith("b/") && left.slice(2) === right.slice(2)) {
      return left.slice(2);
    }
  }
  return undefined;
}

function unquote(field: string): string | undefined {
  if (field.length < 2 || !field.endsWith('"')) return undefined;
  const body = field.slice(1, -1);
  let out = "";
  for (let at = 0; at < body.length; at += 1) {
    const char = body.charAt(at);
    if (char === '"') return undefined;
    if (char !== "\\") {
      out += char;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(body.slice(at + 1, at + 4))?.[0];
    const code = octal === undefined ? ESCAPES[body.charAt(at + 1)] : Number.parseInt(octal, 8);
    if (code === undefined) return undefined;
    out += String.fromCharCode(code);
    at += octal === undefined ? 1 : 3;
  }
  return out;
}
