import { describe, expect, it } from "vitest";
import { benchGroups, parseBenchArguments } from "./bench-arguments.ts";

describe("parseBenchArguments", () => {
  it("measures everything three times unless told otherwise", () => {
    expect(parseBenchArguments([])).toEqual({ kind: "run", groups: benchGroups, rounds: 3 });
  });

  it("takes groups and rounds, with a space or an equals sign", () => {
    const wanted = { kind: "run", groups: ["bus", "http"], rounds: 5 };
    expect(parseBenchArguments(["--only", "bus", "--only=http", "--rounds=5"])).toEqual(wanted);
    expect(parseBenchArguments(["--rounds", "5", "--only=bus", "--only", "http"])).toEqual(wanted);
  });

  it.each([["--only"], ["--only=cpu"], ["--rounds=0"], ["--rounds=101"], ["--rounds=x"], ["bus"]])(
    "refuses %s",
    (...args) => {
      expect(parseBenchArguments(args).kind).toBe("refused");
    },
  );

  it("shows help", () => {
    expect(parseBenchArguments(["--only", "bus", "--help"])).toEqual({ kind: "help" });
  });
});
