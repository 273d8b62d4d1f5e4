import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { runSandboxed, type Sandbox, type SandboxRun } from "./sandbox.ts";
import { testSandbox } from "./test-sandbox.ts";

let sandbox: Sandbox;
let root = "";
let dir = "";
let secretFile = "";
beforeAll(async () => {
  sandbox = await testSandbox();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "council-sandbox-test-"));
  dir = join(root, "workspace");
  secretFile = join(root, "secret.txt");
  await mkdir(dir);
  await writeFile(secretFile, "the-secret");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

const run = (command: readonly string[], more: Partial<SandboxRun> = {}) =>
  runSandboxed({
    sandbox,
    command,
    dir,
    writable: true,
    timeoutMs: 20_000,
    maxOutputBytes: 64 * 1024,
    ...more,
  });
const shell = (script: string, more: Partial<SandboxRun> = {}) => run(["sh", "-c", script], more);

let markers = 0;
/** A duration no other process sleeps for, so that the sleeper can be found on the host. */
const marker = () => `6${process.pid}.${(markers += 1)}`;
/** The processes of the host whose command line ends in `last`. */
const processes = (last: string) =>
  readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => commandLine(pid).endsWith(`${last}\0`));
const sleepers = (duration: string) =>
  processes(duration).filter((pid) => commandLine(pid).startsWith("sleep\0"));
const commandLine = (pid: string) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
};
const gone = (duration: string) =>
  vi.waitFor(() => expect(sleepers(duration)).toEqual([]), { timeout: 5_000, interval: 5 });

it.each([0, 1, 3, 128, 255])("passes on exit code %i", async (code) => {
  expect(await shell(`exit ${code}`)).toMatchObject({ kind: "exited", exitCode: code });
});

it("passes on output, input and the signal that ended the command", async () => {
  const echoed = await shell("cat; echo err >&2; kill -TERM $$", { stdin: "in" });
  expect(echoed).toMatchObject({ kind: "killed", signal: "SIGTERM", cause: "signal" });
  expect(echoed).toMatchObject({ stdout: "in", stderr: "err\n", truncated: false });
});

it("runs this very Node, with modules bound where its resolution looks", async () => {
  const modules = join(root, "node_modules");
  await mkdir(join(modules, "dep"), { recursive: true });
  await writeFile(join(modules, "dep/index.js"), "exports.value = 7;");
  await writeFile(join(dir, "main.ts"), 'import dep from "dep"; const v: number = dep.value;');
  const found = await run(["node", "-e", 'console.log(process.version, require("dep").value)'], {
    readOnlyPaths: [{ from: modules, to: "/node_modules" }],
  });
  expect(found).toMatchObject({ kind: "exited", stdout: `${process.version} 7\n` });
});

it("shows nothing of the host outside the workspace", async () => {
  const outcome = await shell(
    `cat ${secretFile} /proc/1/root${secretFile} /etc/shadow; ls /root /home ${root}; ls / /etc /tmp`,
  );
  expect(outcome).toHaveProperty("stdout", expect.not.stringContaining("the-secret"));
  const listed = outcome.kind === "exited" ? outcome.stdout.split(/\s+/) : [];
  expect(listed).toContain("workspace");
  for (const name of ["root", "home", "var", "run", "sys", "shadow", "ssl", "hostname"]) {
    expect(listed).not.toContain(name);
  }
});

it("does not follow a link of the workspace to the host", async () => {
  await symlink(secretFile, join(dir, "file"));
  await symlink(root, join(dir, "dir"));
  await symlink("../secret.txt", join(dir, "relative"));
  const outcome = await shell("cat file dir/secret.txt relative; echo x > file; echo x > dir/new");
  expect(outcome).toHaveProperty("stdout", "");
  expect(await readFile(secretFile, "utf8")).toBe("the-secret");
  expect((await readdir(root)).toSorted()).toEqual(["secret.txt", "workspace"]);
});

it("writes to the workspace and nowhere else", async () => {
  const outcome = await shell(
    `echo kept > kept
     for path in / /usr /usr/bin /etc /dev /opt /opt/node/bin /proc/sys/kernel/core_pattern ..; do
       if echo x > $path/x-council 2>/dev/null; then echo "wrote to $path"; fi
     done
     echo x > /proc/sys/kernel/hostname; echo x > /etc/passwd; echo x > /opt/node/bin/node`,
  );
  expect(outcome).toMatchObject({ stdout: "" });
  expect(await readFile(join(dir, "kept"), "utf8")).toBe("kept\n");
  expect((await readdir(root)).toSorted()).toEqual(["secret.txt", "workspace"]);
});

it("writes nothing to a read-only workspace", async () => {
  await writeFile(join(dir, "a"), "a");
  const outcome = await shell("cat a; echo b > a || echo c > b || rm a || mount -o remount,rw .", {
    writable: false,
  });
  expect(outcome).toMatchObject({ kind: "exited", stdout: "a" });
  expect(outcome).not.toHaveProperty("exitCode", 0);
  expect(await readdir(dir)).toEqual(["a"]);
  expect(await readFile(join(dir, "a"), "utf8")).toBe("a");
});

it("reaches the host's network only where it is allowed to", async () => {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.end("hello");
  });
  const abstract = createServer((socket) => socket.end("hello"));
  abstract.listen(`\0council-test-${process.pid}`);
  server.listen(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(abstract, "listening")]);
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const connect = (to: string) =>
      `require("node:net").connect(${to}).on("data", (d) => console.log(String(d))).on("error", (e) => console.log(e.code))`;
    const tcp = ["node", "-e", connect(`${port}, "127.0.0.1"`)];
    expect(await run(tcp)).toMatchObject({ stdout: "ECONNREFUSED\n" });
    const local = ["node", "-e", connect(String.raw`"\0council-test-${process.pid}"`)];
    expect(await run(local)).toMatchObject({ stdout: "ECONNREFUSED\n" });
    const outside = ["node", "-e", connect('80, "192.0.2.1"')];
    expect(await run(outside)).toMatchObject({ stdout: "ENETUNREACH\n" });
    expect(calls).toBe(0);
    expect(await run(tcp, { network: true })).toMatchObject({ stdout: "hello\n" });
  } finally {
    server.close();
    abstract.close();
  }
});

it("has a loopback of its own, for suites that start servers", async () => {
  const program = `const s = require("node:http").createServer((_, r) => r.end("own"));
    s.listen(0, "127.0.0.1", async () => {
      console.log(await (await fetch("http://localhost:" + s.address().port)).text()); s.close(); });`;
  expect(await run(["node", "-e", program])).toMatchObject({ stdout: "own\n" });
});

it("hands over the given environment and nothing of ours", async () => {
  vi.stubEnv("COUNCIL_TEST_KEY", "our-api-key");
  const outcome = await shell("env; cat /proc/*/environ /proc/*/cmdline", {
    env: { GIVEN: "with space", HOME: "/workspace", state: "mine", go: "mine" },
  });
  const { stdout } = outcome as { stdout: string };
  expect(stdout).not.toContain("our-api-key");
  const names = stdout.split("\0")[0]!.matchAll(/^([A-Za-z_]+)=/gm);
  expect([...new Set([...names].map((found) => found[1] ?? ""))].toSorted()).toEqual([
    "GIVEN",
    "HOME",
    "LANG",
    "PATH",
    "PWD",
    "TMPDIR",
    "go",
    "state",
  ]);
  expect(stdout).toContain("GIVEN=with space\n");
  expect(stdout).toContain("HOME=/workspace\n");
  expect(stdout).toMatch(/^go=mine\n/m);
  expect(stdout).toMatch(/^state=mine\n/m);
});

it("keeps given values out of the process list of the host", async () => {
  const given = `key-${process.pid}`;
  const commandLines: string[] = [];
  await shell("echo; sleep 0.2", {
    env: { KEY: given },
    onOutput: () => {
      for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
        try {
          commandLines.push(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        } catch {
          // It has ended since.
        }
      }
    },
  });
  expect(commandLines.some((line) => line.includes("echo; sleep 0.2"))).toBe(true);
  expect(commandLines.some((line) => line.includes(given))).toBe(false);
});

it("runs without capabilities, new privileges or further namespaces", async () => {
  const outcome = await shell(
    "grep -E 'Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs' /proc/self/status; id -u; unshare -U true && echo nested; hostname",
  );
  expect(outcome).toHaveProperty(
    "stdout",
    expect.stringMatching(/^(Cap\w+:\t0{16}\n){4}NoNewPrivs:\t1\n65534\n(?!nested)/),
  );
});

it("sees no process of the host", async () => {
  const outcome = await shell(`kill -0 ${process.pid}; ls /proc | grep -c '^[0-9]'`);
  expect(Number((outcome as { stdout: string }).stdout)).toBeLessThan(10);
});

it("ends every process at the timeout, detached ones too", async () => {
  const duration = marker();
  const running = shell(
    `setsid sleep ${duration} & (setsid sleep ${duration} >/dev/null 2>&1 </dev/null &); trap '' TERM INT HUP; echo on; sleep ${duration}; sleep ${duration}`,
    { timeoutMs: 4000 },
  );
  await expect.poll(() => sleepers(duration).length, { timeout: 4000 }).toBeGreaterThan(0);
  expect(await running).toMatchObject({ kind: "timed-out", stdout: "on\n" });
  await gone(duration);
});

it("ends what the command left behind", async () => {
  const duration = marker();
  const left = await shell(`(setsid sleep ${duration} &); sleep 0.1`);
  expect(left).toMatchObject({ kind: "exited", exitCode: 0 });
  await gone(duration);
});

it("ends when aborted, and does not start when aborted already", async () => {
  const duration = marker();
  const aborting = new AbortController();
  const outcome = await shell(`echo on; sleep ${duration}`, {
    signal: aborting.signal,
    onOutput: () => aborting.abort(),
  });
  expect(outcome).toMatchObject({ kind: "killed", cause: "aborted", stdout: "on\n" });
  await gone(duration);
  const never = await shell("touch started", { signal: AbortSignal.abort() });
  expect(never).toMatchObject({ kind: "killed", cause: "aborted" });
  expect(await readdir(dir)).toEqual([]);
});

const council = (duration: string, runs: number) => {
  const program = `import { runSandboxed } from ${JSON.stringify(join(import.meta.dirname, "sandbox.ts"))};
    await Promise.all(Array.from({ length: ${runs} }, () => runSandboxed({
      sandbox: ${JSON.stringify(sandbox)}, command: ["sleep", "${duration}"],
      dir: ${JSON.stringify(dir)}, writable: true, timeoutMs: 60000, maxOutputBytes: 10 })));`;
  return spawn(process.execPath, ["--input-type=module", "-e", program]);
};

it("ends when this process is killed", async () => {
  const duration = marker();
  const parent = council(duration, 4);
  await vi.waitFor(() => expect(sleepers(duration)).toHaveLength(4), 10_000);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(processes(duration)).toEqual([]), 5_000);
});

it("starts no command once this process was killed, however early", async () => {
  const duration = marker();
  const parent = council(duration, 8);
  const soon = { timeout: 10_000, interval: 1 };
  await vi.waitFor(() => expect(processes(duration).length).toBeGreaterThan(0), soon);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  // Those that passed the gate end; then the gate, which ends its shell too, lets no other pass.
  const shells = () => processes(duration).filter((pid) => !commandLine(pid).includes("bwrap\0"));
  await vi.waitFor(() => expect(shells()).toEqual([]), { timeout: 5_000, interval: 5 });
  // A bwrap that was itself ended before it let its first process go leaves that one waiting.
  for (const pid of processes(duration)) process.kill(Number(pid), "SIGKILL");
});

it("ends at a timeout or abort during the setup without starting the command", async () => {
  for (let wait = 0; wait < 12; wait += 1) {
    const timedOut = await shell("sleep 600", { timeoutMs: wait + 1 });
    expect(timedOut.kind).toBe("timed-out");
    const aborted = await shell("sleep 600", { signal: AbortSignal.timeout(wait) });
    expect(aborted).toMatchObject({ kind: "killed", cause: "aborted" });
    expect(aborted).toHaveProperty(
      "durationMs",
      expect.toSatisfy((ms: number) => ms < 4_000),
    );
  }
});

it("ends a run with too many processes", async () => {
  const duration = marker();
  const bomb = `n=0; while [ $n -lt 100 ]; do sleep ${duration} & n=$((n+1)); done; wait`;
  const outcome = await shell(bomb, { maxProcesses: 20 });
  expect(outcome).toMatchObject({ kind: "killed", cause: "processes" });
  await gone(duration);
});

it("ends a run whose processes together take too much memory", async () => {
  const hog = "const b = Buffer.alloc(120e6, 1); setTimeout(() => b[0], 60000)";
  const outcome = await shell(`for n in 1 2 3 4 5; do node -e '${hog}' & done; wait`, {
    memoryBytes: 400e6,
  });
  expect(outcome).toMatchObject({ kind: "killed", cause: "memory" });
});

it("gives one process no more memory than the limit", async () => {
  const hog = "const b = Buffer.alloc(400e6, 1); setTimeout(() => b[0], 60000)";
  const outcome = await run(["node", "-e", hog], { memoryBytes: 300e6 });
  expect(outcome).toMatchObject({ kind: "killed", cause: "memory" });
});

it("limits processor time and the size of a file", async () => {
  const busy = await shell("while :; do :; done", { cpuSeconds: 1 });
  expect(busy).toMatchObject({ kind: "killed", cause: "signal" });
  await shell("head -c 3000000 /dev/zero > big", { maxFileBytes: 1_000_000 });
  expect((await stat(join(dir, "big"))).size).toBeLessThanOrEqual(1_000_000);
});

it("keeps both ends of a flood, and only so much of it", async () => {
  const flood = await shell("echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo last", {
    maxOutputBytes: 1_000,
  });
  expect(flood).toMatchObject({ kind: "exited", truncated: true });
  const { stdout } = flood as { stdout: string };
  expect(stdout).toMatch(/^first\nx+\n\[… 29999011 bytes left out …\]\nx+last\n$/);
  let heard = 0;
  const endless = await run(["yes"], {
    timeoutMs: 3000,
    maxOutputBytes: 1_000,
    onOutput: (text) => {
      heard += text.length;
    },
  });
  expect(endless).toMatchObject({ kind: "timed-out", truncated: true });
  expect((endless as { stdout: string }).stdout.length).toBeLessThan(1_100);
  expect(heard).toBe(1_000);
});

it("reports a program that cannot be started as a shell would", async () => {
  await writeFile(join(dir, "plain"), "not a program");
  expect(await run(["nonesuch"])).toMatchObject({ kind: "exited", exitCode: 127 });
  expect(await run(["/workspace/plain"])).toMatchObject({ kind: "exited", exitCode: 126 });
});

it("runs nothing without a sandbox", async () => {
  const none = { kind: "unavailable", reason: "none here", remedy: "install it" } as const;
  const outcome = await shell("touch started", { sandbox: none });
  expect(outcome).toEqual({ kind: "unavailable", reason: "none here" });
  expect(await readdir(dir)).toEqual([]);
});

it.each<[string, Partial<SandboxRun>]>([
  ["an empty command", { command: [] }],
  ["a NUL in the command", { command: ["touch", "a\0b"] }],
  ["a relative workspace", { dir: "." }],
  ["a missing workspace", { dir: "/nonesuch" }],
  ["a workspace that is a file", { dir: "/etc/passwd" }],
  ["a bad variable name", { env: { "A=B": "c" } }],
  ["a NUL in a variable", { env: { A: "b\0--bind\0/\0/" } }],
  ["no time", { timeoutMs: 0 }],
  ["a limit that is no number", { maxProcesses: Number.NaN }],
  ["a relative read-only path", { readOnlyPaths: ["usr"] }],
  ["a read-only path that is missing", { readOnlyPaths: ["/nonesuch"] }],
  ["the whole host", { readOnlyPaths: ["/"] }],
  ["a mount in the workspace", { readOnlyPaths: [{ from: "/usr", to: "/tmp/../workspace/x" }] }],
  ["a mount on /proc", { writablePaths: [{ from: "/tmp", to: "/proc" }] }],
  [
    "a sandbox that is gone",
    {
      sandbox: {
        kind: "available",
        path: "/nonesuch",
        version: "0",
        prlimitPath: "/usr/bin/prlimit",
      },
    },
  ],
])("refuses %s", async (_, more) => {
  expect(await run(["touch", "/workspace/started"], more)).toMatchObject({ kind: "unavailable" });
  expect(await readdir(dir)).toEqual([]);
});
