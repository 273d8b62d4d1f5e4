import { type Finding, matchesPatternInAnyCase } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";

/** What rules look at: plain data, so that it can be handed to a worker thread. */
export interface RuleInput {
  readonly files: readonly AuditedFile[];
  /** Texts of untouched files that touched ones are held against, by path, as the candidate has them. */
  readonly neighbours: Readonly<Record<string, string>>;
}

/** What a rule says of every finding it makes. */
export interface RuleVoice {
  readonly ruleId: string;
  readonly severity: Finding["severity"];
  readonly isHard: boolean;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Looks at a change and says what is wrong with it that was not wrong before. Every finding speaks
 * with one of `voices`. Pure; linear in the size of the change unless the rule limits its own time.
 */
export interface Rule {
  readonly voices: readonly RuleVoice[];
  readonly check: (input: RuleInput) => readonly Finding[] | Promise<readonly Finding[]>;
}

/** A rule on paths alone, whatever their case: some file systems take both for the same file. */
export function pathRule(
  voice: RuleVoice,
  patterns: readonly string[],
  appliesTo: (file: AuditedFile) => boolean = () => true,
): Rule {
  const covers = (path: string) =>
    patterns.some((pattern) => matchesPatternInAnyCase(path, pattern));
  return fileRule(voice, (file) => covers(file.change.path) && appliesTo(file));
}

/** A rule on one touched file at a time. */
export function fileRule(voice: RuleVoice, isFound: (file: AuditedFile) => boolean): Rule {
  return {
    voices: [voice],
    check: ({ files }) =>
      files.filter(isFound).map(({ change }) => ({ ...voice, path: change.path })),
  };
}

/** A rule on added lines: only what is new counts, not what was there before. */
export function lineRule(
  voice: RuleVoice,
  isFound: (text: string, path: string) => boolean,
  appliesTo: (path: string) => boolean = () => true,
): Rule {
  return {
    voices: [voice],
    check: ({ files }) =>
      files
        .filter(({ change }) => appliesTo(change.path))
        .flatMap((file) => linesOf(voice, file, isFound)),
  };
}

/** So many places in one file show what is wrong with it. */
export const maxPlaces = 20;

/** P10: every added line is searched, however long; rules match in linear time for that reason. */
function linesOf(
  voice: RuleVoice,
  file: AuditedFile,
  isFound: (text: string, path: string) => boolean,
): Finding[] {
  const findings: Finding[] = [];
  for (const { line, text } of file.added) {
    if (!isFound(text, file.change.path)) continue;
    findings.push({ ...voice, path: file.change.path, line });
    if (findings.length >= maxPlaces) break;
  }
  return findings;
}

/** A line as it reads once the literals that are put together on it are one. */
export const joinedLiterals = (text: string) =>
  text.replaceAll(/["'`]\s{0,20}\+\s{0,20}["'`]/g, "");

export const isScript = (path: string) => /\.[cm]?[jt]sx?$/i.test(path);
export const isTest = (path: string) =>
  /(^|\/)(tests?|__tests__|spec)\/|(^|[/._-])(test|spec)\.[cm]?[jt]sx?$/i.test(path);
/** Text for people: what it says of code is no code. */
export const isProse = (path: string) => /\.(md|mdx|txt|rst|adoc)$/i.test(path);
