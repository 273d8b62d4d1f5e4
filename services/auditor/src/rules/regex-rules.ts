import type { Finding } from "@council/domain";
import { isScript, isTest, maxPlaces, type Rule, type RuleVoice } from "./rule.ts";
import {
  constantOf,
  lineOf,
  nameOf,
  newSightings,
  nodesOf,
  parseScript,
  type Sighting,
  type SyntaxNode,
  walk,
} from "./syntax.ts";

const exponential: RuleVoice = {
  ruleId: "exponential-regex",
  severity: "error",
  isHard: true,
  message: "a short text makes this regular expression run for hours",
  remedy: "leave no two ways to match the same text inside a repetition",
};

const undecided: RuleVoice = {
  ruleId: "undecided-regex",
  severity: "question",
  isHard: false,
  message: "nobody could find out in time whether this regular expression can be made to hang",
  remedy: "write it more plainly, or let a person decide",
};

const voices = { exponential, unknown: undecided, fine: undefined } as const;

/** How long one expression, and all of a change, may be looked at. */
const limits = { oneMs: 1500, allMs: 8000, expressions: 200 };

interface Expression extends Sighting {
  readonly source: string;
  readonly flags: string;
}

function expressionsOf(program: SyntaxNode | undefined): Expression[] {
  const found: Expression[] = [];
  const add = (node: SyntaxNode, source: string, flags: string) =>
    found.push({ key: `/${source}/${flags}`, line: lineOf(node), source, flags });
  if (!program) return found;
  walk(program, (node) => {
    const { regex } = node as { regex?: { pattern?: unknown; flags?: unknown } };
    if (typeof regex?.pattern === "string")
      add(node, regex.pattern, typeof regex.flags === "string" ? regex.flags : "");
    if (!/^(New|Call)Expression$/.test(node.type) || nameOf(node["callee"]) !== "RegExp") return;
    const [source, flags] = nodesOf(node["arguments"]).map((each) => constantOf(each));
    if (source !== undefined) add(node, source, flags ?? "");
  });
  return found;
}

/** Only a repetition inside a repetition, or a choice in one, can take exponential time. */
const canBeSlow = (source: string) =>
  /[*+}][^]{0,2000}[*+}]/.test(source) || /\([^]{0,2000}\|[^]{0,2000}\)[*+{]/.test(source);

export const regexRules: readonly Rule[] = [
  {
    voices: [exponential, undecided],
    check: async ({ files }) => {
      const findings: Finding[] = [];
      const endsAt = performance.now() + limits.allMs;
      for (const { change, added, before, after } of files) {
        if (
          !isScript(change.path) ||
          isTest(change.path) ||
          after === undefined ||
          added.length === 0
        )
          continue;
        const [old, now] = [
          before === undefined ? [] : expressionsOf(await parseScript(change.path, before)),
          expressionsOf(await parseScript(change.path, after)),
        ];
        const lines = new Map(now.map((each) => [each, each.line]));
        const fresh = newSightings(old, now) as readonly Expression[];
        const slow = fresh.filter(({ source }) => canBeSlow(source));
        for (const [index, each] of slow.entries()) {
          const isInTime = index < limits.expressions && performance.now() < endsAt;
          const voice = voices[isInTime ? await judge(each) : "unknown"];
          // Each voice has places of its own: what nobody could decide hides no proof of harm.
          if (voice && findings.filter(({ ruleId }) => ruleId === voice.ruleId).length < maxPlaces)
            findings.push({ ...voice, path: change.path, line: lines.get(each) ?? each.line });
        }
      }
      return findings;
    },
  },
];

async function judge({ source, flags }: Expression): Promise<"exponential" | "unknown" | "fine"> {
  const { checkSync } = await import("recheck");
  const checked = checkSync(source, flags, { timeout: limits.oneMs });
  if (checked.status === "unknown") return "unknown";
  const isHopeless = checked.status === "vulnerable" && checked.complexity.type === "exponential";
  return isHopeless ? "exponential" : "fine";
}
