import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DiffResult, readableLanguages } from "@council/ast-diff";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });
const main = fileURLToPath(new URL("main.ts", import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-diff-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function put(name: string, text: string | Buffer): Promise<string> {
  const path = join(dir, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The real command, as a shell would run it. */
function council(args: string[], env: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve) => {
    const options = { cwd: dir, env: { ...process.env, ...env }, maxBuffer: 50_000_000 };
    execFile(process.execPath, [main, "diff", ...args], options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

const before = `export function price(count) {\n  return count * 2;\n}\n`;

test("shows both sides, marks what changed by sign, and exits 1", async () => {
  const a = await put("a/x.js", before);
  const b = await put("b/x.js", before.replace("2", "3"));
  const { code, out, err } = await council([a, b, "--width", "80"]);
  expect(err).toBe("");
  expect(code).toBe(1);
  expect(out).toContain("javascript  differs  ~ 1 changed");
  expect(out).toMatch(/2 ~ {3}return count \* \[~2~\]; +│ 2 ~ {3}return count \* \[~3~\];/);
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("another format is the same program: exit 0", async () => {
  const a = await put("a/y.js", before);
  const b = await put("b/y.js", `// why\n${before.replace("count * 2", "(count*2)")}`);
  expect(await council([a, b])).toMatchObject({ code: 0, err: "" });
  expect((await council([a, a])).out).toContain("the same");
});

test("--json is the whole result, with its schema", async () => {
  const a = await put("a/z.py", "def f(a):\n    return a\n");
  const b = await put("b/z.py", "def f(a):\n    return a + 1\n");
  const { code, out } = await council([a, b, "--json"]);
  expect(code).toBe(1);
  const result = JSON.parse(out) as DiffResult;
  expect(result.schema).toBe("council.diff/1");
  expect(result.files).toMatchObject([{ language: "python", outcome: "differs" }]);
  expect(result.files[0]?.operations.length).toBeGreaterThan(0);
});

test("two folders are compared file by file", async () => {
  await put("old/one.go", "package p\n\nfunc F() int { return 1 }\n");
  await put("new/one.go", "package p\n\nfunc F() int { return 2 }\n");
  await put("old/same.txt", "a\n");
  await put("new/same.txt", "a\n");
  await put("new/added.json", '{"a": 1}\n');
  const { code, out } = await council([join(dir, "old"), join(dir, "new")]);
  expect(code).toBe(1);
  expect(out).toContain("one.go  go  differs");
  expect(out).toContain("added.json  json  differs");
  expect(out).not.toContain("same.txt");
});

const unreadable: readonly (readonly [
  string,
  string,
  () => [string | Buffer, string | Buffer],
  RegExp,
])[] = [
  ["a syntax error", "x.ts", () => ["f(1)", "f("], /not compared: it has a syntax error/],
  [
    "a binary file",
    "x.ts",
    () => ["f(1)", Buffer.from([1, 0, 2])],
    /not compared: it is a binary file/,
  ],
  [
    "other bytes than UTF-8",
    "x.py",
    () => ["a", Buffer.from([0xe4, 10])],
    /not compared: it is not UTF-8/,
  ],
  [
    "50 MB",
    "x.js",
    () => ["a", Buffer.alloc(50_000_000, 120)],
    /not compared: it is 50\.0 MB long, more than the 20\.0 MB that are read; --max-size/,
  ],
];
test.each(unreadable)("%s is said in a sentence: exit 2", async (name, file, make, sentence) => {
  const [x, y] = make();
  const a = await put(`${name}/a/${file}`, x);
  const b = await put(`${name}/b/${file}`, y);
  const { code, out, err } = await council([a, b]);
  expect(err).toBe("");
  expect(out).toMatch(sentence);
  // Nothing is said of how alike two files are that were not read.
  expect(out.includes("alike")).toBe(name === "a syntax error");
  expect(code).toBe(2);
  // Equal bytes are equal, whatever they are.
  expect((await council([b, b])).code).toBe(0);
});

test("a line of 1 MB is compared, and shown around its change", async () => {
  const line = (value: number) =>
    `f("${"x".repeat(500_000)}", ${value}, "${"y".repeat(500_000)}");\n`;
  const a = await put("a/long.js", line(1));
  const b = await put("b/long.js", line(2));
  const { code, out } = await council([a, b]);
  expect(code).toBe(1);
  expect(out).toContain("[~1~]");
  expect(out.length).toBeLessThan(5000);
});

test("nothing in a file can steer the terminal", async () => {
  const a = await put("a/esc.js", 'f("\u001b]0;owned\u0007", 1);\n');
  const b = await put("b/esc.js", 'f("\u001b]0;owned\u0007", 2); // \u202e\n');
  const { out } = await council([a, b]);
  expect(out).toContain("␛]0;owned␇");
  for (const sign of ["\u001b", "\u0007", "\u202e"]) expect(out).not.toContain(sign);
});

test("a file that is not there is named: exit 2", async () => {
  const { code, err } = await council([join(dir, "none.js"), main]);
  expect(code).toBe(2);
  expect(err).toMatch(/none\.js: no such file or folder/);
  expect((await council([main])).code).toBe(2);
  expect((await council([main, main, "--width", "x"])).code).toBe(2);
});

test("git calls it as a difftool and as an external diff", async () => {
  const repository = join(dir, "repository");
  await put("repository/src/a.js", before);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, HOME: dir, GIT_CONFIG_NOSYSTEM: "1" },
    });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  await put("repository/src/a.js", before.replace("2", "3"));
  const command = `'${process.execPath}' '${main}' diff`;
  const shown = git("difftool", "--no-prompt", "--extcmd", command);
  expect(shown).toContain("src/a.js  javascript  differs");
  expect(git("-c", `diff.external=${command}`, "diff")).toContain("src/a.js  javascript  differs");
});

test("the manual names every language with its extensions", async () => {
  const manual = await readFile(new URL("../../../docs/council-diff.md", import.meta.url), "utf8");
  const rows = readableLanguages().map(
    ({ name, extensions }) => `${name}: ${extensions.map((one) => `\`.${one}\``).join(" ")}`,
  );
  const table = /<!-- languages -->([\s\S]*)<!-- \/languages -->/.exec(manual)?.[1] ?? "";
  const cells = [...table.matchAll(/^\| (\w+) +\| (.+?) +\|$/gm)].slice(1);
  expect(cells.map(([, name, extensions]) => `${name}: ${extensions}`)).toEqual(rows);
});
