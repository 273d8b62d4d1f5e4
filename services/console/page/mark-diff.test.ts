import { describe, expect, test } from "vitest";
import { markDiff } from "./mark-diff.ts";
import { parseDiff } from "./parse-diff.ts";

const fileOf = (...lines: string[]) =>
  ["diff --git a/src/a.js b/src/a.js", "--- a/src/a.js", "+++ b/src/a.js", ...lines, ""].join("\n");
const marksOf = (text: string) =>
  markDiff(parseDiff(text)).flatMap(({ hunks }) =>
    hunks.flatMap(({ pairs }) =>
      pairs.filter(({ kind }) => kind === "changed").map(({ mark }) => mark),
    ),
  );

describe("reading a diff", () => {
  test("stands removed lines against added ones, each with its own number", () => {
    const [file] = parseDiff(fileOf("@@ -3,3 +3,4 @@ head", " same", "-old", "+new", "+more"));
    expect(file).toMatchObject({ path: "src/a.js", change: "changed", added: 2, removed: 1 });
    expect(file?.hunks).toEqual([
      {
        header: "head",
        pairs: [
          { kind: "same", old: { number: 3, text: "same" }, new: { number: 3, text: "same" } },
          { kind: "changed", old: { number: 4, text: "old" }, new: { number: 4, text: "new" } },
          { kind: "changed", new: { number: 5, text: "more" } },
        ],
      },
    ]);
  });

  test("knows what became of the file, and keeps lines that look like headers", () => {
    const text = [
      "diff --git a/x b/y",
      "rename from x",
      "rename to y",
      "diff --git a/n b/n",
      "new file mode 100644",
      "--- /dev/null",
      "+++ b/n",
      "@@ -0,0 +1,2 @@",
      "+++ counted",
      "+b",
      "diff --git a/d b/d",
      "deleted file mode 100644",
      "--- a/d",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "--- sql comment",
    ].join("\n");
    expect(
      parseDiff(text).map(({ path, oldPath, change, added, removed }) => [
        path,
        oldPath,
        change,
        added,
        removed,
      ]),
    ).toEqual([
      ["y", "x", "renamed", 0, 0],
      ["n", undefined, "added", 2, 0],
      ["d", undefined, "deleted", 0, 1],
    ]);
  });

  test("takes a diff without git's own headers, and any text at all", () => {
    expect(parseDiff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n")).toMatchObject([
      { path: "x", added: 1, removed: 1 },
    ]);
    expect(parseDiff("")).toEqual([]);
    expect(parseDiff("@@ nonsense\n<script>\n+x")).toEqual([]);
  });
});

describe("marking a diff", () => {
  test("tells layout, rename, move and edit apart", () => {
    const layout = fileOf("@@ -1 +1 @@", "-if (a) b();", "+if ( a )  b();");
    expect(marksOf(layout)).toEqual(["layout"]);
    const renamed = fileOf(
      "@@ -1 +1,2 @@",
      "-let total = add(total, 1);",
      "+let sum = add(sum, 1);",
    );
    expect(marksOf(renamed)).toEqual(["renamed"]);
    const moved = fileOf(
      "@@ -1 +0,0 @@",
      "-const answer = 42;",
      "@@ -9,0 +9 @@",
      "+  const answer = 42;",
    );
    expect(marksOf(moved)).toEqual(["moved", "moved"]);
    const edit = fileOf("@@ -1 +1 @@", "-return a <= b;", "+return a < b;");
    expect(marksOf(edit)).toEqual(["changed"]);
  });

  test("a name that becomes two others was not renamed", () => {
    const text = fileOf("@@ -1,2 +1,2 @@", "-f(total);", "-g(total);", "+f(sum);", "+g(count);");
    expect(marksOf(text)).toEqual(["changed", "changed"]);
  });

  test("shows just the edit within a line", () => {
    const [file] = markDiff(
      parseDiff(fileOf("@@ -1 +1 @@", "-if (a <= b) go();", "+if (a < b) go();")),
    );
    const [pair] = file?.hunks[0]?.pairs ?? [];
    expect(pair?.oldPieces).toEqual([
      { text: "if (a <", isEdit: false },
      { text: "=", isEdit: true },
      { text: " b) go();", isEdit: false },
    ]);
    expect(pair?.newPieces?.map(({ text }) => text).join("")).toBe("if (a < b) go();");
  });
});
