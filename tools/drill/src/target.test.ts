import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSampleRepository } from "@council/demo/product";
import { expect, test, vi } from "vitest";
import { cloneTarget, sampleTarget, treeOf } from "./target.ts";

vi.setConfig({ testTimeout: 60_000 });

test("the product that is drilled is the demo's, to the byte, and every patch has a clone of it", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-target-"));
  try {
    const demo = await makeSampleRepository(join(dir, "demo"));
    const target = await sampleTarget(join(dir, "drill"));
    expect(target.baseTree).toBe(await demo.treeOf("main"));
    const clone = await cloneTarget(target, join(dir, "clones"), "drill-placebo-1");
    expect(await treeOf(clone, target.branch)).toBe(target.baseTree);
    expect(clone.gitDir).not.toBe(target.origin);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
