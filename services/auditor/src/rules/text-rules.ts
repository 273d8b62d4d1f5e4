import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import {
  isProse,
  isScript,
  isTest,
  lineRule,
  maxPlaces,
  type Rule,
  type RuleVoice,
} from "./rule.ts";

/** Blank, direction-changing and tag characters, and line ends that editors show as none. */
const invisible =
  /[\u00AD\u061C\u115F-\u1160\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\u{E0000}-\u{E01EF}]/u;
/** Joiners and selectors between pictographs are part of the picture; a mark that starts a file is none. */
const pictures =
  /\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?(?:\u200D\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?){1,8}/gu;

/** P10: text that people and parsers read differently. */
const hiddenText: RuleVoice = {
  ruleId: "hidden-text",
  severity: "error",
  isHard: true,
  message: "the line holds invisible or direction-changing characters",
  remedy: "write them as escapes, or leave them out",
};

/** Letters of other scripts that look like Latin ones; others, such as µ and Δ, deceive nobody. */
const lookAlike =
  /[аеорсухѕіјһԁԛԝьАВЕКМНОРСТУХЅІЈοαρυνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧոսօց\uFF21-\uFF3A\uFF41-\uFF5A]/u;
const word = /[\p{L}\p{N}_$]{2,100}/gu;

const mixedScript: RuleVoice = {
  ruleId: "mixed-script",
  severity: "error",
  isHard: true,
  message: "a word mixes Latin letters with letters of another script that look like them",
  remedy: "write the word in one script",
};

const isMixed = (text: string) =>
  // Most lines hold no such letter, and need no closer look.
  lookAlike.test(text) &&
  [...text.matchAll(word)].some(([found]) => /[a-z]/i.test(found) && lookAlike.test(found));

/** Phrases aimed at whoever reviews. Recall is low by nature: a hit warns, its absence proves nothing. */
const injections: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|all|any|your)\b.{0,40}\b(instruction|prompt|rule|guideline|direction|polic)/i,
  /\b(you are|act as|pretend to be)\b.{0,40}\b(reviewer|auditor|assistant|approver|language model|ai)\b/i,
  /\b(approve|accept|merge|pass|whitelist)\b.{0,30}\b(this|the)\b.{0,15}\b(patch|change|diff|pull request|pr|commit)\b/i,
  /\b(reviewer|auditor|assistant|ai|llm|model|agent)s?\b.{0,40}\b(must|should|shall|please|has to|have to)\b.{0,40}\b(approve|accept|ignore|skip|pass|return|answer|output|respond)/i,
  /["']?verdict["']?\s{0,5}[:=]\s{0,5}["']?approve/i,
  /<\|?(im_start|im_end|system|endoftext|assistant)\|?>|\[\/?INST\]|^\s{0,8}(system|assistant)\s{0,3}:/i,
  /\b(already|previously|pre-?)\s?(reviewed|approved|audited|verified)\b.{0,40}\b(security|team|human|safe|bug-free|council)/i,
];

const injection = lineRule(
  {
    ruleId: "injection-marker",
    severity: "warning",
    isHard: false,
    message: "the line speaks to whoever reviews the change",
    remedy: "leave it out; reviewers decide by what the code does",
  },
  (text) => {
    const start = text.slice(0, 4000);
    return injections.some((shape) => shape.test(start));
  },
);

const suppression = lineRule(
  {
    ruleId: "suppressed-check",
    severity: "warning",
    isHard: false,
    message: "a comment switches a check off",
    remedy: "mend what the check finds",
  },
  (text) =>
    /@ts-(ignore|nocheck)|(eslint|oxlint|biome|tslint)-?(disable|ignore)|(istanbul|c8|v8) ignore|\bnosec\b|\bnosemgrep\b|secretlint-disable|#\s{0,3}noqa|#\s{0,3}type:\s{0,3}ignore|gitleaks:allow/.test(
      text,
    ),
  (path) => !isProse(path),
);

const personalData = lineRule(
  {
    ruleId: "personal-data",
    severity: "error",
    isHard: false,
    message:
      "the line holds what looks like a payment card, bank account or social security number",
    remedy: "take it out; use made-up data that no check accepts",
  },
  (text) => holdsCard(text) || holdsAccount(text) || holdsSocialSecurity(text),
  (path) =>
    !isTest(path) && !/(^|[/._-])(lock|min)[./]|lock\.(json|yaml)$|\.(map|svg)$/i.test(path),
);

/** The numbers the card networks publish for tests. */
const testCards = /^(4242|4111|4000|4012|5555|5105|2223|3782|3714|6011|3056|3852)/;

function holdsCard(text: string): boolean {
  const grouped = text.matchAll(
    /(?<![\w.+-])(\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}|[2-6]\d{15})(?![\w.-])/g,
  );
  return [...grouped].some(([found]) => {
    const digits = found.replaceAll(/\D/g, "");
    return new Set(digits).size > 4 && !testCards.test(digits) && passesLuhn(digits);
  });
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, at) => {
      const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

/** ISO 13616: the number modulo 97 is 1, letters counted from 10. */
function holdsAccount(text: string): boolean {
  return [...text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g)].some(
    ([found]) => {
      const account = found.replaceAll(" ", "");
      if (!/\d{8}/.test(account)) return false;
      const turned = account.slice(4) + account.slice(0, 4);
      return (
        Array.from(turned).reduce(
          (rest, sign) => Number(`${rest}${Number.parseInt(sign, 36)}`) % 97,
          0,
        ) === 1
      );
    },
  );
}

const holdsSocialSecurity = (text: string) =>
  /\b(ssn|social.?security)\b.{0,30}\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/i.test(text);

export const textRules: readonly Rule[] = [
  {
    voices: [hiddenText],
    check: ({ files }) =>
      files.flatMap((file) =>
        placesOf(hiddenText, file, (text, line) => {
          const seen = line === 1 ? text.replace(/^\uFEFF/, "") : text;
          return invisible.test(seen) && invisible.test(seen.replaceAll(pictures, ""));
        }),
      ),
  },
  {
    voices: [mixedScript],
    check: ({ files }) =>
      files
        .filter(({ change }) => isScript(change.path) || !isProse(change.path))
        .flatMap((file) => placesOf(mixedScript, file, isMixed)),
  },
  injection,
  suppression,
  personalData,
];

function placesOf(
  voice: RuleVoice,
  file: AuditedFile,
  isFound: (text: string, line: number) => boolean,
): Finding[] {
  return file.added
    .filter(({ text, line }) => isFound(text, line))
    .slice(0, maxPlaces)
    .map(({ line }) => ({ ...voice, path: file.change.path, line }));
}
