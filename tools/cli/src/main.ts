import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addDiffCommand } from "./diff-command.ts";

const { version } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as { version: string };

const program = new Command("council")
  .description("Decides which machine-written patches may land, and takes back what turns out bad.")
  .version(version)
  .showHelpAfterError()
  .exitOverride();

program
  .command("demo")
  .description(
    "run the whole of Council on a sample product: one good patch lands, four bad ones are taken back",
  )
  .option(
    "--exit",
    "end when the last patch has come to rest; exit code 0 only if all ended as they should",
  )
  .option("--json", "one JSON object per line instead of text")
  .option("--port <number>", "port of the console and API", Number)
  .option("--keep", "keep the working folder (repository, logs) when done")
  .addHelpText("after", "\nExamples:\n  $ ./council demo\n  $ ./council demo --exit --json")
  .action(async (options: { exit?: boolean; json?: boolean; port?: number; keep?: boolean }) => {
    const { runDemo } = await import("@council/demo");
    const { exit = false, ...more } = options;
    process.exitCode = await runDemo({ exit, ...more });
  });

addDiffCommand(program);
// Git starts one `diff` for each file; what the others import takes longer to load than that takes.
if (process.argv[2] !== "diff") {
  const [cost, drill, policy, revert, verify, verifyCommit, why] = await Promise.all([
    import("./cost-command.ts"),
    import("./drill-command.ts"),
    import("./policy-command.ts"),
    import("./revert-commands.ts"),
    import("./verify-command.ts"),
    import("./verify-commit-command.ts"),
    import("./why-command.ts"),
  ]);
  cost.addCostCommand(program);
  verify.addVerifyCommand(program);
  verifyCommit.addVerifyCommitCommand(program);
  revert.addRevertCommands(program);
  drill.addDrillCommand(program);
  why.addWhyCommand(program);
  policy.addPolicyCommand(program);
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what was wrong; everything else is for the crash report.
  if (!(error instanceof Error && "exitCode" in error)) throw error;
  process.exitCode = Number(error.exitCode) === 0 ? 0 : 2;
}
