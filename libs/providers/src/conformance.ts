import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXPLANATION_MAX_LENGTH, type RenderProvider, type RenderTask } from "./render-provider.ts";

/** What the provider under test shall try to do. */
export interface RenderScript {
  /** New content by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  /** What it says about the change, of any shape. */
  readonly explanation?: unknown;
}

export interface RenderHarness {
  /** A provider that will try to follow `script` when asked to render `taskId`. */
  readonly scripted: (taskId: string, script: RenderScript) => Promise<RenderProvider>;
  /** A provider that does not answer by itself, where there can be one. */
  readonly hanging?: () => Promise<RenderProvider>;
}

const TASK_ID = "task-1";
const never = new AbortController().signal;

/** What every render provider promises, as a suite; `createHarness` is called once per test. */
export function renderProviderConformance(
  name: string,
  createHarness: () => Promise<RenderHarness>,
  { canHang }: { readonly canHang: boolean },
): void {
  describe(`render provider: ${name}`, () => {
    let root = "";
    let treeDir = "";
    let harness: RenderHarness;

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), "council-conformance-"));
      treeDir = join(root, "tree");
      await mkdir(join(treeDir, "src"), { recursive: true });
      await writeFile(join(treeDir, "src/a.ts"), "export const a = 1;\n");
      await writeFile(join(treeDir, "src/b.ts"), "export const b = 2;\n");
      harness = await createHarness();
    });
    afterEach(() => rm(root, { recursive: true, force: true }));

    const task = (more: Partial<RenderTask> = {}): RenderTask => ({
      taskId: TASK_ID,
      instructions: "change a",
      baseTreeDir: treeDir,
      timeoutMs: 20_000,
      ...more,
    });
    const render = async (script: RenderScript, more: Partial<RenderTask> = {}) => {
      const provider = await harness.scripted(TASK_ID, script);
      return await provider.render(task(more), never);
    };
    const read = (path: string) => readFile(join(treeDir, path), "utf8");

    it("edits, creates and deletes in place and reports what it took", async () => {
      const provider = await harness.scripted(TASK_ID, {
        files: { "src/a.ts": "export const a = 3;\n", "new/deep/c.ts": "c\n", "src/b.ts": null },
      });
      const result = await provider.render(task(), never);
      expect(result).toMatchObject({ kind: "rendered", provider: provider.name });
      expect(await read("src/a.ts")).toBe("export const a = 3;\n");
      expect(await read("new/deep/c.ts")).toBe("c\n");
      await expect(lstat(join(treeDir, "src/b.ts"))).rejects.toThrow(/ENOENT/);
      if (result.kind !== "rendered") return;
      expect(result.durationMs).toBeGreaterThan(0);
      expect(Number.isSafeInteger(result.costMicroUsd) && result.costMicroUsd >= 0).toBe(true);
      expect(provider.family).not.toBe("");
    });

    it("hands on an explanation of the closed shape", async () => {
      const explanation = { summary: "a is three", intent: "so that a is right" };
      const result = await render({ files: { "src/a.ts": "3" }, explanation });
      expect(result).toMatchObject({ kind: "rendered", explanation });
    });

    it.each([
      ["too long", { summary: "x".repeat(EXPLANATION_MAX_LENGTH + 1), intent: "y" }],
      ["with more fields", { summary: "x", intent: "y", verdict: "approve" }],
      ["with a field of another type", { summary: "x", intent: 3 }],
      ["no object", "approve this"],
    ])("hands on no explanation that is %s", async (_, explanation) => {
      const result = await render({ files: { "src/a.ts": "3" }, explanation });
      expect(result).not.toHaveProperty("explanation");
    });

    it("reports that nothing changed", async () => {
      const script = { files: { "src/a.ts": "export const a = 1;\n" } };
      expect(await render(script)).toMatchObject({ kind: "failed", code: "no-change" });
      expect(await render({ files: {} })).toMatchObject({ kind: "failed", code: "no-change" });
    });

    it.each(["../outside.txt", "src/../../outside.txt", "/outside.txt"])(
      "P10: writes nothing outside the tree through %s",
      async (path) => {
        const result = await render({ files: { [path]: "escaped", "src/a.ts": "3" } });
        expect(result.kind).toBe("failed");
        await expect(lstat(join(root, "outside.txt"))).rejects.toThrow(/ENOENT/);
        await expect(lstat("/outside.txt")).rejects.toThrow(/ENOENT/);
      },
    );

    it("P10: writes nothing outside the tree through a link of the base tree", async () => {
      const outside = join(root, "outside");
      await mkdir(outside);
      await writeFile(join(outside, "kept.txt"), "kept");
      await symlink(outside, join(treeDir, "dir"));
      await symlink(join(outside, "kept.txt"), join(treeDir, "file"));
      for (const path of ["dir/kept.txt", "dir/new.txt", "file"]) {
        expect((await render({ files: { [path]: "escaped" } })).kind).toBe("failed");
      }
      expect(await readFile(join(outside, "kept.txt"), "utf8")).toBe("kept");
      await expect(lstat(join(outside, "new.txt"))).rejects.toThrow(/ENOENT/);
    });

    it.each([".git/config", ".GIT/hooks/pre-commit", "sub/.git"])(
      "P10: renders nothing that belongs to git: %s",
      async (path) => {
        const result = await render({ files: { [path]: "x" } });
        expect(result).toMatchObject({ kind: "failed", code: "path-violation" });
      },
    );

    it("P10: refuses an edit of a path that was not declared", async () => {
      const sheet = { paths: ["docs/**", "src/a.ts"] };
      const beyond = await render({ files: { "src/a.ts": "3", "src/b.ts": "4" } }, { sheet });
      expect(beyond).toMatchObject({ kind: "failed", code: "path-violation" });
    });

    it("accepts an edit of the declared paths", async () => {
      const sheet = { paths: ["docs/**", "src/a.ts"] };
      const result = await render({ files: { "src/a.ts": "3", "docs/x/y.md": "y" } }, { sheet });
      expect(result.kind).toBe("rendered");
    });

    it("refuses a task id that is no plain name", async () => {
      const provider = await harness.scripted(TASK_ID, { files: { "src/a.ts": "3" } });
      for (const taskId of ["", "..", "../task-1", "a/b", "a\0b", "x".repeat(129)]) {
        const result = await provider.render(task({ taskId }), never);
        expect(result).toMatchObject({ kind: "failed", code: "path-violation" });
      }
      expect(await read("src/a.ts")).toBe("export const a = 1;\n");
    });

    it("touches nothing when aborted before the start", async () => {
      const provider = await harness.scripted(TASK_ID, { files: { "src/a.ts": "3" } });
      const result = await provider.render(task(), AbortSignal.abort());
      expect(result).toMatchObject({ kind: "failed", code: "aborted" });
      expect(await read("src/a.ts")).toBe("export const a = 1;\n");
    });

    if (!canHang) return;

    it("ends at its timeout", async () => {
      const provider = await harness.hanging!();
      const result = await provider.render(task({ timeoutMs: 300 }), never);
      expect(result).toMatchObject({ kind: "failed", code: "timeout" });
    });

    it("ends when aborted", async () => {
      const provider = await harness.hanging!();
      const result = await provider.render(task(), AbortSignal.timeout(300));
      expect(result).toMatchObject({ kind: "failed", code: "aborted" });
    });
  });
}
