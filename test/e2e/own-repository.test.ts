/** An operator's first ten minutes, with nothing but the command line: an installation is made, and guards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LedgerEntry, PatchDetail } from "@council/contracts";
import { freePorts } from "@council/demo/stack";
import {
  ensureRedisProgram,
  type PrivateRedis,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { program } from "./council-command.ts";
import { firstFiles } from "./council-world.ts";
import { strayProcesses } from "./stray-processes.ts";

const dir = mkdtempSync(join(tmpdir(), "council-first-"));
const [shop, remote, guard] = [join(dir, "shop"), join(dir, "shop.git"), join(dir, "guard")];
const stage = "council/canary";
const { PATH = "", HOME = "" } = process.env;
const env = { PATH, HOME, TMPDIR: dir };
let redis: PrivateRedis;
let up: ChildProcess | undefined;

const git = async (...words: string[]) => {
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.test"];
  return (await execa("git", [...author, ...words], { cwd: dir })).stdout;
};
const council = async (cwd: string, ...words: string[]) => {
  const options = { cwd, env, extendEnv: false, reject: false } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...words], options);
  return { code: exitCode, out: stdout, err: stderr };
};
/** A command that goes on; its lines come as they are written, and it is ended with the iteration. */
async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) return;
  try {
    yield* createInterface({ input: child.stdout });
  } finally {
    child.kill("SIGINT");
  }
}
const begin = (...words: string[]) =>
  spawn(process.execPath, [program, ...words], {
    cwd: guard,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });

beforeAll(async () => {
  const server = await ensureRedisProgram({ say: () => {} });
  if (server.kind !== "binary") throw new Error(`no Redis: ${server.reason}`);
  redis = await startPrivateRedis({ server, dir: join(dir, "redis") });
  await git("init", "--quiet", "--bare", "--initial-branch=main", remote);
  await git("init", "--quiet", "--initial-branch=main", shop);
  for (const [path, text] of Object.entries(firstFiles)) {
    await mkdir(join(shop, path, ".."), { recursive: true });
    writeFileSync(join(shop, path), text);
  }
  await git("-C", shop, "config", "user.name", "Ada");
  await git("-C", shop, "add", ".");
  await git("-C", shop, "commit", "--quiet", "--message", "first");
  await git("-C", shop, "push", "--quiet", remote, "main");
  await git("-C", shop, "checkout", "--quiet", "-b", "work");
  writeFileSync(join(shop, "src", "subtract.js"), "export const subtract = (a, b) => a - b;\n");
  await git("-C", shop, "add", ".");
  await git("-C", shop, "commit", "--quiet", "--message", "adds subtraction");
});
afterAll(async () => {
  if (up?.kill("SIGTERM")) await once(up, "exit");
  await redis.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
});

it("init, doctor, up, submit: the change is decided, lands, and Ctrl-C ends every process", async () => {
  const [port] = await freePorts(1);
  const wanted = ["--remote", remote, "--test", "node --test", "--port", String(port)];
  expect(await council(dir, "init", guard, ...wanted)).toMatchObject({ code: 0 });
  const file = join(guard, "council.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/^redisUrl:.*$/m, `redisUrl: ${redis.url}`));
  expect(await council(guard, "doctor")).toMatchObject({ code: 0 });

  up = begin("up");
  const upLines = linesOf(up);
  expect((await upLines.next()).value).toContain(
    `7 services are up: http://127.0.0.1:${String(port)}`,
  );
  // Every event of the patch, until it stands on the first branch and is watched there.
  const sent = ["--checkout", shop, "--range", "main..work", "--declare", "src/**"];
  const submitted = await council(guard, "submit", ...sent);
  expect(submitted).toMatchObject({ code: 0, err: "" });
  const events = [];
  for await (const line of linesOf(begin("watch", submitted.out, "--json"))) {
    const { event } = JSON.parse(line) as LedgerEntry;
    events.push(event.type);
    if (event.type === "WatchStarted") break;
  }
  expect(events).toEqual(expect.arrayContaining(["PatchSubmitted", "Landed"]));
  const shown = await council(guard, "show", submitted.out, "--json");
  const { title, kind, dossier } = JSON.parse(shown.out) as PatchDetail;
  expect({ title, kind }).toEqual({ title: "adds subtraction", kind: "watching" });
  expect(dossier?.votes.map(({ verdict }) => verdict)).toEqual(["approve", "approve", "approve"]);
  expect((await council(guard, "status")).out).toContain(submitted.out);
  expect(await council(guard, "replay", submitted.out)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^equal: \d+ entries give what is shown, watching$/) as string,
  });
  expect(await git("-C", remote, "show", `${stage}:src/subtract.js`)).toContain("a - b");

  const again = await council(guard, "up");
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("is taken") as string });

  const ended = once(up, "exit");
  await upLines.return(undefined);
  expect(await ended).toEqual([0, null]);
  await redis.stop();
  expect(await strayProcesses(dir)).toEqual([]);
}, 180_000);
