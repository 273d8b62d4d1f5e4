import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * Runs git for the product's side of the demo: its author and its deployer, who are not part of
 * Council. Ignores the configuration of whoever runs the demo. Rejects with git's own words.
 */
export async function runGit(
  cwd: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await execute("git", words, {
    cwd,
    maxBuffer: 32 * 1024 * 1024,
    timeout: 30_000,
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: cwd,
      LC_ALL: "C",
      TZ: "UTC",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Sample Team",
      GIT_AUTHOR_EMAIL: "team@sample.invalid",
      GIT_COMMITTER_NAME: "Sample Team",
      GIT_COMMITTER_EMAIL: "team@sample.invalid",
      ...env,
    },
  });
  return stdout;
}
