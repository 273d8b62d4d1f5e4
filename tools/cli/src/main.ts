import { CommandError, exitCodes } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";

const words = process.argv.slice(2);
// Also `council help status` and options before the name need the command as a whole.
const program = await buildProgram((name) => words.includes(name));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes[error.exit].code;
  } else if (error instanceof Error && "exitCode" in error) {
    // Commander has said what was wrong.
    process.exitCode = Number(error.exitCode) === 0 ? 0 : exitCodes.usage.code;
  } else throw error;
}
