import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasEveryPackage } from "./dependencies.mjs";
import { remedyFor } from "./install.mjs";
import { commandFor } from "./launch.mjs";

describe("which program answers", () => {
  test.each([
    [["test", "--only", "unit"], "tools/scripts/run-tests.ts", ["--only", "unit"]],
    [["bench"], "tools/scripts/run-bench.ts", []],
    [["build"], "tools/scripts/run-build.ts", []],
    [["chaos", "x"], "tools/scripts/run-chaos.ts", ["x"]],
    [["demo", "test"], "tools/cli/src/main.ts", ["demo", "test"]],
    [["toString"], "tools/cli/src/main.ts", ["toString"]],
    [[], "tools/cli/src/main.ts", []],
  ])("%j", (args, program, rest) => {
    expect(commandFor(args)).toEqual({ program, args: rest });
  });
});

describe("./council", () => {
  const launcher = fileURLToPath(new URL("../../council", import.meta.url));
  const council = (...words: string[]) =>
    spawnSync(launcher, words, { encoding: "utf8", cwd: "/", timeout: 60_000 });

  test("hands over arguments, output and exit code from any folder", () => {
    expect(council("--version")).toMatchObject({ status: 0, stdout: "0.1.0\n", stderr: "" });
    expect(council("nonsense", "--x")).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("what is installed", () => {
  const wanted = {
    "": { version: "0.1.0" },
    "libs/git": { version: "0.1.0" },
    "node_modules/@council/git": { link: true },
    "node_modules/nx": { version: "24.0.6" },
    "node_modules/nx-darwin": { version: "24.0.6", optional: true },
  };
  const { "": _, "node_modules/nx-darwin": __, ...installed } = wanted;

  test("is complete without the packages of other platforms", () => {
    expect(hasEveryPackage(wanted, installed)).toBe(true);
    expect(hasEveryPackage(wanted, { ...installed, "node_modules/extra": {} })).toBe(true);
  });

  test("is not complete with another version, or without a package or a link", () => {
    expect(
      hasEveryPackage(wanted, { ...installed, "node_modules/nx": { version: "24.0.5" } }),
    ).toBe(false);
    const { "node_modules/nx": ___, ...withoutNx } = installed;
    expect(hasEveryPackage(wanted, withoutNx)).toBe(false);
    const { "node_modules/@council/git": ____, ...withoutLink } = installed;
    expect(hasEveryPackage(wanted, withoutLink)).toBe(false);
  });

  test("is not complete when an optional package is there at another version", () => {
    const stale = { ...installed, "node_modules/nx-darwin": { version: "1.0.0" } };
    expect(hasEveryPackage(wanted, stale)).toBe(false);
  });
});

test.each([
  ["npm error code ENOTFOUND", "network"],
  ["npm error `npm ci` can only install packages when your package.json", "npm install"],
  ["npm error code ENOSPC", "disk is full"],
  ["npm error code EACCES", "may not be written"],
  ["npm error code E403", "refused access"],
  ["npm error code E_SOMETHING_NEW", "run the same command again"],
])("the remedy for %j speaks of %j", (output, word) => {
  expect(remedyFor(output)).toContain(word);
});
