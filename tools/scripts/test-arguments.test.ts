import { describe, expect, test } from "vitest";
import { groups, parseTestArguments } from "./test-arguments.ts";

describe("arguments of the test run", () => {
  test("no argument is the whole run", () => {
    expect(parseTestArguments([])).toEqual({ kind: "run", isFresh: false, filters: [] });
  });

  test.each(groups)("--only %s, in both spellings", (only) => {
    const wanted = { kind: "run", only, isFresh: false, filters: [] };
    expect(parseTestArguments(["--only", only])).toEqual(wanted);
    expect(parseTestArguments([`--only=${only}`])).toEqual(wanted);
  });

  test("other words are filters, wherever they stand", () => {
    expect(parseTestArguments(["quorum", "--fresh", "budget"])).toEqual({
      kind: "run",
      isFresh: true,
      filters: ["quorum", "budget"],
    });
  });

  test.each([["--only"], ["--only", "everything"], ["--only="], ["--watch"], ["-t"]])(
    "%s %s is refused with a reason that says what is wrong",
    (...args) => {
      const parsed = parseTestArguments(args.filter((arg) => arg !== undefined));
      expect(parsed.kind).toBe("refused");
      const shown = args[0]?.startsWith("--only") ? "checks, unit" : args[0];
      expect(parsed).toMatchObject({ reason: expect.stringContaining(shown ?? "") });
    },
  );

  test("help wins over what follows it", () => {
    expect(parseTestArguments(["--help", "--nonsense"])).toEqual({ kind: "help" });
  });
});
