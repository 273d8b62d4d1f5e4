import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { allPaths, readPackages, readSources } from "./source-tree.ts";

const files = readPackages().flatMap(readSources);
const paths = allPaths();
/** Suites may be longer: their length is that of a list, not of a thought. */
const mostLines = { source: 400, test: 700 };

describe("files", () => {
  it(`are of at most ${mostLines.source} lines, suites ${mostLines.test}`, () => {
    const long = files
      .map((file) => ({ ...file, lines: file.text.trimEnd().split("\n").length }))
      .filter(({ lines, isTest }) => lines > (isTest ? mostLines.test : mostLines.source))
      .map(({ path, lines }) => `${path}: ${lines}`);
    expect(long).toEqual([]);
  });

  it("say in their name what they hold", () => {
    const vague =
      /^(utils?|helpers?|common|types|constants|misc|shared|lib)\.|(^|-)(manager|helper|helpers|util|utils|base|impl)\./;
    expect(paths.filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  it("have kebab-case names", () => {
    const scripts = files.map(({ path }) => path);
    const odd = scripts.filter(
      (path) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|tsx|mts|mjs|js)$/.test(
          basename(path),
        ),
    );
    expect(odd).toEqual([]);
  });

  it("name no class Manager, Helper, Util, Base or Impl", () => {
    const named = files.flatMap(({ path, text }) =>
      [
        ...text.matchAll(/^export (?:abstract )?class (\w*(?:Manager|Helper|Util|Base|Impl))\b/gm),
      ].map((match) => `${path}: ${match[1]}`),
    );
    expect(named).toEqual([]);
  });

  it("skip no test and keep none to itself", () => {
    const marked = files
      .filter(({ path }) => path.endsWith(".test.ts"))
      .filter(({ text }) => /^\s*(it|test|describe)(\.\w+)*\.(skip|only|todo)\b/m.test(text))
      .map(({ path }) => path);
    expect(marked).toEqual([]);
  });
});
