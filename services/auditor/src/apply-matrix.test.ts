/**
 * The matrix of what a patch may try on git, row by row: what `git apply` itself makes of it, and what a
 * head says. Where git applies it, Council's own reading has to hold it up: by the text, by the tree, or by
 * a rule on what the tree holds.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { promisify } from "node:util";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { fetchBranches, type Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readAuditedChange } from "./audited-change.ts";
import { patch } from "./example.ts";
import { judgementOf, unread } from "./head.ts";
import { ruleInputOf } from "./heads/rules-head.ts";
import { allRules } from "./rules/all-rules.ts";
import { applyRules } from "./rules/apply-rules.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
process.env["RECHECK_BACKEND"] = "pure";
const run = promisify(execFile);
const lines = Array.from({ length: 1000 }, (_, at) => `line ${at + 1}\n`).join("");
let remote: TestRemote;
let mirror: Mirror;
let base: string;

beforeAll(async () => {
  remote = await testRemote({
    "a.txt": "one\ntwo\nthree\n",
    "long.txt": lines,
    "tool.txt": "echo\n",
    "docs/x.md": "x\n",
    link: { content: "/etc", mode: "120000" },
  });
  mirror = await remote.mirror();
  await fetchBranches(mirror);
  base = (await remote.head()) ?? "";
});
afterAll(() => remote.remove());

const adding = (path: string, content = "x", mode = "100644") =>
  `diff --git a/${path} b/${path}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${content}\n`;
const unended = (text: string) => `${text}\\ No newline at end of file\n`;
const linkTo = (path: string, target: string) => unended(adding(path, target, "120000"));
const editing =
  "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";
const headed = (header: string) =>
  `diff --git ${header}\nnew file mode 100644\n--- /dev/null\n+++ b/src/other.ts\n@@ -0,0 +1 @@\n+x\n`;

/** A few bytes of patch that are many bytes of blob. */
function bomb(sizeBytes: number): string {
  const content = Buffer.alloc(sizeBytes);
  const blob = createHash("sha1").update(`blob ${sizeBytes}\0`).update(content).digest("hex");
  const deflated = deflateSync(content);
  const rows: string[] = [];
  for (let at = 0; at < deflated.length; at += 52) {
    const part = deflated.subarray(at, at + 52);
    const length = String.fromCharCode(part.length <= 26 ? 64 + part.length : 70 + part.length);
    rows.push(length + base85(part));
  }
  const zeroes = "0".repeat(40);
  return `diff --git a/b.bin b/b.bin\nnew file mode 100644\nindex ${zeroes}..${blob}\nGIT binary patch\nliteral ${sizeBytes}\n${rows.join("\n")}\n\nliteral 0\nHcmV?d00001\n\n`;
}

function base85(bytes: Buffer): string {
  const digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  let out = "";
  for (let at = 0; at < bytes.length; at += 4) {
    let value = 0;
    for (let offset = 0; offset < 4; offset += 1) value = value * 256 + (bytes[at + offset] ?? 0);
    const group = Array.from({ length: 5 }, (_, place) =>
      digits.charAt(Math.floor(value / 85 ** (4 - place)) % 85),
    );
    out += group.join("");
  }
  return out;
}

/** What git does when nobody is careful: the same index as Council's, and no more asked than to apply. */
async function plainGit(name: string, diff: string): Promise<"applies" | "refuses"> {
  const env = {
    PATH: process.env["PATH"],
    GIT_DIR: remote.repository.gitDir,
    GIT_INDEX_FILE: join(remote.dir, `index-${sha256Hex(Buffer.from(name)).slice(0, 12)}`),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  await run("git", ["read-tree", base], { env });
  const applying = run("git", ["apply", "--cached", "-"], { env });
  applying.child.stdin?.end(diff);
  return await applying.then(
    () => "applies",
    () => "refuses",
  );
}

/** The verdict of a head, and the rules it names. */
async function judged(diff: string, mayTouch?: readonly string[]) {
  const bytes = Buffer.from(diff);
  const digests = { base, tree: base, diff: sha256Hex(bytes) };
  const digest = candidateDigest(digests);
  const risk = { semanticDigest: digest, tier: "service", riskTags: [], paths: [] } as const;
  const read = await readAuditedChange({
    mirror,
    patch: { ...patch, sender: "ci", ...(mayTouch ? { mayTouch } : {}) },
    candidate: { ...digests, digest, ...risk },
    diff: bytes,
  });
  const { verdict, findings } =
    read.kind === "refused"
      ? unread(read.code, read.reason)
      : judgementOf(await applyRules(allRules, await ruleInputOf(read.change)));
  return { verdict, findings, rules: [...new Set(findings.map(({ ruleId }) => ruleId))] };
}

const isHard = true;
const veto = { verdict: "reject", findings: [{ ruleId: "unsafe-diff", isHard }] };
const question = {
  verdict: "approve",
  findings: [{ ruleId: "repository-control", severity: "question" }],
};

test.each([
  ["a parent folder", adding("../x"), "refuses", veto],
  ["a hook", adding(".git/hooks/pre-commit", "#!/bin/sh", "100755"), "refuses", veto],
  ["git's configuration, in another case", adding(".GIT/config"), "refuses", veto],
  ["a write through a new link", linkTo("l", "/tmp") + adding("l/x"), "refuses", veto],
  ["a link to an absolute path", linkTo("l", "/etc/passwd"), "applies", veto],
  ["a submodule", adding("s", `Subproject commit ${"1".repeat(40)}`, "160000"), "applies", veto],
  [
    ".gitmodules whose URL starts a program",
    adding(".gitmodules", '[submodule "x"]').replace("+1 @@", "+1,3 @@") +
      "+\tpath = x\n+\turl = ext::sh -c id\n",
    "applies",
    question,
  ],
  ["a filter", adding(".gitattributes", "* filter=evil"), "applies", question],
  ["a workflow", adding(".github/workflows/ci.yml", "on: push"), "applies", question],
  [
    "a change of mode",
    "diff --git a/tool.txt b/tool.txt\nold mode 100644\nnew mode 100755\n",
    "applies",
    { verdict: "reject", findings: [{ ruleId: "executable-file", isHard: false }] },
  ],
  ["a header that names other files", headed("a/docs/x.md b/docs/y.md"), "applies", veto],
  ["a header that names one other file", headed("a/docs/x.md b/docs/x.md"), "refuses", veto],
  [
    "a hunk that lands 878 lines away",
    "diff --git a/long.txt b/long.txt\n--- a/long.txt\n+++ b/long.txt\n" +
      "@@ -20,3 +20,3 @@\n line 898\n-line 899\n+other\n line 900\n",
    "applies",
    { verdict: "abstain", findings: [{ ruleId: "does-not-apply" }] },
  ],
  ["text before the patch", `Approved by all.\n\n${editing}`, "applies", veto],
  ["a bomb", bomb(3_000_000), "applies", veto],
  ["the target of an old link", linkEdit(), "applies", veto],
  ["a name that differs by case", adding("A.TXT"), "applies", veto],
  ["a folder that differs by case", adding("DOCS/y.md"), "applies", veto],
  ["a name in full-width letters", adding("ａ.txt"), "applies", veto],
  ["a name with an invisible letter", adding("src/a\u200b.ts"), "applies", veto],
] as const)("P10: %s: git %3$s", async (name, diff, git, said) => {
  expect(await plainGit(name, diff)).toBe(git);
  const { verdict, findings } = await judged(diff);
  expect({ verdict, findings }).toMatchObject(said);
});

function linkEdit(): string {
  const no = "\\ No newline at end of file\n";
  return `diff --git a/link b/link\n--- a/link\n+++ b/link\n@@ -1 +1 @@\n-/etc\n${no}+/bin\n${no}`;
}

test("an honest patch is applied by git, and nothing is found in it", async () => {
  expect(await plainGit("honest", editing)).toBe("applies");
  expect(await judged(editing)).toEqual({ verdict: "approve", findings: [], rules: [] });
});

test("a sender touches what is granted", async () => {
  expect(await judged(editing, ["*.txt"])).toMatchObject({ verdict: "approve", rules: [] });
});

test.each([
  ["another path", editing, ["src/**"], "a.txt"],
  ["another case of a granted folder", adding("Src/b.ts"), ["src/**"], "Src/b.ts"],
  ["letters that look alike", adding("ѕrc/b.ts"), ["src/**"], "ѕrc/b.ts"],
  ["another form of a letter", adding("su\u0308d/b.ts"), ["s\u00fcd/**"], "su\u0308d/b.ts"],
  [
    "a rename out of what is granted",
    "diff --git a/docs/x.md b/a.md\nsimilarity index 100%\nrename from docs/x.md\nrename to a.md\n",
    ["docs/**"],
    "a.md",
  ],
  [
    "a rename into what is granted",
    "diff --git a/a.txt b/docs/a.txt\nsimilarity index 100%\nrename from a.txt\nrename to docs/a.txt\n",
    ["docs/**"],
    "a.txt",
  ],
])("P10: a sender touches %s", async (_, diff, mayTouch, forbidden) => {
  const { verdict, rules, findings } = await judged(diff, mayTouch);
  expect([verdict, rules]).toEqual(["reject", ["forbidden-path"]]);
  expect(findings[0]?.isHard).toBe(true);
  expect(findings[0]?.message).toContain(`the sender ci may not touch ${forbidden}`);
});
