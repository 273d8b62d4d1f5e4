import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { renderProviderConformance } from "./conformance.ts";
import { recordedProvider } from "./recorded-provider.ts";

let root = "";
let dir = "";
let treeDir = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "council-recorded-"));
  dir = join(root, "recordings");
  treeDir = join(root, "tree");
  await mkdir(dir);
  await mkdir(join(treeDir, "src"), { recursive: true });
  await writeFile(join(treeDir, "src/a.ts"), "a");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const render = async (recording: string) => {
  await writeFile(join(dir, "task-1.json"), recording);
  return await recordedProvider({ name: "recorded", dir }).render(
    { taskId: "task-1", instructions: "", baseTreeDir: treeDir, timeoutMs: 1_000 },
    new AbortController().signal,
  );
};

renderProviderConformance(
  "recorded",
  async () => ({
    scripted: async (taskId, script) => {
      await writeFile(join(dir, `${taskId}.json`), JSON.stringify(script));
      return recordedProvider({ name: "recorded", family: "recordings", dir });
    },
  }),
  { canHang: false },
);

it("says that a task has no recording", async () => {
  const task = { taskId: "task-2", instructions: "", baseTreeDir: treeDir, timeoutMs: 1_000 };
  const provider = recordedProvider({ name: "recorded", dir });
  expect(await provider.render(task, new AbortController().signal)).toMatchObject({
    kind: "failed",
    code: "recording-missing",
  });
});

it.each([
  ["no JSON", "{"],
  ["an array", "[]"],
  ["without files", "{}"],
  ["with files of another type", '{"files":[]}'],
  ["with content of another type", '{"files":{"a":1}}'],
  ["with more fields", '{"files":{"a":"b"},"run":"x"}'],
  ["with an explanation of another shape", '{"files":{"a":"b"},"explanation":{}}'],
  [
    "with too many files",
    JSON.stringify({
      files: Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`f${n}`, ""])),
    }),
  ],
  ["too large", JSON.stringify({ files: { a: "x".repeat(8 * 1024 * 1024) } })],
  ["contradicting itself", '{"files":{"new":"b","new/x":"c"}}'],
])("refuses a recording that is %s", async (_, recording) => {
  expect(await render(recording)).toMatchObject({ kind: "failed", code: "recording-invalid" });
});

it.each([
  "",
  ".",
  "src",
  "src/",
  "./x",
  "src//x",
  "a\\b",
  "a\u0000b",
  "src/a.ts/x",
  "x".repeat(1_025),
])("P10: refuses the path %j before writing anything", async (path) => {
  const result = await render(JSON.stringify({ files: { "src/a.ts": "changed", [path]: "x" } }));
  expect(result).toMatchObject({ kind: "failed", code: "path-violation" });
  expect(await readFile(join(treeDir, "src/a.ts"), "utf8")).toBe("a");
});

it("P10: writes a path named like an object's prototype as a file, and nothing else", async () => {
  expect((await render('{"files":{"__proto__":"x"}}')).kind).toBe("rendered");
  expect(await readFile(join(treeDir, "__proto__"), "utf8")).toBe("x");
});
