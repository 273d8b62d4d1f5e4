import { lineRule, type Rule } from "./rule.ts";

/** Shapes of credentials that are secret by their form alone. Each is linear to match. */
const credentialShapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bAIza[0-9A-Za-z_-]{35}\b/,
  /\bgh[pousr]_[0-9A-Za-z]{36,255}\b/,
  /\bgithub_pat_[0-9A-Za-z_]{60,255}\b/,
  /\bglpat-[0-9A-Za-z_-]{20,64}\b/,
  /\bxox[abprs]-[0-9A-Za-z-]{10,250}\b/,
  /\bsk-(ant-|proj-)?[0-9A-Za-z_-]{32,250}\b/,
  /\bnpm_[0-9A-Za-z]{36}\b/,
  /\bwhsec_[0-9A-Za-z+/=]{24,200}/,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:[^\s/:@$<{]{6,200}@[a-z0-9.-]{3,100}/i,
];

/** `password = "…"` and the like, with a value that looks random rather than a placeholder. */
const assignment =
  /(password|passwd|secret|token|api[_-]?key|access[_-]?key)["']?\s{0,5}[:=]\s{0,5}["']([^"'\s]{12,200})["']/i;

/** P10: a secret in a patch is a veto; once it is on a branch it is public. */
export const secretRules: readonly Rule[] = [
  lineRule(
    {
      ruleId: "secret",
      severity: "error",
      isHard: true,
      message: "the line holds what looks like a credential",
      remedy: "take it out, revoke it, and read it from the environment",
    },
    (text) => credentialShapes.some((shape) => shape.test(text)) || isSecretAssignment(text),
  ),
];

function isSecretAssignment(text: string): boolean {
  const value = assignment.exec(text)?.[2];
  if (value === undefined) return false;
  const hasDigit = /\d/.test(value);
  const hasLetter = /[a-z]/i.test(value);
  return (
    hasDigit && hasLetter && new Set(value).size >= 10 && !/^(\$\{|process\.env|<|%)/.test(value)
  );
}
