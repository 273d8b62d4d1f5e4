/** A service as a process in a folder of its own, for the tests of what it says when it cannot start. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface ServiceFolder {
  /** Starts the service there, with nothing but `env`; resolves when it has ended. */
  readonly start: (env: Record<string, string>) => Promise<{ code: number; stderr: string }>;
  readonly fileOf: (name: string) => string;
  readonly remove: () => Promise<void>;
}

/** `main` is the program, `files` what lies in the folder, by name. */
export async function serviceFolder(
  main: URL,
  files: Readonly<Record<string, string>> = {},
): Promise<ServiceFolder> {
  const dir = await mkdtemp(join(tmpdir(), "council-service-"));
  const fileOf = (name: string) => join(dir, name);
  for (const [name, content] of Object.entries(files)) await writeFile(fileOf(name), content);
  return {
    fileOf,
    start: async (env) => {
      const child = spawn(process.execPath, [fileURLToPath(main)], {
        cwd: dir,
        env: { PATH: process.env["PATH"], ...env },
        stdio: ["ignore", "ignore", "pipe"],
      });
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      return { code: code as number, stderr };
    },
    remove: () => rm(dir, { recursive: true }),
  };
}
