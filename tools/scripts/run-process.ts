import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** `ok` is a zero exit code. A program that cannot be started is not ok, with the reason in `stderr`. */
export interface ProcessResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end without a shell, by default for at most 30 s. Never rejects. */
export function runProcess(
  program: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs = 30_000 }: ProcessOptions = {},
): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const options = {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...env, LC_ALL: "C" },
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    };
    const child = execFile(program, [...args], options, (error, stdout, stderr) =>
      resolve({
        ok: error === null,
        stdout,
        stderr: stderr === "" && error !== null ? error.message : stderr,
      }),
    );
    child.stdin?.end();
  });
}

/** The first executable called `name` on the PATH of `env`; an absolute `name` is only checked. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined;
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Whether this user may execute `file`. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The last lines of a program's output, for a message. */
export function lastLines(text: string, count: number): string {
  return text.trim().split("\n").slice(-count).join("\n");
}
