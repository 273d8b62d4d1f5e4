/**
 * The first step of every command: installs what is missing, then runs the command under Node.js 24, in
 * this very process where it is new enough. Plain JavaScript with Node's own modules only, since it runs
 * on Node.js 20 before anything is there.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { areDependenciesInstalled } from "./dependencies.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const privateNode = join(root, "node_modules", "node", "bin", "node");
const neededMajor = 24;
const scripts = {
  test: "tools/scripts/run-tests.ts",
  build: "tools/scripts/run-build.ts",
  bench: "tools/scripts/run-bench.ts",
  "bench:canary": "test/bench/canary.ts",
  "bench:diff": "test/bench/diff.ts",
  chaos: "tools/scripts/run-chaos.ts",
};

/** Which program of this checkout answers the arguments, and what it is given. */
export function commandFor(args) {
  const [first, ...rest] = args;
  const script = Object.hasOwn(scripts, first ?? "") ? scripts[first] : undefined;
  return script ? { program: script, args: rest } : { program: "tools/cli/src/main.ts", args };
}

async function main() {
  const { program, args } = commandFor(process.argv.slice(2));
  if (!existsSync(join(root, program)))
    fail(`${program} is not in this checkout: is the clone complete?`);
  if (!areDependenciesInstalled(root)) {
    const { installDependencies } = await import("./install.mjs");
    await installDependencies(root);
  }
  const node = await findNode();
  if (Number.parseInt(process.versions.node, 10) >= neededMajor)
    return runHere(node, join(root, program), args);
  return run(node, join(root, program), args);
}

/** Runs the program as if it had been started alone; what it compiles is kept for the next start. */
async function runHere(node, program, args) {
  nodeModule.enableCompileCache(join(root, ".council", "compile-cache"));
  process.env.PATH = pathWith(node);
  process.argv.splice(1, process.argv.length - 1, program, ...args);
  await import(pathToFileURL(program).href);
}

/** Programs of this checkout come before those of the system. */
function pathWith(node) {
  const own = [dirname(node), join(root, "node_modules", ".bin")];
  return [...own, process.env.PATH ?? ""].join(delimiter);
}

/** The private Node.js 24; the one this runs on, if that is new enough and the private one is not there. */
async function findNode() {
  if (isExecutable(privateNode)) return privateNode;
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) return process.execPath;
  const { installNode } = await import("./install.mjs");
  process.stderr.write("council: fetching Node.js 24\n");
  await installNode(root);
  if (isExecutable(privateNode)) return privateNode;
  return fail(
    `Node.js ${neededMajor} is not at ${privateNode}. Delete node_modules and run this again.`,
  );
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function run(node, program, args) {
  const child = spawn(node, [program, ...args], {
    stdio: "inherit",
    env: { ...process.env, PATH: pathWith(node) },
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, forward);
  // A terminal sends these to the child as well; passing them on would count as a second Ctrl-C.
  for (const signal of ["SIGINT", "SIGQUIT"])
    process.on(signal, process.stdin.isTTY ? () => {} : forward);
  child.once("error", (error) =>
    fail(
      `${node} cannot run here (${error.message}). Delete node_modules and run this again, or use a system Node.js ${neededMajor}.`,
    ),
  );
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`council: ${message}\n`);
  process.exit(1);
}

const isMain =
  process.argv[1] !== undefined &&
  import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href;
if (isMain) {
  try {
    await main();
  } catch (error) {
    const isExpected = error?.constructor?.name === "InstallError";
    process.stderr.write(`${isExpected ? error.message : (error?.stack ?? error)}\n`);
    process.exit(1);
  }
}
