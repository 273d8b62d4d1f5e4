import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { applyDiff, type ApplyOutcome } from "./apply-diff.ts";
import { openMirror, resolveBranch, type Mirror } from "./mirror.ts";
import { editTree, writeBlob } from "./private-index.ts";
import type { DiffLimits } from "./parse-diff.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { diffBytes, diffText, readFile, treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const LINES = Array.from({ length: 40 }, (_, at) => `line ${at + 1}\n`).join("");

let remote: TestRemote;
let mirror: Mirror;
let base: string;

beforeAll(async () => {
  remote = await testRemote({
    "a.txt": "one\ntwo\nthree\n",
    "long.txt": LINES + LINES,
    "crlf.txt": "one\r\ntwo\r\nthree\r\n",
    "open-end.txt": "one\ntwo",
    "latin1.txt": Buffer.from("caf\xe9\nend\n", "latin1"),
    "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
    "two words.txt": "x\n",
    "ü.txt": "x\n",
    "tab\there.txt": "x\n",
    "src/deep/mod.ts": "export const x = 1;\n",
    link: { content: "/etc", mode: "120000" },
  });
  mirror = await remote.mirror();
  base = (await resolveBranch(mirror, "main"))!;
});

afterAll(async () => {
  await remote.remove();
});

async function apply(diff: string | Uint8Array, limits?: Partial<DiffLimits>) {
  return await applyDiff(mirror, { base, diff, ...(limits === undefined ? {} : { limits }) });
}

async function textAfter(outcome: ApplyOutcome, path: string): Promise<string> {
  if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
  const file = await readFile(mirror, outcome.tree, path);
  return file.kind === "blob" ? file.bytes.toString("latin1") : file.kind;
}

/** A section that adds one file. */
function adding(path: string, mode = "100644", content = "x"): string {
  return (
    `diff --git a/${path} b/${path}\nnew file mode ${mode}\nindex 0000000..1111111\n` +
    `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${content}\n`
  );
}

const EDIT_A = `diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@
 one
-two
+2
 three
`;

describe("what is applied", () => {
  test("P9: an edit, with the recomputed change", async () => {
    const outcome = await apply(EDIT_A);
    expect(await textAfter(outcome, "a.txt")).toBe("one\n2\nthree\n");
    expect(outcome).toMatchObject({ changes: [{ path: "a.txt", status: "modified" }] });
  });

  test("an added file, an added empty file, a deleted file, a mode change", async () => {
    const outcome = await apply(
      adding("new.txt") +
        "diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n" +
        "diff --git a/run.sh b/run.sh\nold mode 100755\nnew mode 100644\n" +
        "diff --git a/two words.txt b/two words.txt\ndeleted file mode 100644\n" +
        "--- a/two words.txt\t\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
    );
    expect(outcome).toMatchObject({
      kind: "applied",
      changes: [
        { path: "empty", status: "added" },
        { path: "new.txt", status: "added" },
        { path: "run.sh", status: "mode", newMode: "100644" },
        { path: "two words.txt", status: "deleted" },
      ],
    });
  });

  test("a rename and a copy, shown as what they do to paths", async () => {
    const outcome = await apply(
      "diff --git a/a.txt b/b.txt\nsimilarity index 100%\nrename from a.txt\nrename to b.txt\n" +
        "diff --git a/ü.txt b/two.txt\nsimilarity index 100%\ncopy from ü.txt\ncopy to two.txt\n",
    );
    expect(outcome).toMatchObject({
      changes: [
        { path: "a.txt", status: "deleted" },
        { path: "b.txt", status: "added" },
        { path: "two.txt", status: "added" },
      ],
    });
  });

  test("CRLF files keep their line ends", async () => {
    const outcome = await apply(
      "diff --git a/crlf.txt b/crlf.txt\n--- a/crlf.txt\n+++ b/crlf.txt\n" +
        "@@ -1,3 +1,3 @@\n one\r\n-two\r\n+2\r\n three\r\n",
    );
    expect(await textAfter(outcome, "crlf.txt")).toBe("one\r\n2\r\nthree\r\n");
  });

  test("a file without a newline at its end stays so, or gets one", async () => {
    const head =
      "diff --git a/open-end.txt b/open-end.txt\n--- a/open-end.txt\n+++ b/open-end.txt\n";
    const none = "\\ No newline at end of file\n";
    const kept = await apply(`${head}@@ -1,2 +1,2 @@\n one\n-two\n${none}+2\n${none}`);
    expect(await textAfter(kept, "open-end.txt")).toBe("one\n2");
    const closed = await apply(`${head}@@ -1,2 +1,2 @@\n one\n-two\n${none}+two\n`);
    expect(await textAfter(closed, "open-end.txt")).toBe("one\ntwo\n");
  });

  test("text that is not UTF-8 passes byte for byte", async () => {
    const diff = Buffer.from(
      "diff --git a/latin1.txt b/latin1.txt\n--- a/latin1.txt\n+++ b/latin1.txt\n" +
        "@@ -1,2 +1,2 @@\n-caf\xe9\n+th\xe9\n end\n",
      "latin1",
    );
    expect(await textAfter(await apply(diff), "latin1.txt")).toBe("th\xe9\nend\n");
  });

  test("names that git quotes are read", async () => {
    const outcome = await apply(
      'diff --git "a/\\303\\274.txt" "b/\\303\\274.txt"\n--- "a/\\303\\274.txt"\n' +
        '+++ "b/\\303\\274.txt"\n@@ -1 +1 @@\n-x\n+y\n',
    );
    expect(await textAfter(outcome, "ü.txt")).toBe("y\n");
  });

  test("trailing white space and blank context lines emptied by an editor are kept as they are", async () => {
    const outcome = await apply(adding("ws.txt", "100644", "x  \t"));
    expect(await textAfter(outcome, "ws.txt")).toBe("x  \t\n");
  });

  test.each([".gitattributes", ".gitmodules", ".github/workflows/x.yml"])(
    "%s is for the rules to judge, not for git",
    async (path) => {
      expect((await apply(adding(path))).kind).toBe("applied");
    },
  );

  test("a binary literal within the declared limit", async () => {
    const content = Buffer.from([0, 1, 2, 3]);
    const blob = await writeBlob(mirror, content);
    const outcome = await apply(binaryPatch("b.bin", content.length, content, blob), {
      maxBinaryBytes: 100,
    });
    expect(outcome).toMatchObject({ kind: "applied", changes: [{ newBlob: blob }] });
  });
});

describe("determinism", () => {
  test("P9: two mirrors, with different hosts' settings, build the same tree", async () => {
    const other = await openMirror({ remoteUrl: remote.url, dir: `${remote.dir}/other` });
    await resolveBranch(other, "main");
    const diff = EDIT_A + adding("new.txt");
    const [one, two] = [await apply(diff), await applyDiff(other, { base, diff })];
    expect(one.kind).toBe("applied");
    expect(two).toEqual(one);
  });

  test("P9: what diffText shows is what applyDiff takes, for many random edits", async () => {
    const random = generator(7);
    for (let run = 0; run < 12; run += 1) {
      const tree = await randomEdit(random);
      const diff = await diffBytes(mirror, base, tree);
      const outcome = await apply(diff);
      expect(outcome).toMatchObject({ kind: "applied", tree });
    }
  });
});

describe("what is refused", () => {
  const modifyHeader = "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n";

  test.each([
    ["an empty text", "", "empty"],
    ["blank lines only", "\n\n \n", "empty"],
    ["text before the patch", `From: x\nSubject: y\n\n${EDIT_A}`, "preamble"],
    ["a patch without git headers", EDIT_A.split("\n").slice(1).join("\n"), "preamble"],
    ["text after the patch", `${EDIT_A}-- \n2.39.5\n`, "malformed"],
    ["no newline at the end of the text", EDIT_A.slice(0, -1), "malformed"],
    ["a parent directory", adding("../x"), "path"],
    ["an absolute path", adding("/etc/cron.d/x"), "path"],
    ["a hook", adding(".git/hooks/pre-commit", "100755"), "reserved-path"],
    ["git's configuration in capitals", adding(".GIT/config"), "reserved-path"],
    ["git's configuration with a trailing dot", adding(".git./config"), "reserved-path"],
    ["git's configuration by its short name", adding("git~1/config"), "reserved-path"],
    ["an invisible character in .git", adding(".g\u200cit/config"), "path"],
    ["a direction override in a name", adding("src/\u202egpj.ts"), "path"],
    ["a symbolic link", adding("l", "120000", "/etc/passwd"), "symlink"],
    ["a submodule", adding("s", "160000", "Subproject commit 1"), "gitlink"],
    ["a directory mode", adding("d", "040000"), "mode"],
    ["a set-user-id mode", adding("d", "104755"), "mode"],
    ["writing below a new link", adding("l2", "120000", "/tmp") + adding("l2/x"), "symlink"],
    ["writing below an old link", adding("link/x"), "does-not-apply"],
    [
      "an old link's target",
      "diff --git a/link b/link\nindex 1111111..2222222 120000\n--- a/link\n+++ b/link\n" +
        "@@ -1 +1 @@\n-/etc\n\\ No newline at end of file\n+/bin\n\\ No newline at end of file\n",
      "symlink",
    ],
    [
      "an old link's target, without saying it is one",
      "diff --git a/link b/link\n--- a/link\n+++ b/link\n@@ -1 +1 @@\n-/etc\n" +
        "\\ No newline at end of file\n+/bin\n\\ No newline at end of file\n",
      "symlink",
    ],
    [
      "an old link removed",
      "diff --git a/link b/link\ndeleted file mode 120000\n--- a/link\n+++ /dev/null\n" +
        "@@ -1 +0,0 @@\n-/etc\n\\ No newline at end of file\n",
      "symlink",
    ],
    [
      "a diff --git line that names other files than +++",
      "diff --git a/docs/x.md b/docs/y.md\nnew file mode 100644\n--- /dev/null\n+++ b/src/other.ts\n@@ -0,0 +1 @@\n+x\n",
      "header-mismatch",
    ],
    [
      "a --- line that names another file than +++",
      "diff --git a/a.txt b/a.txt\n--- a/ü.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-x\n+y\n",
      "header-mismatch",
    ],
    [
      "names without a/ and b/",
      "diff --git a.txt a.txt\n--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-x\n+y\n",
      "header-mismatch",
    ],
    [
      "/dev/null without saying that the file is new",
      "diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
      "header-mismatch",
    ],
    [
      "a rename that goes elsewhere than its header",
      "diff --git a/a.txt b/b.txt\nsimilarity index 100%\nrename from a.txt\nrename to c.txt\n",
      "header-mismatch",
    ],
    [
      "a rename into .git",
      "diff --git a/a.txt b/.git/x\nsimilarity index 100%\nrename from a.txt\nrename to .git/x\n",
      "reserved-path",
    ],
    ["a name that is not UTF-8", Buffer.from(adding("caf\xe9"), "latin1"), "path"],
    ["broken UTF-16", adding("x", "100644", "\ud800"), "encoding"],
    ["a NUL in a name", adding("a\0b"), "binary"],
    ["a NUL in the content", adding("a", "100644", "\0"), "binary"],
    ["headers with CRLF", EDIT_A.replaceAll("\n", "\r\n"), "header-mismatch"],
    ["one file in two sections", EDIT_A + EDIT_A, "duplicate"],
    ["a section that says nothing", "diff --git a/a.txt b/a.txt\n", "malformed"],
    ["half a mode change", "diff --git a/a.txt b/a.txt\nnew mode 100755\n", "malformed"],
    ["a hunk cut short", `${modifyHeader}@@ -1,3 +1,3 @@\n one\n`, "malformed"],
    ["a hunk too long", `${modifyHeader}@@ -1,1 +1,1 @@\n one\n-two\n+2\n`, "malformed"],
    ["no hunk", modifyHeader, "malformed"],
    ["lines that are not there", EDIT_A.replace("-two", "-TWO"), "does-not-apply"],
    ["a file that is not there", EDIT_A.replaceAll("a.txt", "nope.txt"), "does-not-apply"],
    ["a new file that is there already", adding("a.txt"), "does-not-apply"],
    [
      "a change that changes nothing",
      `${modifyHeader}@@ -1,3 +1,3 @@\n one\n-two\n+two\n three\n`,
      "mismatch",
    ],
    ["a name that differs from another by case", adding("A.TXT"), "case-collision"],
    [
      "a directory that differs from another by case",
      adding("SRC/deep/other.ts"),
      "case-collision",
    ],
    ["a name in another Unicode form", adding("u\u0308.txt"), "case-collision"],
    [
      "binary files without content",
      "diff --git a/b b/b\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/b differ\n",
      "binary",
    ],
  ])("%s", async (_, diff, code) => {
    const outcome = await apply(diff);
    expect(outcome).toMatchObject({ kind: "refused", code });
  });

  test("a hunk that would land away from its stated line", async () => {
    const hunk = " line 30\n-line 31\n+other\n line 32\n";
    const head = "diff --git a/long.txt b/long.txt\n--- a/long.txt\n+++ b/long.txt\n";
    expect(await apply(`${head}@@ -30,3 +30,3 @@\n${hunk}`)).toMatchObject({ kind: "applied" });
    expect(await apply(`${head}@@ -20,3 +20,3 @@\n${hunk}`)).toMatchObject({ code: "offset" });
  });

  test("line numbers of the old and the new side that do not follow from each other", async () => {
    const head = "diff --git a/long.txt b/long.txt\n--- a/long.txt\n+++ b/long.txt\n";
    const hunk = " line 30\n-line 31\n+other\n line 32\n";
    expect(await apply(`${head}@@ -5,3 +30,3 @@\n${hunk}`)).toMatchObject({ code: "offset" });
  });

  test("an unknown base", async () => {
    const outcome = await applyDiff(mirror, { base: "1".repeat(40), diff: EDIT_A });
    expect(outcome).toMatchObject({ kind: "refused", code: "unknown-base" });
  });

  test("a base that is no object id is a bug of the caller", async () => {
    const call = applyDiff(mirror, { base: "--output=/tmp/x", diff: EDIT_A });
    await expect(call).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("limits, before git runs", () => {
  test.each<[string, string, Partial<DiffLimits>, string]>([
    ["bytes", EDIT_A, { maxBytes: 10 }, "too-large"],
    ["files", adding("x1") + adding("x2"), { maxFiles: 1 }, "too-many-files"],
    ["changed lines", EDIT_A, { maxChangedLines: 1 }, "too-many-lines"],
    ["line length", adding("x", "100644", "y".repeat(200)), { maxLineBytes: 100 }, "line-too-long"],
  ])("%s", async (_, diff, limits, code) => {
    expect(await apply(diff, limits)).toMatchObject({ kind: "refused", code });
  });

  test("a binary bomb is refused by its declared size", async () => {
    const bomb = binaryPatch("bomb", 300_000_000, Buffer.alloc(1000), "1".repeat(40));
    expect(await apply(bomb)).toMatchObject({ code: "binary" });
    expect(await apply(bomb, { maxBinaryBytes: 1_000_000 })).toMatchObject({ code: "binary" });
  });

  test("a binary that inflates to more than it declares is refused by git", async () => {
    const liar = binaryPatch("liar", 10, Buffer.alloc(1_000_000), "1".repeat(40));
    const outcome = await apply(liar, { maxBinaryBytes: 1000 });
    expect(outcome).toMatchObject({ code: "does-not-apply" });
  });

  test("a binary delta is refused: its result size is not declared", async () => {
    const delta = binaryPatch("d", 10, Buffer.alloc(10), "1".repeat(40)).replace(
      "literal",
      "delta",
    );
    expect(await apply(delta, { maxBinaryBytes: 1000 })).toMatchObject({ code: "binary" });
  });
});

test("diffText shows binary files without content", async () => {
  const blob = await writeBlob(mirror, Buffer.from([0, 1, 2]));
  const before = await treeOf(mirror, base);
  const tree = await editTree(mirror, before, [{ kind: "set", path: "b", mode: "100644", blob }]);
  expect(await diffText(mirror, before, tree)).toContain("Binary files /dev/null and b/b differ");
});

function binaryPatch(path: string, declaredBytes: number, content: Buffer, blob: string): string {
  const rows: string[] = [];
  const deflated = deflateSync(content);
  for (let at = 0; at < deflated.length; at += 52) {
    const part = deflated.subarray(at, at + 52);
    const length = String.fromCharCode(part.length <= 26 ? 64 + part.length : 70 + part.length);
    rows.push(length + base85(part));
  }
  return (
    `diff --git a/${path} b/${path}\nnew file mode 100644\nindex ${"0".repeat(40)}..${blob}\n` +
    `GIT binary patch\nliteral ${declaredBytes}\n${rows.join("\n")}\n\nliteral 0\nHcmV?d00001\n\n`
  );
}

function base85(bytes: Buffer): string {
  const digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  let out = "";
  for (let at = 0; at < bytes.length; at += 4) {
    let value = 0;
    for (let offset = 0; offset < 4; offset += 1) value = value * 256 + (bytes[at + offset] ?? 0);
    let group = "";
    for (let digit = 0; digit < 5; digit += 1) {
      group = digits.charAt(value % 85) + group;
      value = Math.floor(value / 85);
    }
    out += group;
  }
  return out;
}

/** A linear congruential generator: the same edits on every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

async function randomEdit(random: (below: number) => number): Promise<string> {
  const lines = (LINES + LINES).split(/(?<=\n)/);
  for (let edits = 0; edits < 6; edits += 1) {
    const at = random(lines.length);
    const kind = random(3);
    if (kind === 0) lines.splice(at, 1 + random(4));
    if (kind === 1)
      lines.splice(at, 0, ...Array.from({ length: random(4) + 1 }, () => `${random(9)}\n`));
    if (kind === 2) lines[at] = random(2) === 0 ? "\n" : `changed ${random(99)}\r\n`;
  }
  let text = lines.join("");
  if (random(2) === 0) text = text.slice(0, -1);
  const mode = random(4) === 0 ? "100755" : "100644";
  return await editTree(mirror, await treeOf(mirror, base), [
    { kind: "set", path: "long.txt", mode, blob: await writeBlob(mirror, text) },
    {
      kind: "set",
      path: `new ${random(99)}.txt`,
      mode: "100644",
      blob: await writeBlob(mirror, ""),
    },
    { kind: "remove", path: random(2) === 0 ? "a.txt" : "latin1.txt" },
  ]);
}
