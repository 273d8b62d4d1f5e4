import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "./source-tree.ts";

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8");

/** The kinds of the union `PatchState`, from its source. */
function statesInSource(): string[] {
  const source = read("libs/domain/src/patch/state.ts");
  const union = /export type PatchState =([\s\S]*?)\n(?=\nexport )/.exec(source)?.[1] ?? "";
  return [...union.matchAll(/readonly kind: "([a-z-]+)"/g)].map((match) => match[1] ?? "");
}

/** The first column of the table under the heading "States". */
function statesInDocument(): string[] {
  const document = read("docs/architecture.md");
  const section = /^#+ States\s*\n([\s\S]*?)(?=^#+ |(?![\s\S]))/m.exec(document)?.[1] ?? "";
  return [...section.matchAll(/^\|\s*`([a-z-]+)`/gm)].map((match) => match[1] ?? "");
}

describe("the states of a patch", () => {
  it("are the same in the code and in docs/architecture.md", () => {
    const states = statesInSource();
    expect(states).toContain("watching");
    expect(statesInDocument().sort()).toEqual(states.sort());
  });
});
