import { describe, expect, test } from "vitest";
import { changeOf, fileOf } from "../example.ts";
import type { AuditedFile } from "../audited-change.ts";
import { allRules } from "../rules/all-rules.ts";
import { applyRules } from "../rules/apply-rules.ts";
import { openRulesPool, type RulesPool } from "../rules/rules-pool.ts";
import { judgementOf } from "../head.ts";
import { rulesHead } from "./rules-head.ts";

process.env["RECHECK_BACKEND"] = "pure";
const judge = async (...files: AuditedFile[]) =>
  judgementOf(await applyRules(allRules, { files, neighbours: {} }));
const found = async (...files: AuditedFile[]) =>
  (await judge(...files)).findings.map(({ ruleId }) => ruleId);
const aws = ["AKIA", "IOSFODNN7EXAMPLF"].join("");
const random = ["q8Zr", "T4vX", "n2Lk", "W9pA"].join("");

test("an honest change is approved", async () => {
  const file = fileOf(
    "src/sum.ts",
    "export const sum = (a, b) => a + b;\n",
    "export const sum = 0;\n",
  );
  expect(await judge(file)).toEqual({ verdict: "approve", findings: [] });
});

test("P10: what is waived holds nothing up and stays in the vote; a hard finding beside it is a veto", async () => {
  const pool: RulesPool = {
    apply: (input) => applyRules(allRules, input),
    close: () => Promise.resolve(),
  };
  const waiver = {
    id: "w-1",
    repository: "shop",
    ruleId: "child-process",
    path: "tools/**",
    until: 10,
    by: { name: "root", roles: ["admin"] },
    actor: "root",
    reason: "build scripts",
    since: 1,
  } as const;
  const { signal } = new AbortController();
  const judgeWith = (ruleId: string, ...files: AuditedFile[]) =>
    rulesHead(pool).judge({ ...changeOf(...files), waivers: [{ ...waiver, ruleId }] }, signal);
  const program = 'import { exec } from "node:child_process";\n';
  const tool = fileOf("tools/build.ts", program);
  expect(await judgeWith("child-process", tool)).toMatchObject({
    verdict: "approve",
    findings: [{ ruleId: "child-process", severity: "error", waivedBy: "w-1" }],
  });
  expect(await judgeWith("child-process", tool, fileOf("src/a.ts", program))).toMatchObject({
    verdict: "reject",
  });
  const secret = await judgeWith("secret", fileOf("tools/a.ts", `const key = "${aws}";\n`));
  expect([secret.verdict, secret.findings[0]?.waivedBy]).toEqual(["reject", undefined]);
});

describe("P10: secrets are a veto", () => {
  test.each([
    ["src/a.ts", `const key = "${aws}";`],
    ["src/a.ts", `const key = "${aws.slice(0, 6)}" + "${aws.slice(6)}";`],
    ["src/a.ts", `const dbPassword = "${random}";`],
    ["src/a.ts", `const CLIENT_SECRET_KEY = '${random}';`],
    ["src/a.ts", `connect({ "apiKey": "${random}" });`],
    ["src/a.ts", "const t = { token: `" + random + "` };"],
    ["src/a.ts", `login({ token: "short", password: "${random}" });`],
    ["src/a.ts", `secret => "${random}"`],
    ["src/a.ts", `url = "postgres://admin:${random}@db.example.com/x"`],
    ["deploy/app.yaml", `  dbPassword: ${random}`],
    ["app.properties", `auth.token=${random}`],
    ["config/settings.env", `export API_KEY=${random}`],
    ["keys.txt", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ])("%s: %s", async (path, line) => {
    const judgement = await judge(fileOf(path, `one\n${line}\nthree\n`, "one\nthree\n"));
    expect(judgement.verdict).toBe("reject");
    expect(judgement.findings).toContainEqual(
      expect.objectContaining({ ruleId: "secret", isHard: true, path, line: 2 }),
    );
  });

  test.each([
    ["src/a.ts", 'const password = "changeme-please-now";'],
    ["src/a.ts", 'const token = "test-token-1234567890";'],
    ["src/a.ts", "const token = process.env.API_TOKEN_V2_NAME;"],
    ["app.yaml", "secretName: tls-cert-2024-production"],
    ["app.yaml", "token: ${{ secrets.DEPLOY_TOKEN_1 }}"],
    ["app.yaml", "apiKey: $API_KEY_2_FOR_THE_SHOP"],
    ["src/a.ts", `const hash = "${random}";`],
  ])("no credential: %s: %s", async (path, line) => {
    expect(await found(fileOf(path, line, ""))).toEqual([]);
  });

  test("a line too long to be read by people is searched all the same", async () => {
    const line = `/* ${"x".repeat(30_000)} */ const k = "${aws}";`;
    expect(await found(fileOf("src/long.ts", line, ""))).toEqual(["secret", "line-length"]);
  });

  test("files that hold credentials by their name, in any case; deleting one is welcome", async () => {
    for (const path of [".env", "app/.ENV", "app/.env.production", "home/.ssh/id_ed25519"])
      expect(await found(fileOf(path, "A=1\n"))).toContain("secret-file");
    expect(await found(fileOf(".env.example", "A=\n"))).toEqual([]);
    expect(await found(fileOf(".env", undefined, "A=1\n"))).toEqual([]);
  });
});

describe("P10: data-destroying statements are a veto", () => {
  test.each([
    "DROP TABLE users;",
    "drop\n  table users;",
    "DROP/* why */TABLE users;",
    "SELECT '/*'; DROP TABLE users; SELECT '*/';",
    "DROP -- gone\n TABLE users;",
    "ALTER TABLE users DROP email;",
    'ALTER TABLE users\n  ADD COLUMN a int,\n  DROP COLUMN "email";',
    "TRUNCATE users;",
    "DELETE FROM users;",
    "DELETE FROM users; -- where",
    "DELETE FROM users /* where id = 1 */;",
    "DELETE FROM users WHERE 1=1;",
    "DELETE FROM users WHERE true",
    "delete\nfrom users\n;select * from x where y",
  ])("%s", async (sql) => {
    expect(await found(fileOf("db/001.sql", sql, ""))).toContain("data-destroying");
    expect(await found(fileOf("db/migrate/001.rb", sql, ""))).toContain("data-destroying");
  });

  test.each([
    "CREATE TABLE users (id int);",
    "DELETE FROM users WHERE id = 3;",
    "DELETE FROM shop.users u WHERE u.id = 3;",
    "ALTER TABLE users DROP CONSTRAINT users_pk;",
    "ALTER TABLE users ADD COLUMN dropped_at int;",
  ])("harmless: %s", async (sql) => {
    expect(await found(fileOf("db/001.sql", sql, ""))).toEqual([]);
  });

  test("in the languages migrations are written in", async () => {
    expect(await found(fileOf("migrations/1.js", 'knex.schema.dropTable("users")'))).toContain(
      "data-destroying",
    );
    expect(await found(fileOf("src/menu.js", 'menu.dropTable("users")'))).toEqual([]);
  });
});

describe("P10: what judges patches is not theirs to change", () => {
  test.each([
    ".council/policy.yml",
    ".council/.hidden/policy.yml",
    ".Council/policy.yml",
    "council.yaml",
    "deep/council.policy.yml",
  ])("gate configuration: %s", async (path) => {
    const { findings } = await judge(fileOf(path, "x: 1\n"));
    expect(findings).toContainEqual(
      expect.objectContaining({ ruleId: "gate-config", isHard: true }),
    );
  });

  test.each([
    [".github/workflows/ci.yml", "repository-control"],
    ["pkg/.config/.npmrc", "repository-control"],
    ["docs/codeowners", "repository-control"],
    ["sub/agents.md", "agent-instructions"],
    [".cursor/rules/x.md", "agent-instructions"],
    ["vitest.config.ts", "test-configuration"],
  ])("for a person to decide, not rejected: %s: %s", async (path, ruleId) => {
    const { verdict, findings } = await judge(fileOf(path, "x\n"));
    expect(findings.map((finding) => [finding.ruleId, finding.severity])).toEqual([
      [ruleId, "question"],
    ]);
    expect(verdict).toBe("approve");
  });

  test.each([".husky/pre-commit", "sub/.githooks/a", "lefthook.yml"])(
    "a hook is a veto: %s",
    async (path) => {
      const { verdict, findings } = await judge(fileOf(path, "x\n"));
      expect([verdict, findings]).toMatchObject(["reject", [{ ruleId: "git-hook", isHard: true }]]);
    },
  );

  test("links, submodules and new programs", async () => {
    const file = fileOf("tool", "x\n", "y\n");
    const withMode = (newMode: string) => ({ ...file, change: { ...file.change, newMode } });
    expect(await found(withMode("120000"))).toEqual(["file-mode"]);
    expect(await found(withMode("160000"))).toEqual(["file-mode"]);
    expect(await found(withMode("100755"))).toEqual(["executable-file"]);
    const was = { ...file.change, oldMode: "100755", newMode: "100755" };
    expect(await found({ ...file, change: was })).toEqual([]);
  });
});

describe("code", () => {
  test.each([
    ["eval(text)", "dynamic-code"],
    ["const f = new Function('a', body)", "dynamic-code"],
    ["const f = Function(body)", "dynamic-code"],
    ['import { exec } from "node:child_process"', "child-process"],
    ["require(`child_process`)", "child-process"],
    ['require("child_" + "process")', "child-process"],
    ["agent({ rejectUnauthorized: false })", "disabled-tls"],
    ['agent({ "rejectUnauthorized" : !1 })', "disabled-tls"],
    ["agent.rejectUnauthorized = 0", "disabled-tls"],
    ["const a = 1; // ok\u2028evil()", "hidden-text"],
    ["const access\u200B = 1", "hidden-text"],
    ["// \u202E text", "hidden-text"],
    ["const \u3164 = 1", "hidden-text"],
    ["it.skip('x')", "skipped-test"],
    ["fit('x', () => {})", "skipped-test"],
  ])("%s: %s", async (line, ruleId) => {
    expect(await found(fileOf("src/a.ts", line, ""))).toEqual([ruleId]);
  });

  test("only what is new counts; a method of that name is none", async () => {
    expect(await found(fileOf("src/a.ts", "eval(a)\nnext()\n", "eval(a)\n"))).toEqual([]);
    expect(await found(fileOf("src/a.ts", "eval(a)\neval(a)\n", "eval(a)\n"))).toEqual([
      "dynamic-code",
    ]);
    expect(await found(fileOf("src/a.ts", "model.fit(data)\nmedieval(x)\n", ""))).toEqual([]);
  });

  test("tests that are deleted or claim less", async () => {
    expect(await found(fileOf("src/a.test.ts", undefined, "x"))).toEqual(["deleted-test"]);
    const before = "expect(a).toBe(1);\nassert.equal(b, 2);\n";
    expect(await found(fileOf("test/a.js", "expect(a).toBe(1);\n", before))).toEqual([
      "weakened-test",
    ]);
    expect(await found(fileOf("test/a.js", `${before}expect(c).toBe(3);\n`, before))).toEqual([]);
  });
});

describe("what cannot be looked at", () => {
  test("P10: a file that cannot be searched is a veto; one whose mode alone changes is not", async () => {
    const { after: _, ...file } = fileOf("data.bin", "x", "y");
    const judgement = await judge(file);
    expect(judgement.findings).toEqual([
      expect.objectContaining({ ruleId: "not-text", isHard: true }),
    ]);
    const change = { ...file.change, newBlob: file.change.oldBlob! };
    expect(await found({ ...file, change })).toEqual([]);
    const { before: __, ...gone } = fileOf("data.bin", undefined, "y");
    expect(await found(gone)).toEqual([]);
  });

  test("too many files, too many lines, too long lines", async () => {
    const files = Array.from({ length: 201 }, (_, at) => fileOf(`src/${at}.ts`, "x\n"));
    expect(await found(...files)).toEqual(["patch-size"]);
    expect(await found(fileOf("a.ts", "x\n".repeat(5001)))).toEqual(["patch-size"]);
    expect(await found(fileOf("a.ts", "x".repeat(10_001)))).toEqual(["line-length"]);
  });

  test("P10: a rule that a change makes fail is a veto, not an approval", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    const input = { files: [fileOf("a.ts", "x")], neighbours: {} };
    const findings = await applyRules([{ voices: [], check: boom }], input);
    expect(findings[0]).toMatchObject({ ruleId: "rule-failed", isHard: true });
    expect(judgementOf(findings).verdict).toBe("reject");
  });
});

describe("in a worker thread", () => {
  const { signal } = new AbortController();

  test("the head says what the rules say", async () => {
    const pool = openRulesPool({ workers: 1, timeoutMs: 50_000 });
    const file = fileOf("src/a.ts", "eval(a)\n", "");
    const judgement = await rulesHead(pool).judge(changeOf(file), signal);
    expect(judgement).toEqual(await judge(file));
    expect(judgement.verdict).toBe("reject");
    await pool.close();
  });

  test("P10: rules that are not done in time, or crash, are a veto", async () => {
    const slow = openRulesPool({ workers: 1, timeoutMs: 1 });
    expect(await rulesHead(slow).judge(changeOf(fileOf("a.ts", "x")), signal)).toMatchObject({
      verdict: "reject",
      findings: [{ ruleId: "rule-failed", isHard: true }],
    });
    await slow.close();
    const pool = openRulesPool({ workers: 1, timeoutMs: 50_000 });
    const [finding] = await pool.apply({ files: undefined as never, neighbours: {} });
    expect(finding).toMatchObject({ ruleId: "rule-failed", isHard: true });
    await pool.close();
  });
});

test("P10: no line makes the rules slow", async () => {
  const pieces = [
    "password=",
    "api_key ",
    "drop ",
    "delete from ",
    "a://",
    "'+",
    "' + '",
    "sk-",
    "/*",
    "-- ",
    "--",
    "alter table ",
    "delete  ",
    "drop/*",
    "x",
    " ",
    "truncate ",
    "eval ",
    "new ",
    "-----BEGIN ",
    "token:'",
    "delete from a as b ",
    "where ",
    "expect(",
    "rejectUnauthorized ",
    "xoxb-",
    "a:a@",
    "://a:",
    "*/drop ",
    "\t",
  ];
  const lines = pieces.flatMap((piece) => {
    const line = piece.repeat(Math.ceil(60_000 / piece.length));
    return [line, `${line}!`];
  });
  const startedAt = performance.now();
  for (const path of ["db/a.sql", "test/a.test.ts", ".env.x.yml"])
    await judge(fileOf(path, lines.join("\n")));
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
