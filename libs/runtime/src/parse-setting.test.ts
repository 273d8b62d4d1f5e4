import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseSetting } from "./parse-setting.ts";
import { secretWeakness } from "./secret-strength.ts";
import type { Setting } from "./setting.ts";

const base = { env: "COUNCIL_X", meaning: "x" };

type Rules<S> = S extends Setting ? Omit<S, "env" | "meaning"> : never;

function read(rules: Rules<Setting>, raw: string): unknown {
  const parsed = parseSetting({ ...base, ...rules }, raw);
  return parsed.kind === "value" ? parsed.value : { problem: parsed.problem };
}

const problem = (text: string): unknown => ({ problem: expect.stringContaining(text) as string });

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["2m", 120_000],
    ["500ms", 500],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["1.5s", 1500],
    [" 90s ", 90_000],
    ["0s", 0],
  ])("%s", (raw, durationMs) => {
    expect(read({ kind: "durationMs" }, raw)).toBe(durationMs);
  });

  test("a bare number is refused unless the definition says what it means", () => {
    expect(read({ kind: "durationMs" }, "90")).toEqual(problem("has no unit"));
    expect(read({ kind: "durationMs", unit: "s" }, "90")).toBe(90_000);
    expect(read({ kind: "durationMs", unit: "ms" }, "90")).toBe(90);
    expect(read({ kind: "durationMs", unit: "ms" }, "90s")).toBe(90_000);
  });

  test.each(["", "s", "-1s", "90 s", "90sec", "1e3s", "90s90s"])("%j is no duration", (raw) => {
    expect(read({ kind: "durationMs" }, raw)).toEqual(problem("is not a duration"));
  });

  test("bounds are in milliseconds", () => {
    const bounded = { kind: "durationMs", min: 1000, max: 60_000 } as const;
    expect(read(bounded, "1s")).toBe(1000);
    expect(read(bounded, "999ms")).toEqual(problem("is below 1000 ms"));
    expect(read(bounded, "61s")).toEqual(problem("is above 60000 ms"));
  });
});

describe("money", () => {
  test.each([
    ["0.50", 500_000],
    ["0.5", 500_000],
    ["$3.33", 3_330_000],
    ["0.07", 70_000],
    ["0.000001", 1],
    ["1000000", 1_000_000_000_000],
    ["0", 0],
  ])("%s dollars", (raw, microUsd) => {
    expect(read({ kind: "microUsd" }, raw)).toBe(microUsd);
  });

  test.each(["-1", "0.0000001", "1e3", "1,50", "free", ""])("%j is no amount", (raw) => {
    expect(read({ kind: "microUsd" }, raw)).toEqual(problem("is not an amount"));
  });
});

describe("numbers and truths", () => {
  test.each([
    ["integer", "3", 3],
    ["integer", "-7", -7],
    ["number", "0.95", 0.95],
    ["number", "1e-7", 1e-7],
    ["boolean", "on", true],
    ["boolean", "TRUE", true],
    ["boolean", "0", false],
  ] as const)("%s %s", (kind, raw, value) => {
    expect(read({ kind }, raw)).toBe(value);
  });

  test.each([
    ["integer", "3.5"],
    ["integer", "0x10"],
    ["integer", "9007199254740993"],
    ["number", "NaN"],
    ["number", "Infinity"],
    ["number", "1e999"],
    ["boolean", "maybe"],
    ["boolean", "2"],
  ] as const)("%s %s is refused", (kind, raw) => {
    expect(read({ kind }, raw)).toEqual(problem(raw));
  });

  test("bounds and choices", () => {
    expect(read({ kind: "number", min: 0, max: 1 }, "1.01")).toEqual(problem("is above 1"));
    expect(read({ kind: "integer", oneOf: [2, 3] }, "4")).toEqual(problem("is not known"));
    expect(read({ kind: "integer", oneOf: [2, 3] }, "3")).toBe(3);
  });
});

describe("text, lists, URLs", () => {
  test("choices", () => {
    const mode = { kind: "string", oneOf: ["enabled", "degraded"] } as const;
    expect(read(mode, "degraded")).toBe("degraded");
    expect(read(mode, "off")).toEqual(problem('"off" is not known'));
  });

  test("a zero byte in a path is refused", () => {
    expect(read({ kind: "path" }, "/a\0b")).toEqual(problem("zero byte"));
  });

  test("lists drop blanks and check every item", () => {
    expect(read({ kind: "list" }, "a, b,,c ")).toEqual(["a", "b", "c"]);
    expect(read({ kind: "list", oneOf: ["a", "b"] }, "a,x")).toEqual(problem('"x"'));
    expect(read({ kind: "list", min: 2 }, "a")).toEqual(problem("is below 2 items"));
  });

  test("URLs need a host and an allowed scheme, and a fault does not quote them", () => {
    const redis = { kind: "url", schemes: ["redis", "rediss"] } as const;
    expect(read(redis, "redis://127.0.0.1:6379/0")).toBe("redis://127.0.0.1:6379/0");
    expect(read(redis, "http://127.0.0.1")).toEqual(problem("has the scheme http"));
    expect(read(redis, "127.0.0.1:6379")).toEqual(problem("is not a URL"));
    expect(JSON.stringify(read(redis, "redis//:hunter22@h"))).not.toContain("hunter22");
  });
});

describe("secrets", () => {
  test.each([
    "changeme",
    "changemechangeme",
    "secret",
    "password",
    "test",
    "my-super-secret-password-1",
    "PasswordPassword123",
    "your-secret-key-here",
    "aaaaaaaaaaaaaaaaaaaa",
    "0123456789012345678901234567890",
    "1234567890123456",
    "replace-me-please-replace-me",
    "council-webhook-secret",
  ])("%s is refused and not quoted", (weak) => {
    const parsed = parseSetting({ ...base, kind: "secret" }, weak);
    expect(parsed.kind).toBe("fault");
    expect(JSON.stringify(parsed)).not.toContain(`"${weak}`);
  });

  test("random secrets of every usual spelling pass", () => {
    for (let round = 0; round < 200; round += 1) {
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        expect(secretWeakness(randomBytes(16).toString(encoding))).toBeUndefined();
      }
    }
  });
});
