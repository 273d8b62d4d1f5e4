import { createRequire } from "node:module";
import { expect, test } from "vitest";

function hasTypeScript(): boolean {
  return Object.keys(createRequire(import.meta.url).cache).some((path) =>
    path.includes("/node_modules/typescript/"),
  );
}

test("importing the package loads no parser; the first use does", async () => {
  const { loadParsers } = await import("./index.ts");
  expect(hasTypeScript()).toBe(false);
  await loadParsers();
  expect(hasTypeScript()).toBe(true);
});
