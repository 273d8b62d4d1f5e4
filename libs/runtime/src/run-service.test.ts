import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "council-service-"));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const library = JSON.stringify(new URL("index.ts", import.meta.url).href);

/** The source of a service whose `start` has this body. */
function serviceOf(start: string, options = ""): string {
  return `
    import { RuntimeError, defineSettings, runService } from ${library};
    const settings = defineSettings({
      greeting: { env: "GREETING", kind: "string", default: "hello", meaning: "Said at start." },
      webhookSecret: { env: "WEBHOOK_SECRET", kind: "secret", meaning: "Signs webhooks." },
      watchMs: { env: "WATCH", kind: "durationMs", default: "1s", meaning: "How long to watch." },
    });
    const keepAlive = () => setInterval(() => undefined, 1000);
    await runService({ name: "sample", settings, ${options} start: async (context) => { ${start} } });
  `;
}

interface Watched {
  readonly child: ChildProcess;
  /** Resolves when stdout contains the text. */
  readonly seen: (text: string) => Promise<void>;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function launch(
  source: string,
  input: { env?: Record<string, string>; argv?: readonly string[]; stdio?: StdioOptions } = {},
): Watched {
  const child = spawn(
    process.execPath,
    ["--input-type=module-typescript", "--eval", source, "--", ...(input.argv ?? [])],
    {
      cwd: folder,
      env: { PATH: process.env["PATH"], ...input.env },
      stdio: input.stdio ?? ["ignore", "pipe", "pipe"],
    },
  );
  running.add(child);
  const output = { stdout: "", stderr: "" };
  const grown = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
      output[stream] += chunk;
      for (const check of grown) check();
    });
  }
  // Not the "close" event: it is never sent once an IPC channel was closed from this side.
  const ends = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const ended = Promise.all([
    once(child, "exit"),
    ...ends.map((stream) => once(stream, "end")),
  ]).then(([[code]]) => {
    running.delete(child);
    return { code: code as number | null, ...output };
  });
  const seen = (text: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (output.stdout.includes(text)) resolve();
    };
    grown.add(check);
    check();
    return Promise.race([
      promise,
      ended.then(({ stdout, stderr }) => {
        if (!stdout.includes(text)) throw new Error(`ended without "${text}": ${stdout}${stderr}`);
      }),
    ]);
  };
  return { child, seen, ended };
}

const quiet = "keepAlive(); return { stop: async () => undefined };";
const up = "service is up";

describe("a service process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s stops it in order and exits 0", async (signal) => {
    const service = launch(
      serviceOf(`
        const timer = keepAlive();
        context.log.info({ greeting: context.settings.greeting }, "greeting");
        return { stop: async () => {
          clearInterval(timer);
          context.log.info({ aborted: context.stopping.aborted }, "releasing");
        } };`),
      { env: { GREETING: "servus" }, argv: ["--watch-ms=5s"] },
    );
    await service.seen(up);
    service.child.kill(signal);
    const { code, stdout, stderr } = await service.ended;
    expect([code, stderr]).toEqual([0, ""]);
    expect(messagesOf(stdout)).toEqual(["greeting", up, "stopping", "releasing", "stopped"]);
    expect(stdout).toContain('"greeting":"servus"');
    expect(stdout).toContain('"aborted":true');
  });

  test("a signal during start waits for start, then stops", async () => {
    const service = launch(
      serviceOf(`
        const timer = keepAlive();
        context.log.info("starting");
        await new Promise((resolve) => context.stopping.addEventListener("abort", resolve));
        return { stop: async () => { clearInterval(timer); } };`),
    );
    await service.seen("starting");
    service.child.kill("SIGTERM");
    const { code, stdout } = await service.ended;
    expect(code).toBe(0);
    expect(messagesOf(stdout).at(-1)).toBe("stopped");
  });

  test("what does not stop within the deadline is left behind with exit 1", async () => {
    const hang = "keepAlive(); return { stop: () => new Promise(() => undefined) };";
    const service = launch(serviceOf(hang, "stopDeadlineMs: 50,"));
    await service.seen(up);
    service.child.kill("SIGTERM");
    const { code, stdout } = await service.ended;
    expect(code).toBe(1);
    expect(messagesOf(stdout).at(-1)).toContain("did not stop in time");
  });

  test("a second signal ends it at once", async () => {
    const service = launch(
      serviceOf("keepAlive(); return { stop: () => new Promise(() => undefined) };"),
    );
    await service.seen(up);
    service.child.kill("SIGTERM");
    await service.seen("stopping");
    service.child.kill("SIGTERM");
    expect((await service.ended).code).toBe(1);
  });

  test("a stop that fails exits 1", async () => {
    const service = launch(
      serviceOf("keepAlive(); return { stop: async () => { throw new Error('stuck'); } };"),
    );
    await service.seen(up);
    service.child.kill("SIGTERM");
    const { code, stdout } = await service.ended;
    expect(code).toBe(1);
    expect(stdout).toContain("stuck");
  });
});

describe("a service that cannot start", () => {
  test("refused settings: exit 78 and every fault on stderr, no secret among them", async () => {
    writeFileSync(join(folder, "broken.yaml"), "- x");
    const env = {
      WEBHOOK_SECRET: "hunter2hunter2",
      WATCH: "5",
      COUNCIL_LOG_LEVEL: "loud",
      COUNCIL_CONFIG: "broken.yaml",
    };
    const { code, stdout, stderr } = await launch(serviceOf(quiet), { env }).ended;
    expect([code, stdout]).toEqual([78, ""]);
    expect(stderr.split("\n")).toEqual([
      "sample could not start: its configuration is refused.",
      "broken.yaml (settings file) is not a mapping: write one `name: value` per line",
      expect.stringContaining("COUNCIL_LOG_LEVEL (logLevel)"),
      expect.stringContaining("WEBHOOK_SECRET (webhookSecret) is shorter than 16 characters"),
      expect.stringContaining('WATCH (watchMs) "5" has no unit'),
      "",
    ]);
    expect(stderr).not.toContain("hunter2");
  });

  test("a dependency set up wrongly: one sentence on stderr, exit 78", async () => {
    const start = 'throw new RuntimeError("configuration-refused", "Redis may evict keys");';
    const { code, stderr } = await launch(serviceOf(start)).ended;
    expect([code, stderr]).toEqual([78, "sample could not start: Redis may evict keys\n"]);
  });

  test("any other failure: one sentence on stderr without secrets, exit 1", async () => {
    const secret = "c0rrect-h0rse-battery-staple";
    const start = "throw new Error('no route to ' + context.settings.webhookSecret);";
    const { code, stdout, stderr } = await launch(serviceOf(start), {
      env: { WEBHOOK_SECRET: secret },
    }).ended;
    expect([code, stderr]).toEqual([1, "sample could not start: no route to [redacted]\n"]);
    expect(stdout).not.toContain(secret);
  });
});

describe("a bug", () => {
  test.each([
    ["uncaught exception", "setImmediate(() => { throw new Error('boom'); });"],
    ["unhandled rejection", "void Promise.reject(new Error('boom'));"],
  ])("%s: a fatal line with the stack, exit 1", async (_name, bug) => {
    const { code, stdout } = await launch(serviceOf(`${bug} ${quiet}`)).ended;
    expect(code).toBe(1);
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ level: "fatal", err: { message: "boom" } });
  });
});

describe("the settings file and .env", () => {
  test("are read from the working directory; a variable like ours is pointed out", async () => {
    writeFileSync(join(folder, "good.yaml"), "greeting: moin\nlogLevel: debug\n");
    const start = `context.log.debug(context.settings.greeting); ${quiet}`;
    const env = { COUNCIL_CONFIG: "good.yaml", COUNCIL_LOG_LEVLE: "x" };
    const service = launch(serviceOf(start), { env });
    await service.seen(up);
    service.child.kill("SIGTERM");
    const { stdout } = await service.ended;
    expect(messagesOf(stdout)).toContain("moin");
    expect(stdout).toContain("COUNCIL_LOG_LEVLE: write COUNCIL_LOG_LEVEL");
  });

  test("a name that nothing reads stops the start, with the one that was meant", async () => {
    writeFileSync(join(folder, "slip.yaml"), "greting: moin\n");
    const service = launch(serviceOf(quiet), { env: { COUNCIL_CONFIG: "slip.yaml" } });
    const { code, stderr } = await service.ended;
    expect(code).toBe(78);
    expect(stderr.match(/has greting, which is no setting: write greeting/g)).toHaveLength(1);
  });
});

describe("the parent", () => {
  test("when the process COUNCIL_PARENT_PID is killed, the service stops", async () => {
    const parent = launch(`
      import { spawn } from "node:child_process";
      const source = ${JSON.stringify(serviceOf(quiet))};
      const env = { ...process.env, COUNCIL_PARENT_PID: String(process.pid) };
      const options = { env, stdio: ["ignore", "inherit", "inherit"] };
      spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], options);
      setInterval(() => undefined, 1000);
    `);
    await parent.seen(up);
    parent.child.kill("SIGKILL");
    // The pipe closes when the last process that holds it, the service, has ended.
    const { stdout } = await parent.ended;
    expect(stdout).toContain("the parent process is gone");
    expect(messagesOf(stdout).at(-1)).toBe("stopped");
  });

  test("when the channel to the parent closes, the service stops", async () => {
    const service = launch(serviceOf(quiet), { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    await service.seen(up);
    service.child.disconnect();
    const { code, stdout } = await service.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("the parent process is gone");
  });
});

function messagesOf(stdout: string): string[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}
