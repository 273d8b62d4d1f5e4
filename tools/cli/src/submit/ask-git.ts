/** Reads from a checkout of whoever submits; nothing of it is changed. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CommandError } from "../exit-codes.ts";

const execute = promisify(execFile);
const mostBytes = 64 * 1024 * 1024;

/** What git answers, trimmed. Throws CommandError `usage` with git's own words. */
export async function askGit(checkout: string, ...words: readonly string[]): Promise<string> {
  return (await runGit(checkout, words)).trim();
}

/** The full id of a commit. */
export function commitOf(checkout: string, revision: string): Promise<string> {
  return askGit(checkout, "rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`);
}

export interface RangeDiff {
  readonly base: string;
  readonly diff: string;
  readonly title: string;
}

/** `a..b` as git diff reads it, `a...b` from their merge base, `a` alone up to HEAD. */
export async function diffBetween(checkout: string, range: string): Promise<RangeDiff> {
  const [, from = "", dots = "", to = ""] = /^(.*?)(\.{2,3})(.*)$/.exec(range) ?? [range, range];
  const [start, end] = await Promise.all([
    commitOf(checkout, from || "HEAD"),
    commitOf(checkout, to || "HEAD"),
  ]);
  const base = dots === "..." ? await askGit(checkout, "merge-base", start, end) : start;
  // Exactly what git apply reads, whatever the user's own configuration shows in a terminal.
  const sure = "-c diff.noprefix=false -c diff.mnemonicPrefix=false diff --no-color --no-ext-diff";
  const whole = "--no-textconv --no-renames --full-index --binary";
  const diff = await runGit(checkout, [...`${sure} ${whole}`.split(" "), base, end]);
  if (diff === "")
    throw new CommandError("usage", `${range} holds no difference; name other commits`);
  return { base, diff, title: await askGit(checkout, "log", "-1", "--format=%s", end) };
}

async function runGit(checkout: string, words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute("git", words, { cwd: checkout, maxBuffer: mostBytes });
    return stdout;
  } catch (error) {
    const { stderr = "", message = "" } = error as { stderr?: string; message?: string };
    const said = (stderr || message).trim().split("\n")[0] ?? "";
    throw new CommandError("usage", `git ${words[0]} in ${checkout}: ${said}`);
  }
}
