/** What became of each test, by its name; a name used twice counts up. */
export interface TestReport {
  readonly form: "junit" | "tap";
  readonly outcomes: ReadonlyMap<string, TestOutcome>;
}

export type TestOutcome = "passed" | "failed" | "skipped";

/** Reads what a runner reported: JUnit's XML or the Test Anything Protocol; undefined when it is neither. */
export function readTestReport(text: string): TestReport | undefined {
  if (/<testsuites?[\s>]/.test(text.slice(0, 2000)))
    return { form: "junit", outcomes: named(junit(text)) };
  if (/^TAP version 1[34]\s*$/m.test(text)) return { form: "tap", outcomes: named(tap(text)) };
  return undefined;
}

type Line = readonly [name: string, outcome: TestOutcome];

function named(lines: readonly Line[]): ReadonlyMap<string, TestOutcome> {
  const outcomes = new Map<string, TestOutcome>();
  const seen = new Map<string, number>();
  for (const [name, outcome] of lines) {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    outcomes.set(count === 1 ? name : `${name} (${count})`, outcome);
  }
  return outcomes;
}

/** Test cases inside suites; a failure or skip belongs to the case before it. What a failure says is no tag. */
function junit(text: string): Line[] {
  const tags =
    /<(\/?)(testsuite|testcase|failure|error|skipped)\b((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>/g;
  const cases: { name: string; outcome: TestOutcome }[] = [];
  const suites: string[] = [];
  for (const [, close, tag, attributes = ""] of withoutData(text).matchAll(tags)) {
    const last = cases.at(-1);
    if (tag === "testsuite") enterOrLeave(suites, close === "/", attributes);
    else if (close === "/") continue;
    else if (tag === "testcase")
      cases.push({ name: [...suites, nameIn(attributes)].join(" > "), outcome: "passed" });
    else if (last) last.outcome = tag === "skipped" ? "skipped" : "failed";
  }
  return cases.map(({ name, outcome }) => [name, outcome]);
}

function enterOrLeave(suites: string[], isEnd: boolean, attributes: string): void {
  if (isEnd) suites.pop();
  else if (!attributes.endsWith("/")) suites.push(nameIn(attributes));
}

const withoutData = (text: string) =>
  text
    .split("<![CDATA[")
    .map((part, at) => (at === 0 ? part : part.slice(part.indexOf("]]>") + 3)))
    .join("");

const nameIn = (attributes: string) =>
  /\bname\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(attributes)?.slice(1).join("") ?? "";

/** Subtests stand before the line that sums them up, further in. */
function tap(text: string): Line[] {
  const lines: Line[] = [];
  const above: string[] = [];
  for (const line of text.split("\n")) {
    const depth = Math.floor((/^ */.exec(line)?.[0].length ?? 0) / 4);
    const rest = line.trimStart();
    if (rest.startsWith("# Subtest: ")) {
      above.length = depth;
      above[depth] = rest.slice("# Subtest: ".length).trim();
    }
    const [, not, name = "", directive] =
      /^(not )?ok\b *\d* *-? *([^#]*)(?:# *(skip|todo)\b)?/i.exec(rest) ?? [];
    if (!/^(not )?ok\b/.test(rest)) continue;
    const outcome = directive ? "skipped" : not ? "failed" : "passed";
    lines.push([[...above.slice(0, depth), name.trim()].join(" > "), outcome]);
  }
  return lines;
}
