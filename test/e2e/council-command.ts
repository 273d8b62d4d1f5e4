/** The command line as an operator has it: a process of its own that knows the gateway and its token. */
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { World } from "./council-world.ts";

export const program = fileURLToPath(new URL("../../tools/cli/src/main.ts", import.meta.url));

/** Never rejects for an exit code. */
export async function council(
  { stack }: World,
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const done = await execa(process.execPath, [program, ...words], {
    env: { COUNCIL_URL: stack.url, COUNCIL_OPERATOR_TOKEN: stack.secrets.operatorToken },
    reject: false,
  });
  return { code: done.exitCode ?? -1, stdout: done.stdout, stderr: done.stderr };
}
