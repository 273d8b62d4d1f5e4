/** Installs the dependencies once, with progress a person can follow and errors they can act on. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { areDependenciesInstalled, markInstalled } from "./dependencies.mjs";
import { withFolderLock } from "./folder-lock.mjs";

/** What went wrong with an installation and what to do about it, ready to be shown. */
export class InstallError extends Error {}

const remedies = [
  [/ENOSPC/, "The disk is full: free some space and run the same command again."],
  [
    /EACCES|EPERM|EROFS/,
    "Some file may not be written by this user: check who owns this folder and npm's cache (npm config get cache).",
  ],
  [
    /EUSAGE|can only install packages when/,
    "package.json and package-lock.json disagree: run `npm install` once, and commit the lock.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network|CERT|certificate/,
    "The package registry cannot be reached: check the network, and HTTPS_PROXY or NODE_EXTRA_CA_CERTS if this machine needs them.",
  ],
  [
    /E401|E403/,
    "The package registry refused access: check `npm config get registry` and its login.",
  ],
];

/** Makes node_modules match package-lock.json. Safe to call from many processes at once. */
export async function installDependencies(root) {
  const folder = join(root, ".council");
  const progress = startProgress(process.stderr);
  try {
    makeFolder(folder);
    await withFolderLock(
      join(folder, "install.lock"),
      async () => {
        if (areDependenciesInstalled(root)) return;
        await runNpm(root, (text) => progress.update(text));
        markInstalled(root);
        progress.finish("dependencies installed");
      },
      { onWait: () => progress.update("waiting for another council command that is installing") },
    );
  } finally {
    progress.stop();
  }
}

/** Runs the installer of the private Node.js by itself, for an npm that ran no install scripts. */
export async function installNode(root) {
  const cwd = join(root, "node_modules", "node");
  const args = ["installArchSpecificPackage.js"];
  const options = { cwd, env: npmEnv(root) };
  const { code, output } = await collect(process.execPath, args, options, () => {});
  if (code !== 0) throw new InstallError(failure("fetching Node.js 24 failed", output));
  // npm left this link out when there was nothing yet to link to; npm scripts find Node.js by it.
  const link = join(root, "node_modules", ".bin", "node");
  if (!existsSync(link)) symlinkSync(join("..", "node", "bin", "node"), link);
}

/** The remedy for a failed npm run, read from what npm printed. */
export function remedyFor(output) {
  const found = remedies.find(([pattern]) => pattern.test(output));
  return (
    found?.[1] ??
    "Repair the cause above and run the same command again: a half-finished installation is never used."
  );
}

async function runNpm(root, update) {
  const total = packageCount(root);
  let count = 0;
  const show = () => update(`installing dependencies: ${count} of ${total} packages`);
  show();
  const settings = [
    "--include=dev",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=http",
  ];
  const options = { cwd: root, env: npmEnv(root) };
  const { code, output } = await collect("npm", ["ci", ...settings], options, (line) => {
    const problem = /^npm http .* attempt \d+ failed with (\S+)/.exec(line)?.[1];
    if (problem) update(`the package registry does not answer (${problem}): trying again`);
    if (!/^npm http (fetch GET 200|cache) .*\.tgz/.test(line)) return;
    count = Math.min(count + 1, total);
    show();
  });
  if (code !== 0) throw new InstallError(failure(`npm ci failed (${code})`, output));
}

function failure(what, output) {
  const shown = output.filter((line) => !/^npm (http|warn EBADENGINE)/.test(line)).join("\n");
  return `${shown}\n\ncouncil: ${what}. ${remedyFor(shown)}`;
}

/** Runs a command, its lines collected; an interruption of this process reaches it before this ends. */
function collect(command, args, options, onLine) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    const forward = (signal) => {
      child.kill(signal);
      child.once("close", () => process.exit(signal === "SIGINT" ? 130 : 143));
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.once(signal, forward);
    for (const stream of [child.stdout, child.stderr])
      readLines(stream, (line) => {
        output.push(line);
        onLine(line);
      });
    child.once("error", (error) => reject(new InstallError(notStarted(command, error))));
    child.once("close", (code, signal) => {
      for (const name of signals) process.removeListener(name, forward);
      resolve({ code: code ?? signal, output });
    });
  });
}

function notStarted(command, error) {
  return error.code === "ENOENT"
    ? `council: '${command}' is not on PATH. It comes with Node.js: install it from https://nodejs.org and run this again.`
    : `council: '${command}' cannot be started (${error.message}).`;
}

function readLines(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(onLine);
  });
  stream.on("end", () => rest && onLine(rest));
}

/** This checkout's own node_modules/.bin may hold the Node.js that is about to be replaced. */
function npmEnv(root) {
  const own = join(root, "node_modules");
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.startsWith(own));
  return { ...process.env, ...cacheSetting(root), PATH: path.join(delimiter) };
}

/** npm needs a cache it can write; a user without a home gets one inside the checkout. */
function cacheSetting(root) {
  try {
    accessSync(homedir(), constants.W_OK);
    return {};
  } catch {
    return { npm_config_cache: join(root, ".council", "npm-cache") };
  }
}

function packageCount(root) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const isFetched = ([place, entry]) =>
    place.includes("node_modules/") && !entry.link && !entry.optional;
  return Object.entries(packages).filter(isFetched).length;
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new InstallError(
      `council: ${folder} cannot be written by this user. Use a checkout of your own, or ask its owner to run ./council once.`,
    );
  }
}

/** One live line on a terminal; elsewhere a plain line at each new stage and every ten seconds. */
function startProgress(stream) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
  let text = "";
  let frame = 0;
  const stage = () => text.split(":")[0];
  const draw = () =>
    text && stream.write(`\r\u001b[K${frames[(frame += 1) % frames.length]} ${text}, ${seconds()}`);
  const print = () => text && stream.write(`council: ${text}, ${seconds()}\n`);
  const timer = stream.isTTY ? setInterval(draw, 100) : setInterval(print, 10_000);
  timer.unref();
  const clear = () => stream.isTTY && text && stream.write("\r\u001b[K");
  return {
    update(next) {
      const isNewStage = next.split(":")[0] !== stage();
      text = next;
      if (isNewStage && !stream.isTTY) print();
    },
    finish(last) {
      clear();
      stream.write(`council: ${last} in ${seconds()}\n`);
      text = "";
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}
