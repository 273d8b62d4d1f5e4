import { posix } from "node:path";
import type { Finding } from "@council/domain";
import type { AuditedChange, AuditedFile } from "../audited-change.ts";

/** Looks at a change and says what is wrong with it. Pure, linear in the size of the change. */
export type Rule = (change: AuditedChange) => readonly Finding[];

/** What a rule says of every finding it makes. */
export interface RuleVoice {
  readonly ruleId: string;
  readonly severity: Finding["severity"];
  readonly isHard: boolean;
  readonly message: string;
  readonly remedy: string;
}

/** A rule on paths alone. */
export function pathRule(voice: RuleVoice, patterns: readonly string[]): Rule {
  return ({ files }) =>
    files
      .filter(({ change }) => patterns.some((pattern) => posix.matchesGlob(change.path, pattern)))
      .map(({ change }) => ({ ...voice, path: change.path }));
}

/** A rule on added lines: only what is new counts, not what was there before. */
export function lineRule(
  voice: RuleVoice,
  isFound: (text: string) => boolean,
  appliesTo: (path: string) => boolean = () => true,
): Rule {
  return ({ files }) =>
    files
      .filter(({ change }) => appliesTo(change.path))
      .flatMap((file) => linesOf(voice, file, isFound));
}

/** A line longer than this is not searched: the size rule already reports it. */
const maxLine = 10_000;

function linesOf(
  voice: RuleVoice,
  file: AuditedFile,
  isFound: (text: string) => boolean,
): Finding[] {
  return file.added
    .filter(({ text }) => text.length <= maxLine && isFound(text))
    .slice(0, 20)
    .map(({ line }) => ({ ...voice, path: file.change.path, line }));
}

export const isScript = (path: string) => /\.[cm]?[jt]sx?$/.test(path);
export const isTest = (path: string) =>
  /(^|\/)(tests?|__tests__|spec)\/|[.-](test|spec)\.[cm]?[jt]sx?$/.test(path);
