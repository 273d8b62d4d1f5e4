/** `npm run chaos`: fetches what the campaign needs, then runs it with the given arguments. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureBubblewrap, ensureRedisProgram } from "./private-tools.ts";

const say = (line: string) => console.log(`  ${line}`);
const campaign = join(import.meta.dirname, "..", "..", "test", "chaos", "main.ts");

async function main(): Promise<number> {
  const [server, sandbox] = await Promise.all([
    ensureRedisProgram({ say }),
    ensureBubblewrap({ say }),
  ]);
  for (const tool of [server, sandbox]) {
    if (tool.kind === "binary") continue;
    for (const line of [tool.reason, ...tool.remedies]) say(line);
    return 1;
  }
  const child = spawn(process.execPath, [campaign, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  // A terminal sends it to the child as well, which ends what it started.
  process.on("SIGINT", () => {});
  return await new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main();
