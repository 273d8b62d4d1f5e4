import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { consoleFolder } from "./index.ts";

interface Words {
  readonly kinds: Record<string, { label: string; tone: string; group: string }>;
  readonly groups: readonly { id: string }[];
  readonly kindOf: (kind: string) => { label: string; group: string };
  readonly describe: (event: object) => { what: string; more: string; tone: string };
  readonly whyOf: (event: object) => string | undefined;
  readonly stateAfter: (type: string) => string | undefined;
  readonly quantity: (value: unknown, unit: string) => string;
  readonly ago: (at: number, now: number) => string;
}

const words = (await import(new URL("../public/words.js", import.meta.url).href)) as Words;

describe("the page's files", () => {
  test("hold no way for text to become markup or code", async () => {
    const files = (await readdir(consoleFolder)).filter((name) => name.endsWith(".js"));
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      const text = await readFile(join(consoleFolder, name), "utf8");
      for (const way of ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"])
        expect([name, text.includes(way)]).toEqual([name, false]);
    }
  });

  test("need nothing inline and nothing from elsewhere, as the security policy asks", async () => {
    const page = await readFile(join(consoleFolder, "index.html"), "utf8");
    expect(page).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=|https?:/);
    for (const [, file] of page.matchAll(/(?:src|href)="([\w.]+)"/g))
      expect(await readdir(consoleFolder)).toContain(file);
  });
});

describe("words", () => {
  test("every state has a name and a group that is shown", () => {
    const shown = new Set(words.groups.map(({ id }) => id));
    for (const [kind, { label, group }] of Object.entries(words.kinds)) {
      expect([kind, label === "", shown.has(group)]).toEqual([kind, false, true]);
    }
    expect(words.kindOf("constructor")).toMatchObject({ label: "constructor", group: "flight" });
  });

  test("every state an event leads to is known", () => {
    const types = [
      "PatchSubmitted",
      "Held",
      "WatchStarted",
      "RevertStarted",
      "Reverted",
      "Settled",
    ];
    for (const type of types) expect(words.kinds).toHaveProperty([words.stateAfter(type) ?? ""]);
    expect(words.stateAfter("toString")).toBeUndefined();
    expect(words.describe({ type: "toString" })).toEqual({
      what: "toString",
      more: "",
      tone: "idle",
    });
  });

  test("a revert is explained in one sentence", () => {
    const observation = { why: "p95 is over the limit" };
    const breach = { kind: "breach", stage: "canary", observation };
    expect(words.whyOf({ type: "RevertStarted", cause: breach })).toBe(
      "canary: p95 is over the limit",
    );
    const request = { kind: "request", actor: "ada", reason: "it smells" };
    expect(words.describe({ type: "RevertStarted", cause: request })).toEqual({
      what: "Taking it back",
      more: "ada asked: it smells",
      tone: "bad",
    });
  });

  test.each([
    [0.9912, "ratio", "99.1 %"],
    [812, "micro-usd", "$0.000812"],
    [41.27, "ms", "41.3 ms"],
    [undefined, "ms", "–"],
  ])("%s in %s reads %s", (value, unit, text) => {
    expect(words.quantity(value, unit)).toBe(text);
  });

  test.each([
    [5, "just now"],
    [30, "30 sec. ago"],
    [120, "2 min. ago"],
    [7200, "2 hr. ago"],
    [86_400, "yesterday"],
  ])("%i seconds ago reads %s", (seconds, text) => {
    expect(words.ago(0, seconds * 1000)).toBe(text);
  });
});
