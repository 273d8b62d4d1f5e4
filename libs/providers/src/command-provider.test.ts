import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { commandProvider } from "./command-provider.ts";
import { renderProviderConformance } from "./conformance.ts";
import type { RenderTask } from "./render-provider.ts";
import type { Sandbox } from "./sandbox.ts";
import { testSandbox } from "./test-sandbox.ts";

/** Follows a script found in its environment, as an agent would follow its model. */
const AGENT = `
  const fs = require("node:fs"), path = require("node:path");
  const { files, explanation } = JSON.parse(process.env.SCRIPT);
  for (const [name, content] of Object.entries(files)) {
    const file = path.resolve("/workspace", name);
    if (content === null) { fs.rmSync(file); continue; }
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  if (explanation !== undefined)
    fs.writeFileSync(process.env.COUNCIL_EXPLANATION_FILE, JSON.stringify(explanation));
`;

let sandbox: Sandbox;
let treeDir = "";
beforeAll(async () => {
  sandbox = await testSandbox();
});
beforeEach(async () => {
  treeDir = await mkdtemp(join(tmpdir(), "council-command-"));
});
afterEach(() => rm(treeDir, { recursive: true, force: true }));

const shell = (script: string) =>
  commandProvider({ name: "agent", command: ["sh", "-c", script], sandbox, maxOutputBytes: 4096 });

const render = (script: string, more: Partial<RenderTask> = {}) =>
  shell(script).render(
    {
      taskId: "task-1",
      title: "A title",
      instructions: "do it",
      files: ["src/a.ts"],
      baseTreeDir: treeDir,
      timeoutMs: 20_000,
      ...more,
    },
    new AbortController().signal,
  );

renderProviderConformance(
  "command",
  async () => ({
    scripted: async (_, script) =>
      commandProvider({
        name: "agent",
        family: "agents",
        command: ["node", "-e", AGENT],
        sandbox,
        env: { SCRIPT: JSON.stringify(script) },
        maxOutputBytes: 4096,
      }),
    hanging: async () => shell("sleep 600"),
  }),
  { canHang: true },
);

it("gives the task on standard input and in a file, without host paths", async () => {
  const result = await render('cat > from-stdin; cat "$COUNCIL_TASK_FILE" > from-file');
  expect(result.kind).toBe("rendered");
  const text = await readFile(join(treeDir, "from-stdin"), "utf8");
  expect(JSON.parse(text)).toEqual({
    version: 1,
    taskId: "task-1",
    title: "A title",
    instructions: "do it",
    files: ["src/a.ts"],
    paths: null,
    workspace: "/workspace",
    timeoutMs: 20_000,
  });
  expect(await readFile(join(treeDir, "from-file"), "utf8")).toBe(text);
});

it("survives a program that does not read its input", async () => {
  const result = await render("echo x > x", { instructions: "y".repeat(4_000_000) });
  expect(result.kind).toBe("rendered");
});

it("reports a failing program with its last words, without control characters", async () => {
  const result = await render(String.raw`echo x > x; printf '\033[31mno\007 model\n' >&2; exit 9`);
  expect(result).toEqual({ kind: "failed", code: "exit", reason: "exit code 9:  [31mno  model" });
});

it("reports a program that cannot be started", async () => {
  expect(await render("exec nonesuch")).toMatchObject({ kind: "failed", code: "exit" });
});

it("runs nothing without a sandbox", async () => {
  const provider = commandProvider({
    name: "agent",
    command: ["sh", "-c", "echo x > x"],
    sandbox: { kind: "unavailable", reason: "none here", remedy: "install it" },
    maxOutputBytes: 4096,
  });
  const task = { taskId: "t", instructions: "", baseTreeDir: treeDir, timeoutMs: 5_000 };
  expect(await provider.render(task, new AbortController().signal)).toEqual({
    kind: "failed",
    code: "sandbox-unavailable",
    reason: "none here",
  });
});

it("charges what the operator declared", async () => {
  const provider = commandProvider({
    name: "agent",
    command: ["sh", "-c", "echo x > x"],
    sandbox,
    maxOutputBytes: 4096,
    costMicroUsd: 2_500,
  });
  const task = { taskId: "t", instructions: "", baseTreeDir: treeDir, timeoutMs: 5_000 };
  const result = await provider.render(task, new AbortController().signal);
  expect(result).toMatchObject({ kind: "rendered", costMicroUsd: 2_500 });
});

it.each([
  ["an absolute link", "ln -s /etc/passwd link"],
  ["a link above the tree", "mkdir d; ln -s ../../x d/link"],
  ["a pipe", "mkfifo pipe"],
])("P10: refuses a tree with %s", async (_, script) => {
  expect(await render(script)).toMatchObject({ kind: "failed", code: "path-violation" });
});

it("accepts a link within the tree and one that the base already had", async () => {
  await symlink("/etc/passwd", join(treeDir, "old"));
  expect((await render("mkdir d; echo x > x; ln -s ../x d/link")).kind).toBe("rendered");
});

it("counts a change of the executable bit as a change", async () => {
  await writeFile(join(treeDir, "run.sh"), "x");
  expect((await render("chmod +x run.sh")).kind).toBe("rendered");
});

it.each([
  ["a link to a host file", "ln -s /proc/self/environ $COUNCIL_EXPLANATION_FILE"],
  ["a pipe nobody writes to", "mkfifo $COUNCIL_EXPLANATION_FILE"],
  ["a directory", "mkdir $COUNCIL_EXPLANATION_FILE"],
  ["a huge file", "head -c 9000000 /dev/zero > $COUNCIL_EXPLANATION_FILE"],
  ["no JSON", "echo { > $COUNCIL_EXPLANATION_FILE"],
])("drops an explanation that is %s", async (_, script) => {
  const result = await render(`echo x > x; ${script}`);
  expect(result.kind).toBe("rendered");
  expect(result).not.toHaveProperty("explanation");
});

it("cannot change the task file or reach the network", async () => {
  const result = await render(
    'echo x > x; if echo y > "$COUNCIL_TASK_FILE"; then exit 1; fi; test $(grep -c : /proc/net/dev) -eq 1',
  );
  expect(result.kind).toBe("rendered");
});
