import { extname } from "node:path";
import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { joinedLiterals, lineRule, maxPlaces, pathRule, type Rule } from "./rule.ts";

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

/** What a setting that holds a credential is called, at the end of its name. */
const name = String.raw`(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?(?:[_-]?(?:key|value|base|prod|live|dev)){0,2}`;

/** `password = "…"` and the like; what is in the quotes decides. */
const quoted = new RegExp(
  String.raw`${name}["']?\s{0,5}[:=]{1,3}>?\s{0,5}["'\`]([^"'\`\s]{12,200})["'\`]`,
  "gi",
);

/** The same in files of settings, where values need no quotes. */
const bare = new RegExp(String.raw`${name}\s{0,5}[:=]\s{0,5}([^"'\`\s#;,]{12,200})`, "gi");

const isSettings = (path: string) =>
  /(^|\/)\.env[^/]*$|\.(env|ya?ml|ini|cfg|conf|toml|properties|tfvars)$/i.test(path);

/** P10: a secret in a patch is a veto; once it is on a branch it is public. */
const secret = {
  ruleId: "secret",
  severity: "error",
  isHard: true,
  message: "the line holds what looks like a credential",
  remedy: "take it out, revoke it, and read it from the environment",
} as const;

export const secretRules: readonly Rule[] = [
  {
    voices: [secret],
    check: async ({ files }) => {
      const found: Finding[] = [];
      for (const file of files) found.push(...(await knownSecrets(file)));
      return found;
    },
  },
  lineRule(secret, (text) => {
    const joined = joinedLiterals(text);
    return (
      credentialShapes.some((shape) => shape.test(text) || shape.test(joined)) ||
      holdsRandomValue(joined, quoted)
    );
  }),
  lineRule(secret, (text) => holdsRandomValue(text, bare), isSettings),
  pathRule(
    {
      ruleId: "secret-file",
      severity: "error",
      isHard: true,
      message: "files of this name hold credentials",
      remedy: "keep it out of the repository; commit an example without values",
    },
    ["**/.env", "**/.env.{local,production,staging,development}", "**/id_{rsa,dsa,ecdsa,ed25519}"],
    ({ change }) => change.status !== "deleted",
  ),
];

/** Whether any value on the line looks random rather than like a placeholder. */
function holdsRandomValue(text: string, assignment: RegExp): boolean {
  return [...text.matchAll(assignment)].some(([, value = ""]) => isRandom(value));
}

function isRandom(value: string): boolean {
  const isMixed = /\d/.test(value) && /[a-z]/i.test(value) && new Set(value).size >= 10;
  const isReference = /^(\$|process\.env|import\.meta|<|%|\{\{|https?:\/\/[^@]*$)/.test(value);
  const isWords = /^[a-z]+([-_./]([a-z]+|\d{1,10}))+$/.test(value);
  return isMixed && !isReference && !isWords;
}

/**
 * The credentials of well-known services, by the rules secretlint recommends. Its comments that
 * switch rules off are taken apart first: what a patch says about itself counts for nothing (P11).
 */
async function knownSecrets({ change, added }: AuditedFile): Promise<Finding[]> {
  if (added.length === 0) return [];
  const [{ lintSource }, preset] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const content = added
    .map(({ text }) => text.replaceAll(/secretlint-/gi, "secretlint "))
    .join("\n");
  const { messages } = await lintSource({
    source: {
      content,
      filePath: `/${change.path}`,
      ext: extname(change.path),
      contentType: "text",
    },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: "recommended", rule: preset.creator }] },
    },
  });
  const lines = new Set(messages.map(({ loc }) => added[loc.start.line - 1]?.line ?? 1));
  return [...lines].slice(0, maxPlaces).map((line) => ({ ...secret, path: change.path, line }));
}
