import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { redactText } from "./redaction.ts";
import type { SourceInput } from "./setting-sources.ts";
import {
  defineSettings,
  describeSettings,
  explainSettings,
  formatFaults,
  loadSettings,
} from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "council-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const definition = defineSettings({
  rollbackTimeoutMs: {
    env: "PATCHCTL_ROLLBACK_TIMEOUT",
    kind: "durationMs",
    default: "90s",
    min: 1000,
    meaning: "How long a revert may take.",
  },
  dailyCapMicroUsd: {
    env: "COUNCIL_DAILY_CAP",
    aliases: ["COST_DAILY_LIMIT"],
    kind: "microUsd",
    default: "0.50",
    meaning: "Spend per day.",
  },
  mode: {
    env: "O3_AUDIT_MODE",
    kind: "string",
    oneOf: ["enabled", "degraded"],
    default: "enabled",
    meaning: "Mode of the paid heads.",
  },
  seats: {
    env: "COUNCIL_SEATS",
    kind: "list",
    oneOf: ["rules", "proof"],
    default: [],
    meaning: "Seats.",
  },
  isFrozen: { env: "FREEZE", kind: "boolean", default: false, meaning: "No landings." },
  redisUrl: {
    env: "REDIS_URL",
    kind: "url",
    schemes: ["redis"],
    required: true,
    meaning: "The bus.",
  },
  webhookSecret: { env: "COUNCIL_WEBHOOK_SECRET", kind: "secret", meaning: "Signs webhooks." },
});

const env = { REDIS_URL: "redis://127.0.0.1:6379" };

async function loaded(input: Partial<SourceInput>) {
  const outcome = await loadSettings(definition, { env, ...input });
  if (outcome.kind === "invalid") throw new Error(formatFaults(outcome.faults));
  return outcome;
}

async function faultsOf(input: Partial<SourceInput>) {
  const outcome = await loadSettings(definition, { env, ...input });
  return outcome.kind === "invalid" ? outcome.faults : [];
}

describe("loading settings", () => {
  test("defaults, with precise types", async () => {
    const { values, provenance } = await loaded({});
    expect(values).toEqual({
      rollbackTimeoutMs: 90_000,
      dailyCapMicroUsd: 500_000,
      mode: "enabled",
      seats: [],
      isFrozen: false,
      redisUrl: "redis://127.0.0.1:6379",
      webhookSecret: undefined,
    });
    expect(provenance.mode).toEqual({ source: "default", raw: "enabled" });
    expect(provenance.redisUrl.source).toBe("env");
    expect(provenance.webhookSecret).toEqual({ source: "unset", raw: "" });
    expectTypeOf(values.rollbackTimeoutMs).toEqualTypeOf<number>();
    expectTypeOf(values.mode).toEqualTypeOf<"enabled" | "degraded">();
    expectTypeOf(values.seats).toEqualTypeOf<readonly ("rules" | "proof")[]>();
    expectTypeOf(values.redisUrl).toEqualTypeOf<string>();
    expectTypeOf(values.webhookSecret).toEqualTypeOf<string | undefined>();
  });

  test("the inherited variables are read as their operators write them", async () => {
    const inherited = { PATCHCTL_ROLLBACK_TIMEOUT: "2m", COST_DAILY_LIMIT: "0.75", FREEZE: "1" };
    const { values } = await loaded({ env: { ...env, ...inherited } });
    expect(values).toMatchObject({
      rollbackTimeoutMs: 120_000,
      dailyCapMicroUsd: 750_000,
      isFrozen: true,
    });
  });

  test("command line over environment over .env over YAML over TOML over default", async () => {
    const all = {
      tomlPath: file("all.toml", 'PATCHCTL_ROLLBACK_TIMEOUT = "5s"\n'),
      yamlPath: file("all.yaml", "rollbackTimeoutMs: 1s\n"),
      dotenvPath: file("all.env", "PATCHCTL_ROLLBACK_TIMEOUT=2s\n"),
      env: { ...env, PATCHCTL_ROLLBACK_TIMEOUT: "3s" },
      argv: ["--rollback-timeout-ms=4s"],
    };
    const steps: [Partial<SourceInput>, number, string][] = [
      [all, 4000, "argv"],
      [{ ...all, argv: [] }, 3000, "env"],
      [{ ...all, argv: [], env }, 2000, "dotenv"],
      [{ yamlPath: all.yamlPath, tomlPath: all.tomlPath }, 1000, "yaml"],
      [{ tomlPath: all.tomlPath }, 5000, "toml"],
      [{}, 90_000, "default"],
    ];
    for (const [input, durationMs, source] of steps) {
      const { values, provenance } = await loaded(input);
      expect([values.rollbackTimeoutMs, provenance.rollbackTimeoutMs.source]).toEqual([
        durationMs,
        source,
      ]);
    }
  });

  test("an empty value counts as not set and falls through", async () => {
    const dotenvPath = file("empty.env", "O3_AUDIT_MODE=degraded\n");
    const { values } = await loaded({ dotenvPath, env: { ...env, O3_AUDIT_MODE: " " } });
    expect(values.mode).toBe("degraded");
  });

  test("flags: value after a blank, booleans, negation", async () => {
    const { values } = await loaded({
      argv: ["--mode", "degraded", "--is-frozen", "--seats=rules,proof"],
    });
    expect(values).toMatchObject({ mode: "degraded", isFrozen: true, seats: ["rules", "proof"] });
    const negated = await loaded({ argv: ["--no-is-frozen"], env: { ...env, FREEZE: "1" } });
    expect(negated.values.isFrozen).toBe(false);
  });

  test("YAML scalars are taken as written, lists as lists; what other services read is left to them", async () => {
    const yamlPath = file(
      "good.yaml",
      "COST_DAILY_LIMIT: 0.10\nseats: [rules, proof]\nCOUNCIL_HTTP_PORT: 80\nheads: {a: {}}\nmode:\n",
    );
    const { values, provenance } = await loaded({ yamlPath });
    expect(values).toMatchObject({
      dailyCapMicroUsd: 100_000,
      seats: ["rules", "proof"],
      mode: "enabled",
    });
    expect(provenance.dailyCapMicroUsd.raw).toBe("0.10");
  });

  test("TOML: numbers, booleans and lists as they are, a number in decimals too", async () => {
    const toml = 'dailyCapMicroUsd = 0.25\nseats = ["rules"]\nisFrozen = true\n[heads.rules]\n';
    const { values } = await loaded({ tomlPath: file("good.toml", toml) });
    expect(values).toMatchObject({ dailyCapMicroUsd: 250_000, seats: ["rules"], isFrozen: true });
  });

  test("a missing .env is fine", async () => {
    expect((await loaded({ dotenvPath: join(folder, "none.env") })).kind).toBe("loaded");
  });
});

describe("refusing settings", () => {
  test("all faults come at once, each with variable, problem and remedy", async () => {
    const faults = await faultsOf({
      env: {
        PATCHCTL_ROLLBACK_TIMEOUT: "90",
        COST_DAILY_LIMIT: "much",
        O3_AUDIT_MODE: "off",
        COUNCIL_WEBHOOK_SECRET: "changeme",
        REDIS_URL: "",
      },
      argv: ["--nonsense", "--mode"],
    });
    expect(faults.map((fault) => fault.env)).toEqual([
      "--nonsense",
      "--mode",
      "PATCHCTL_ROLLBACK_TIMEOUT",
      "COUNCIL_DAILY_CAP",
      "O3_AUDIT_MODE",
      "REDIS_URL",
      "COUNCIL_WEBHOOK_SECRET",
    ]);
    for (const fault of faults) {
      expect(fault.name).not.toBe("");
      expect(fault.problem).not.toBe("");
      expect(fault.remedy).not.toBe("");
    }
    expect(formatFaults(faults)).toContain(
      'PATCHCTL_ROLLBACK_TIMEOUT (rollbackTimeoutMs) "90" has no unit: write the unit: 90s or 90ms',
    );
    expect(formatFaults(faults)).not.toContain("changeme");
  });

  test("two variables of one setting that disagree are a fault, equal ones are not", async () => {
    const both = (value: string) => ({ ...env, COUNCIL_DAILY_CAP: "1", COST_DAILY_LIMIT: value });
    expect(await faultsOf({ env: both("2") })).toMatchObject([
      { name: "dailyCapMicroUsd", problem: "and COST_DAILY_LIMIT mean the same and disagree" },
    ]);
    expect(await faultsOf({ env: both("1") })).toEqual([]);
  });

  test.each([
    ["missing", "none.yaml", undefined, "cannot be read"],
    ["broken", "broken.yaml", "secret: [hunter22hunter22", "is not valid YAML"],
    ["a list", "list.yaml", "- a\n- b\n", "is not a mapping"],
    ["nested", "nested.yaml", "mode:\n  inner: 1\n", "holds a nested value under mode"],
    ["an alias bomb", "bomb.yaml", bomb(), "is not valid YAML"],
  ])("a settings file that is %s", async (_name, name, text, problem) => {
    const yamlPath = text === undefined ? join(folder, name) : file(name, text);
    const faults = await faultsOf({ yamlPath });
    expect(faults).toMatchObject([{ name: "settings file", env: yamlPath, problem }]);
    expect(formatFaults(faults)).not.toContain("hunter22");
  });

  test.each([
    ["yaml", "modee: x\n", "has modee, which is no setting", "write mode"],
    [
      "toml",
      'COUNCIL_SAETS = "rules"\n',
      "has COUNCIL_SAETS, which is no setting",
      "write COUNCIL_SEATS",
    ],
    [
      "env",
      "COUNCIL_WEBHOK_SECRET=x\n",
      "has COUNCIL_WEBHOK_SECRET, which",
      "write COUNCIL_WEBHOOK_SECRET",
    ],
    ["yaml", "colour: blue\n", "has colour, which is no setting", "see docs/configuration.md"],
    ["toml", "[mode]\n", "holds a nested value under mode", "a plain value"],
    ["toml", "mode = \n", "is not valid TOML", "check"],
  ])("a misspelled name in a %s file: %j", async (kind, text, problem, remedy) => {
    const path = file(`slip.${kind}`, text);
    const input = { yaml: { yamlPath: path }, toml: { tomlPath: path }, env: { dotenvPath: path } };
    const faults = await faultsOf(input[kind as "yaml"]);
    expect(faults).toHaveLength(1);
    expect(formatFaults(faults)).toContain(problem);
    expect(formatFaults(faults)).toContain(remedy);
  });

  test("a definition that contradicts itself is a bug", () => {
    const twice = { env: "A", kind: "string", meaning: "x" } as const;
    expect(() => defineSettings({ a: twice, b: twice })).toThrow("A is claimed by a and b");
    expect(() => defineSettings({ a: { ...twice, kind: "integer", default: 0, min: 1 } })).toThrow(
      "below 1",
    );
    expect(() => defineSettings({ a: { ...twice, kind: "durationMs", default: "90" } })).toThrow(
      "no unit",
    );
    expect(() => defineSettings({ a: { ...twice, kind: "microUsd", default: -1 } })).toThrow(
      "amount",
    );
  });
});

describe("secrets in settings", () => {
  test("provenance never shows a secret, and the log redaction knows it", async () => {
    const secret = randomBytes(24).toString("hex");
    const { values, provenance } = await loaded({
      env: { ...env, COUNCIL_WEBHOOK_SECRET: secret },
    });
    expect(values.webhookSecret).toBe(secret);
    expect(JSON.stringify(provenance)).not.toContain(secret);
    expect(redactText(`value ${secret}!`)).toBe("value [redacted]!");
  });

  test.each(["%zz-broken-escape", "p%40ss-word-long", "plainpassword9"])(
    "the password in a URL is masked: %s",
    async (password) => {
      const url = `redis://council:${password}@127.0.0.1:6379/?auth=${password}`;
      const { values, provenance } = await loaded({ env: { REDIS_URL: url } });
      expect(values.redisUrl).toBe(url);
      expect(provenance.redisUrl.raw).not.toContain(password);
      expect(redactText(`connect failed with ${password}`)).not.toContain(password);
    },
  );
});

describe("explaining settings", () => {
  test("every value with its source, secrets masked, faults beside their setting", async () => {
    const secret = randomBytes(24).toString("hex");
    const { settings, faults } = await explainSettings(definition, {
      env: { O3_AUDIT_MODE: "off", COUNCIL_WEBHOOK_SECRET: secret, FREEZE: "yes" },
      yamlPath: file("explain.yaml", "modee: x\n"),
    });
    const shown = Object.fromEntries(settings.map((each) => [each.name, each]));
    expect(shown["isFrozen"]).toMatchObject({ raw: "yes", source: "env", env: "FREEZE" });
    expect(shown["rollbackTimeoutMs"]).toMatchObject({ raw: "90s", source: "default" });
    expect(shown["mode"]?.fault).toContain('"off" is not known');
    expect(shown["redisUrl"]).toMatchObject({
      source: "unset",
      fault: expect.anything() as string,
    });
    expect(shown["webhookSecret"]).toMatchObject({ raw: "[redacted]", source: "env" });
    expect(JSON.stringify(settings)).not.toContain(secret);
    expect(faults).toHaveLength(1);
  });
});

describe("describing settings", () => {
  test("one row per setting with everything a page needs", () => {
    const rows = describeSettings(definition);
    expect(rows.map((row) => row.name)).toEqual(Object.keys(definition));
    expect(rows[0]).toEqual({
      name: "rollbackTimeoutMs",
      env: "PATCHCTL_ROLLBACK_TIMEOUT",
      aliases: [],
      flag: "--rollback-timeout-ms",
      kind: "durationMs",
      unit: "duration",
      default: "90s",
      isRequired: false,
      allowed: "at least 1000ms",
      meaning: "How long a revert may take.",
    });
    expect(rows[2]?.allowed).toBe("enabled, degraded");
    expect(rows[5]).toMatchObject({ isRequired: true, allowed: "redis" });
  });

  test("defaults given as numbers read as an operator would write them", () => {
    const rows = describeSettings({
      a: { env: "A", kind: "durationMs", default: 1500, meaning: "x" },
      b: { env: "B", kind: "microUsd", default: 3_330_000, max: 70_000_000, meaning: "x" },
    });
    expect(rows.map((row) => row.default)).toEqual(["1500ms", "3.33"]);
    expect(rows[1]?.allowed).toBe("at most 70.00");
  });
});

function bomb(): string {
  const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
  for (let level = 1; level < 9; level += 1) {
    const alias = Array.from({ length: 9 }, () => `*a${level - 1}`).join(",");
    lines.push(`a${level}: &a${level} [${alias}]`);
  }
  return lines.join("\n");
}
