import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { childProcess, disabledTls, dynamicCode } from "./code-rules.ts";
import { inputRules } from "./input-sightings.ts";
import { reachRules } from "./reach-sightings.ts";
import { isScript, isTest, joinedLiterals, maxPlaces, type Rule, type RuleVoice } from "./rule.ts";
import { newSightings, parseScript, type SyntaxRule } from "./syntax.ts";
import { trickRules } from "./trick-sightings.ts";

const rules: readonly SyntaxRule[] = [...reachRules, ...inputRules, ...trickRules];

const unparsed: RuleVoice = {
  ruleId: "unparsed-script",
  severity: "error",
  isHard: false,
  message: "the script cannot be parsed, so most rules cannot look into it",
  remedy: "write it so that a standard parser takes it",
};

/** Where there is no syntax to look at, the words have to do. */
const words: readonly (readonly [RuleVoice, RegExp])[] = [
  [
    dynamicCode,
    /\beval\s{0,20}\(|\b(new\s{1,20})?Function\s{0,20}\(|\bvm\.(runIn|compileFunction|Script)/,
  ],
  [childProcess, /["'`](node:)?child_process["'`]/],
  [disabledTls, /rejectUnauthorized/],
];

/** Each touched script is parsed once for the base and once for the candidate. */
const syntaxRule: Rule = {
  voices: [unparsed, ...new Map(rules.map(({ voice }) => [voice.ruleId, voice])).values()],
  check: async ({ files }) => {
    const findings: Finding[] = [];
    for (const file of files)
      if (isScript(file.change.path) && file.after !== undefined && file.added.length > 0)
        findings.push(...(await findingsOf(file, file.after)));
    return findings;
  },
};

export const syntaxRules: readonly Rule[] = [syntaxRule];

async function findingsOf(file: AuditedFile, after: string): Promise<Finding[]> {
  const { path } = file.change;
  const program = await parseScript(path, after);
  const before = file.before === undefined ? undefined : await parseScript(path, file.before);
  if (!program) return unparsedFindings(file);
  return rules.flatMap(({ voice, see, isFineInTests }) => {
    if (isFineInTests && isTest(path)) return [];
    const old = before && file.before !== undefined ? see(before, file.before) : [];
    const lines = new Set(newSightings(old, see(program, after)).map(({ line }) => line));
    return [...lines].slice(0, maxPlaces).map((line) => ({ ...voice, path, line }));
  });
}

function unparsedFindings({ change: { path }, added }: AuditedFile): Finding[] {
  const found = words.flatMap(([voice, shape]) =>
    added
      .filter(({ text }) => shape.test(joinedLiterals(text)))
      .slice(0, maxPlaces)
      .map(({ line }) => ({ ...voice, path, line })),
  );
  return [{ ...unparsed, path }, ...found];
}
