import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Log } from "./log.ts";
import { createLog } from "./log.ts";
import { redactText, registerSecret } from "./redaction.ts";
import { random, secretShapes as shapes } from "./testing/secret-corpus.ts";

function capture(level: "debug" | "info" = "debug"): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLog({ service: "gateway", level, destination }), lines };
}

/** Every way a text gets into a line. */
const ways: Record<string, (log: Log, text: string) => void> = {
  message: (log, text) => log.info(`before ${text} after`),
  field: (log, text) => log.info({ note: text }, "x"),
  nested: (log, text) => log.warn({ a: { b: [{ c: `x ${text}` }] } }, "x"),
  error: (log, text) => log.error({ err: new Error(`refused: ${text}`) }, "x"),
  cause: (log, text) => log.error({ err: new Error("x", { cause: new Error(text) }) }, "x"),
  child: (log, text) => log.child({ note: text }).info("x"),
  "field name": (log, text) => log.info({ [text]: 1 }, "x"),
  fatal: (log, text) => log.fatal({ reason: text }, text),
};

describe("log lines", () => {
  test("are JSON with service, level name, ISO time and fields", () => {
    const { log, lines } = capture("info");
    log.debug("hidden");
    log.child({ patchId: "p-1" }).info({ costMicroUsd: 12 }, "landed");
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith("}\n")).toBe(true);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      service: "gateway",
      pid: process.pid,
      patchId: "p-1",
      costMicroUsd: 12,
      msg: "landed",
    });
  });
});

describe("redaction of token shapes", () => {
  test.each(Object.keys(ways))("no token of any shape passes through a %s", (way) => {
    for (const [shape, make] of Object.entries(shapes)) {
      const { log, lines } = capture();
      const { text, core } = make();
      ways[way]?.(log, text);
      expect(`${shape}: ${lines.join("")}`).toContain("[redacted]");
      expect(`${shape}: ${lines.join("")}`).not.toContain(core);
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ service: "gateway" });
    }
  });

  test.each([
    "a task-force of risk-averse people asked for disk-space",
    "git tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "https://example.org:8080/a@b",
    "basic checks passed",
  ])("leaves ordinary text alone: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("hostile text is scanned in linear time", () => {
    const hostile = ["-----BEGIN A-----", "://a:", "bearer ", "eyJaaaaaaaa.", "sk-", "ghp_"];
    const startedAt = performance.now();
    for (const piece of hostile) redactText(piece.repeat(Math.ceil(200_000 / piece.length)));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe("redaction of registered secrets", () => {
  test.each(Object.keys(ways))("a registered secret never passes through a %s", (way) => {
    const plain = random(20);
    const odd = `${random(8)}"\\\n%é/${random(8)}`;
    for (const secret of [plain, odd]) {
      registerSecret(secret);
      for (const form of [
        secret,
        JSON.stringify({ body: secret }),
        encodeURIComponent(secret),
        Buffer.from(secret).toString("base64"),
      ]) {
        const { log, lines } = capture();
        ways[way]?.(log, form);
        const line = lines.join("");
        expect(line).toContain("[redacted]");
        expect(line).not.toContain(form);
        expect(line).not.toContain(JSON.stringify(secret).slice(1, -1));
      }
    }
  });

  test("a secret that begins another leaves nothing of the longer one", () => {
    const short = random(16);
    const long = short + random(16);
    registerSecret(short);
    registerSecret(long);
    expect(redactText(`x ${long} y`)).toBe("x [redacted] y");
  });

  test("a numeric secret is caught as a number", () => {
    const secret = 4_815_162_342_108;
    registerSecret(String(secret));
    const { log, lines } = capture();
    log.info({ pin: secret }, "x");
    expect(lines.join("")).not.toContain(String(secret));
  });

  test("the empty text is no secret", () => {
    registerSecret("");
    expect(redactText("abc")).toBe("abc");
  });
});

describe("redaction by field name", () => {
  test.each([
    "authorization",
    "Authorization",
    "cookie",
    "set-cookie",
    "password",
    "token",
    "accessToken",
    "x-gitlab-token",
    "clientSecret",
    "webhook_secret",
    "apiKey",
    "x-api-key",
    "api_key",
    "privateKey",
    "secretAccessKey",
    "key",
    "passphrase",
    "credentials",
  ])("%s", (name) => {
    const { log, lines } = capture();
    const innocent = randomBytes(6).toString("hex");
    log.info(
      { deep: { headers: { [name]: innocent }, list: [{ [name]: { inner: innocent } }] } },
      "x",
    );
    expect(lines.join("")).not.toContain(innocent);
  });

  test("counts and identifiers stay readable", () => {
    const { log, lines } = capture();
    const fields = {
      outputTokens: 812,
      tokens: { input: 300, output: [1, 2] },
      fencingToken: "17-0",
      keyId: "ab12",
      idempotencyKey: "delivery-1",
      hasSecret: true,
    };
    log.info(fields, "x");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject(fields);
  });
});
