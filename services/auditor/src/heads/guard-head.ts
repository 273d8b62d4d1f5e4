import type { Finding } from "@council/domain";
import { type Head, type Judgement, judgementOf } from "../head.ts";

/**
 * Two heads in one seat: the rules, then the tests. A veto of the rules ends it: code that breaks a hard
 * rule is not run. Approves only when both do. P3: when the tests could not be run the seat abstains,
 * for rules alone miss most faults that tests find. What each half said stands among the findings.
 */
export function guardHead(rules: Head, proof: Head): Head {
  return {
    name: "guard",
    ...(proof.lookAhead ? { lookAhead: proof.lookAhead } : {}),
    judge: async (change, signal) => {
      const first = await rules.judge(change, signal);
      const halves = [sayOf(rules.name, first)];
      if (first.findings.some(({ isHard }) => isHard))
        return { verdict: "reject", findings: [...first.findings, ...halves, notRun] };
      const second = await proof.judge(change, signal);
      const findings = [
        ...first.findings,
        ...second.findings,
        ...halves,
        sayOf(proof.name, second),
      ];
      return { verdict: together(first, second), findings };
    },
  };
}

function together(first: Judgement, second: Judgement): Judgement["verdict"] {
  const verdicts = [first.verdict, second.verdict];
  if (verdicts.includes("reject")) return "reject";
  return verdicts.includes("abstain") ? "abstain" : judgementOf([]).verdict;
}

const notRun: Finding = {
  ruleId: "guard-half",
  severity: "info",
  isHard: false,
  message: "proof: not run, because the rules veto",
};

function sayOf(name: string, { verdict, findings }: Judgement): Finding {
  const count = findings.filter(({ severity }) => severity !== "info").length;
  return { ...notRun, message: `${name}: ${verdict}, ${count} findings` };
}
