/** Reverts by processes of their own, killed and racing, as several controllers would do them. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findTrailers, REVERTS_TRAILER } from "./commit.ts";
import { type Mirror, resolveBranch } from "./mirror.ts";
import { firstFiles, land, revert, ten, text } from "./revert-example.ts";
import type { RevertOutcome } from "./revert-landing.ts";
import { testRemote, type TestRemote } from "./testing.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const controllers = 8;
const states = ["fetched", "planned", "pre-receive", "update", "post-receive", "told"] as const;
type State = (typeof states)[number];

let remote: TestRemote;
let mirror: Mirror;
let commit: string;

beforeEach(async () => {
  remote = await testRemote(firstFiles);
  mirror = await remote.mirror();
  commit = await land(mirror, { "a.txt": ten({ 3: "changed" }), "n.txt": "n\n" });
});

afterEach(async () => {
  await remote.remove();
});

/** A process that opens a mirror of its own and, once told, reverts; it kills itself where it is asked to. */
const script = `
  const [url, dir, request, dieAt, pidFile, index] = process.argv.slice(1);
  const { openMirror, resolveBranch, revertLanding } = await import(index);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(pidFile, String(process.pid));
  const mirror = await openMirror({ remoteUrl: url, dir });
  const asked = JSON.parse(request);
  process.stdout.write("ready\\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const die = (at) => { if (dieAt === at) process.kill(process.pid, "SIGKILL"); };
  if (dieAt === "fetched") { await resolveBranch(mirror, asked.branch); die("fetched"); }
  const verify = async () => { die("planned"); return { kind: "ok" }; };
  const outcome = await revertLanding(mirror, { ...asked, at: new Date(asked.at), verify });
  die("told");
  process.stdout.write(JSON.stringify(outcome) + "\\n");
  process.stdin.destroy();
`;

function start(name: string, effectId: string, dieAt: State | "never" = "never") {
  const request = JSON.stringify({ ...text("Revert"), branch: "main", commit, effectId });
  const index = new URL("./index.ts", import.meta.url).href;
  const pidFile = join(remote.dir, `${name}.pid`);
  const args = [remote.url, join(remote.dir, name), request, dieAt, pidFile, index];
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, ...args]);
  return { child, pidFile, said: textOf(child.stdout) };
}

/** Resolves once the process has written a line. */
const isReady = (child: ChildProcessWithoutNullStreams) => once(child.stdout, "data");

async function reverts(): Promise<number> {
  const head = (await resolveBranch(mirror, "main"))!;
  const wanted = [{ key: REVERTS_TRAILER, value: commit }];
  return (await findTrailers(mirror, { from: commit, to: head }, wanted)).length;
}

/** Kills the process that pushes from inside the remote, before or after it has moved the branch. */
async function killFrom(hook: string, pidFile: string): Promise<void> {
  const hooks = join(remote.repository.gitDir, "hooks");
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, hook), `#!/bin/sh\nkill -9 "$(cat ${pidFile})"\nsleep 0.1\n`);
  await chmod(join(hooks, hook), 0o755);
}

describe("SIGKILL", () => {
  test.each(states)("P1: at %s: whoever does it again leaves exactly one revert", async (state) => {
    const struck = start("struck", "undo", state);
    await isReady(struck.child);
    if (/receive|update/.test(state)) await killFrom(state, struck.pidFile);
    const ended = once(struck.child, "exit");
    struck.child.stdin.write("go\n");
    expect((await ended)[1]).toBe("SIGKILL");
    await rm(join(remote.repository.gitDir, "hooks"), { recursive: true, force: true });
    const again = await revert(await remote.mirror(), commit, { effectId: "undo" });
    expect(["reverted", "already-reverted"]).toContain(again.kind);
    expect(await reverts()).toBe(1);
    expect(await remote.text("a.txt")).toBe(ten({}));
    expect(await remote.text("n.txt")).toBeUndefined();
  });
});

describe("eight controllers at once", () => {
  async function race(effectIdOf: (at: number) => string): Promise<RevertOutcome[]> {
    const all = Array.from({ length: controllers }, (_, at) => start(`c${at}`, effectIdOf(at)));
    await Promise.all(all.map(({ child }) => isReady(child)));
    for (const { child } of all) child.stdin.write("go\n");
    const said = await Promise.all(all.map((each) => each.said));
    return said.map((lines) => JSON.parse(lines.trim().split("\n").at(-1) ?? "") as RevertOutcome);
  }

  test("P1: one effect, eight processes: one revert on the branch, and all of them name it", async () => {
    const outcomes = await race(() => "undo");
    const head = await remote.head();
    for (const outcome of outcomes) expect(outcome).toMatchObject({ commit: head });
    expect(await reverts()).toBe(1);
    expect(await remote.log()).toHaveLength(3);
  });

  test("P1: eight requests for one landing, each with an id of its own: one revert still", async () => {
    const outcomes = await race((at) => `undo-${at}`);
    expect(outcomes.filter(({ kind }) => kind === "reverted")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "already-reverted")).toHaveLength(7);
    expect(await reverts()).toBe(1);
    expect(await remote.text("a.txt")).toBe(ten({}));
  });
});
