/**
 * Glob patterns over paths, for patterns that may be hostile: authors write them into action sheets.
 * Knows `**` (any number of folders), `*` and `?` (within one name) and `{a,b}`; anything else stands
 * for itself. Names that begin with a dot are names like any other, so nothing hides behind one.
 * The work is bounded by path times pattern; a pattern past a limit below matches nothing.
 */
const limits = { alternatives: 16, patternNames: 30, pathNames: 100 };

/** Whether the pattern covers the path. Both are relative and written with `/`. */
export function matchesPattern(path: string, pattern: string): boolean {
  const names = path.split("/");
  if (names.length > limits.pathNames) return false;
  return alternativesOf(pattern).some((alternative) => {
    const wanted = alternative.split("/");
    return wanted.length <= limits.patternNames && matchesNames(names, wanted);
  });
}

/** The same for paths on a file system that ignores case. */
export function matchesPatternInAnyCase(path: string, pattern: string): boolean {
  return matchesPattern(path.toLowerCase(), pattern.toLowerCase());
}

/** `a{b,c}` is `ab` and `ac`. None at all when there would be too many. */
function alternativesOf(pattern: string): string[] {
  let alternatives = [""];
  let rest = pattern;
  for (;;) {
    const group = /\{([^{}]*,[^{}]*)\}/.exec(rest);
    if (!group) return alternatives.map((start) => start + rest);
    const before = rest.slice(0, group.index);
    const choices = (group[1] ?? "").split(",");
    if (alternatives.length * choices.length > limits.alternatives) return [];
    alternatives = alternatives.flatMap((start) =>
      choices.map((choice) => start + before + choice),
    );
    rest = rest.slice(group.index + group[0].length);
  }
}

const matchesNames = (names: readonly string[], wanted: readonly string[]) =>
  matchesSequence(
    names,
    wanted,
    (one) => one === "**",
    (name, one) => matchesSequence(name.split(""), one.split(""), isStar, isSameOrAny),
  );

const isStar = (one: string) => one === "*";
const isSameOrAny = (char: string, one: string) => one === "?" || one === char;

/** Greedy, going back to the latest wildcard only: never more steps than parts times pattern. */
function matchesSequence(
  parts: readonly string[],
  pattern: readonly string[],
  isWild: (one: string) => boolean,
  isOne: (part: string, one: string) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let retry: { at: number; next: number } | undefined;
  while (at < parts.length) {
    const one = pattern[next];
    if (one !== undefined && isWild(one)) {
      retry = { at, next: next + 1 };
      next += 1;
    } else if (one !== undefined && isOne(parts[at] ?? "", one)) {
      at += 1;
      next += 1;
    } else if (retry) {
      retry = { at: retry.at + 1, next: retry.next };
      ({ at, next } = retry);
    } else return false;
  }
  return pattern.slice(next).every(isWild);
}
