/** The real command, as a shell would run it. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Run {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Runs `council` with nothing of this process's environment but PATH and HOME. Never rejects. */
export async function runCouncil(words: readonly string[], run: Run = {}): Promise<Said> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [main, ...words], {
    cwd: run.cwd ?? "/",
    env: { PATH, HOME, ...run.env },
  });
  child.stdin.end(run.stdin ?? "");
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}
