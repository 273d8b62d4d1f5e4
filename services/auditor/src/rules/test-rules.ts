import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { isScript, isTest, maxPlaces, type Rule, type RuleInput, type RuleVoice } from "./rule.ts";
import {
  holds,
  isNode,
  lineOf,
  nameOf,
  newSightings,
  nodeOf,
  nodesOf,
  parseScript,
  propertyOf,
  type Sighting,
  type SyntaxNode,
  textOf,
  walk,
} from "./syntax.ts";

const skippedTest: RuleVoice = {
  ruleId: "skipped-test",
  severity: "error",
  isHard: false,
  message: "a test is skipped, or the only one that runs",
  remedy: "run all tests",
};

const deletedTest: RuleVoice = {
  ruleId: "deleted-test",
  severity: "error",
  isHard: false,
  message: "a test file is deleted",
  remedy: "keep the test, or let a person decide that it may go",
};

const weakenedTest: RuleVoice = {
  ruleId: "weakened-test",
  severity: "error",
  isHard: false,
  message: "a test claims less than before",
  remedy: "keep what it claims, or let a person decide that it may go",
};

/** What the tests of one file claim, counted. */
interface Claims {
  readonly tests: number;
  /** Claims about a value: what it is, not just that it is something. */
  readonly strict: number;
  readonly all: number;
  /** Claims that nothing can break, tests that say nothing, failures that are swallowed. */
  readonly hollow: readonly Sighting[];
  readonly skips: readonly Sighting[];
}

const noClaims: Claims = { tests: 0, strict: 0, all: 0, hollow: [], skips: [] };
const testName =
  /^(it|test|specify|Deno\.test|t\.test|suite\.test)(\.(each|concurrent|serial|sequential|for)(\(\))?)*$/;
const skipName =
  /^(it|test|describe|suite|context|specify)(\.\w+)*\.(skip|only|todo|fails|failing|skipIf|runIf|fixme)(\.\w+|\(\))*$|^(xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|ftest)$|^(this|t|ctx|context|testInfo)\.(skip|todo|pending)$/;
const claimName = /^(assert|t|expect|should|chai|sinon)\b|\.should(\.|$)/;
const weakMatcher =
  /\.(toBeDefined|toBeTruthy|toBeFalsy|toBeUndefined|toBeNull|ok|notOk|truthy|falsy|toHaveBeenCalled|exist|exists|isDefined|isOk|toBeInstanceOf|pass)$/;
const bareClaim = /^(assert|t)$|^(assert|t)\.(ok|pass|true|truthy|notEqual|doesNotThrow)$/;

/** A claim is the outermost call of its chain: `expect(a).not.toBe(b)` is one. */
function isClaim(name: string, parent: SyntaxNode | undefined): boolean {
  if (parent?.type === "MemberExpression" || !claimName.test(name)) return false;
  return name.startsWith("expect")
    ? name.includes("expect().") || name.startsWith("expect.")
    : /^(assert|should|chai)|\.should\.|^t\.(is|eq|deep|equal|same|not|like|throws|true|false|ok|assert|match|pass|snapshot)/i.test(
        name,
      );
}

function claimsOf(program: SyntaxNode, text: string): Claims {
  const seen = { tests: 0, strict: 0, all: 0 };
  const hollow: Sighting[] = [];
  const skips: Sighting[] = [];
  walk(program, (node, parent) => {
    const sighting = { key: textOf(node, text), line: lineOf(node) };
    if (node.type === "TryStatement" && swallowsFailures(node)) hollow.push(sighting);
    if (node.type !== "CallExpression") return;
    const name = nameOf(node["callee"]);
    if (testName.test(name)) seen.tests += 1;
    if (isSkip(name, node)) skips.push(sighting);
    if (isHollow(name, node)) hollow.push(sighting);
    if (!isClaim(name, parent)) return;
    seen.all += 1;
    if (isAlwaysTrue(node)) hollow.push(sighting);
    else if (!weakMatcher.test(name) && !bareClaim.test(name)) seen.strict += 1;
  });
  return { ...seen, hollow, skips };
}

const isSkip = (name: string, node: SyntaxNode) =>
  skipName.test(name) || (testName.test(name) && isSwitchedOff(node));

/** Ends the tests before they say anything. */
const isHollow = (name: string, node: SyntaxNode) =>
  /^process\.(exit|abort|reallyExit)$/.test(name) || (testName.test(name) && endsAtOnce(node));

/** `try { expect(…) } catch {}` */
function swallowsFailures({ block, handler }: SyntaxNode): boolean {
  const isEmpty = nodesOf(nodeOf(nodeOf(handler)?.["body"])?.["body"]).length === 0;
  const tried = nodeOf(block);
  return (
    isNode(handler) &&
    isEmpty &&
    tried !== undefined &&
    holds(tried, (each) => claimName.test(nameOf(each["callee"])))
  );
}

/** `test(name, { skip: true }, …)` of Node's own runner. */
function isSwitchedOff(node: SyntaxNode): boolean {
  return nodesOf(node["arguments"]).some(
    (each) =>
      each.type === "ObjectExpression" &&
      nodesOf(each["properties"]).some(
        (entry) =>
          /^(skip|only|todo)$/.test(propertyOf(entry) ?? "") &&
          nodeOf(entry["value"])?.["value"] !== false,
      ),
  );
}

/** A test whose first statement returns. */
function endsAtOnce(node: SyntaxNode): boolean {
  const callback = nodesOf(node["arguments"]).at(-1);
  const [first] = nodesOf(nodeOf(callback?.["body"])?.["body"]);
  return first?.type === "ReturnStatement" && nodeOf(first["argument"]) === undefined;
}

/** `expect(true).toBe(true)`: the two sides are the same constants. */
function isAlwaysTrue(node: SyntaxNode): boolean {
  const given = nodesOf(node["arguments"]);
  const inner = nodesOf(nodeOf(nodeOf(node["callee"])?.["object"])?.["arguments"]);
  const sides = [...inner, ...given].map(plainValue);
  if (sides.length === 0 || sides.some((side) => side === undefined)) return false;
  const name = nameOf(node["callee"]);
  if (sides.length === 1) return !/not|fail|throw|reject/i.test(name) && sides[0] === "true";
  return new Set(sides.slice(0, 2)).size === 1;
}

const plainValue = (node: SyntaxNode): string | undefined =>
  node.type === "Literal" ? String(node["value"]) : undefined;

const words = {
  tests: /\b(def test_|func Test|@Test\b|#\[test\]|it\s?["'(]|test\s?\()/g,
  claims: /\b(expect|assert|should|require)\w{0,30}[\s.(!]/g,
  skips:
    /@(unittest|pytest)\.(mark\.)?(skip|xfail)|\bt\.Skip(Now|f)?\(|@Ignore\b|@Disabled\b|#\[ignore\]|\bpytest\.skip\(|\bself\.skipTest\(/g,
};

/** Where there is no parser, words are counted. */
function claimsOfWords(text: string): Claims {
  const count = (shape: RegExp) => text.match(shape)?.length ?? 0;
  const skips = text
    .split("\n")
    .flatMap((line, at) => (line.match(words.skips) ? [{ key: line.trim(), line: at + 1 }] : []));
  const all = count(words.claims);
  return { tests: count(words.tests), strict: all, all, hollow: [], skips };
}

async function read(path: string, text: string | undefined): Promise<Claims> {
  if (text === undefined) return noClaims;
  const program = isScript(path) ? await parseScript(path, text) : undefined;
  return program ? claimsOf(program, text) : claimsOfWords(text);
}

/** Tests of other languages by the names their runners look for. */
const isAnyTest = (path: string) =>
  isTest(path) ||
  /(^|\/)test_[^/]+\.py$|_test\.(py|go|rb|rs)$|(Test|Tests|Spec)\.(java|kt|cs|scala)$|_spec\.rb$/.test(
    path,
  );

/** A new test file that holds most lines of a deleted one is the same file, moved. */
function movedTo({ before = "" }: AuditedFile, { files }: RuleInput): AuditedFile | undefined {
  const lines = before.split("\n").filter((line) => line.trim() !== "");
  return files.find(({ change, after }) => {
    if (change.status !== "added" || after === undefined || !isAnyTest(change.path)) return false;
    const held = new Set(after.split("\n"));
    return lines.filter((line) => held.has(line)).length >= 0.7 * lines.length;
  });
}

async function judge(file: AuditedFile): Promise<Finding[]> {
  const { path } = file.change;
  const [before, after] = [await read(path, file.before), await read(path, file.after)];
  const at =
    (voice: RuleVoice) =>
    (line: number): Finding => ({ ...voice, path, line });
  const linesOf = (old: readonly Sighting[], now: readonly Sighting[]) =>
    [...new Set(newSightings(old, now).map(({ line }) => line))].slice(0, maxPlaces);
  const isLess =
    after.all < before.all || after.strict < before.strict || after.tests < before.tests;
  return [
    ...linesOf(before.skips, after.skips).map(at(skippedTest)),
    ...linesOf(before.hollow, after.hollow).map(at(weakenedTest)),
    ...(isLess
      ? [
          {
            ...weakenedTest,
            path,
            message: `${weakenedTest.message}: ${counted(before)} before, ${counted(after)} now`,
          },
        ]
      : []),
  ];
}

/** P11: where a test goes it has to claim as much as before. */
async function judgeDeleted(file: AuditedFile, input: RuleInput): Promise<Finding[]> {
  const target = movedTo(file, input);
  if (!target || file.before === undefined) return [{ ...deletedTest, path: file.change.path }];
  return await judge({ ...target, before: file.before });
}

/** A file of another name can hold tests as well; there only what cannot be anything else counts. */
async function skipsOutsideTests({ change: { path }, before, after, added }: AuditedFile) {
  if (!isScript(path) || added.length === 0 || !added.some(({ text }) => certainSkip.test(text)))
    return [];
  const [old, now] = [await read(path, before), await read(path, after)];
  const fresh = newSightings(old.skips, now.skips).filter(({ key }) => certainSkip.test(key));
  return fresh.slice(0, maxPlaces).map(({ line }): Finding => ({ ...skippedTest, path, line }));
}

const certainSkip =
  /^\s{0,200}((it|test|describe|suite)(\.\w{1,30}){0,3}\.(skip|only|todo|fails)|xit|xtest|xdescribe|fit|fdescribe)\b/;

const counted = ({ tests, all, strict }: Claims) =>
  `${tests} tests with ${all} claims (${strict} strict)`;

export const testRules: readonly Rule[] = [
  {
    voices: [deletedTest, skippedTest, weakenedTest],
    check: async (input) => {
      const findings: Finding[] = [];
      for (const file of input.files) {
        const { path, status } = file.change;
        if (!isAnyTest(path)) findings.push(...(await skipsOutsideTests(file)));
        else if (status !== "deleted") findings.push(...(await judge(file)));
        else findings.push(...(await judgeDeleted(file, input)));
      }
      return findings;
    },
  },
];
