import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ensureRedisProgram } from "./private-tools.ts";
import { isRedisUp, startPrivateRedis } from "./private-redis.ts";

let dir = "";
let server = "";

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "council-private-redis-"));
  const found = await ensureRedisProgram({ say: () => {} });
  if (found.kind !== "binary") throw new Error(`${found.reason}: ${found.remedies.join(" ")}`);
  server = found.path;
}, 300_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const portOf = (url: string) => Number(new URL(url).port);

async function ask(port: number, commands: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  let reply = "";
  socket.on("data", (bytes) => {
    reply += bytes.toString();
  });
  socket.write(`${commands}QUIT\r\n`);
  await once(socket, "close");
  return reply;
}

test("it starts with the settings the services demand, and keeps its data over a restart", async () => {
  const first = await startPrivateRedis({ server, dir: join(dir, "data") });
  const port = portOf(first.url);
  const settings = await ask(
    port,
    "CONFIG GET maxmemory-policy\r\nCONFIG GET appendonly\r\nCONFIG GET appendfsync\r\nCONFIG GET bind\r\nSET kept yes\r\n",
  );
  for (const value of ["noeviction", "yes", "always", "127.0.0.1"]) {
    expect(settings).toContain(`\r\n${value}\r\n`);
  }
  await first.stop();
  await first.stop();
  expect(await isRedisUp(port)).toBe(false);

  const second = await startPrivateRedis({ server, dir: join(dir, "data") });
  expect(await ask(portOf(second.url), "GET kept\r\n")).toContain("yes");
  await second.stop();
});

test("a server that dies early is an error with the end of its log", async () => {
  const running = await startPrivateRedis({ server, dir: join(dir, "first") });
  const taken = { server, dir: join(dir, "second"), port: portOf(running.url) };
  await expect(startPrivateRedis(taken)).rejects.toThrow(/did not start:[^]*in use/i);
  await running.stop();
});

test("a program that is not there is an error that names it", async () => {
  const options = { server: "/no/such/redis", dir: join(dir, "none") };
  await expect(startPrivateRedis(options)).rejects.toThrow("/no/such/redis did not start");
});

test("it ends when its owner is killed", async () => {
  const program = join(dir, "owner.ts");
  const module = new URL("./private-redis.ts", import.meta.url).href;
  const options = JSON.stringify({ server, dir: join(dir, "owned") });
  writeFileSync(
    program,
    `const { startPrivateRedis } = await import(${JSON.stringify(module)});
     const redis = await startPrivateRedis(${options});
     console.log(redis.url);`,
  );
  const owner = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  const [bytes] = (await once(owner.stdout, "data")) as [Buffer];
  const port = portOf(bytes.toString().trim());
  expect(await isRedisUp(port)).toBe(true);
  owner.kill("SIGKILL");
  await vi.waitUntil(async () => !(await isRedisUp(port)), { timeout: 10_000 });
});

test("the watchdog does not outlive a stopped server, nor keep its owner running", async () => {
  const module = new URL("./private-redis.ts", import.meta.url).href;
  const options = JSON.stringify({ server, dir: join(dir, "short") });
  const program = `const { startPrivateRedis } = await import(${JSON.stringify(module)});
    const redis = await startPrivateRedis(${options});
    await redis.stop();
    console.log("stopped");`;
  const run = promisify(execFile);
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await run(process.execPath, args, { timeout: 15_000 });
  expect(stdout.trim()).toBe("stopped");
});
