import { describe, expect, test } from "vitest";
import { findCollision, refusePath } from "./patch-path.ts";

describe("refusePath", () => {
  test.each([
    "src/a.ts",
    "a file with spaces.txt",
    "docs/überblick.md",
    "日本語/ファイル.txt",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".github/workflows/ci.yml",
    "src/.gitkeep",
    "git/config",
    "a..b/c...d",
    ".config/x",
    "C/x",
  ])("accepts %j", (path) => {
    expect(refusePath(path)).toBeUndefined();
  });

  test.each([
    ["", "path"],
    ["/etc/passwd", "path"],
    ["C:/windows", "path"],
    ["c:x", "path"],
    ["../x", "path"],
    ["a/../../x", "path"],
    ["a/./b", "path"],
    ["a//b", "path"],
    ["a/", "path"],
    ["..", "path"],
    ["a\\..\\b", "path"],
    ["a\nb", "path"],
    ["a\u0000b", "path"],
    ["a\rb", "path"],
    ["src/\u202Egnp.ts", "path"],
    ["src/a\u200Bb.ts", "path"],
    ["src/\uFEFFa.ts", "path"],
    ["src/\uFFFD.ts", "path"],
    [`${"a".repeat(256)}`, "path"],
    [`${"abcdefg/".repeat(600)}x`, "path"],
    [".git/config", "reserved-path"],
    [".GIT/config", "reserved-path"],
    ["sub/.git/hooks/pre-commit", "reserved-path"],
    [".git", "reserved-path"],
    [".git./config", "reserved-path"],
    [".git /config", "reserved-path"],
    [".git . ./config", "reserved-path"],
    ["git~1/config", "reserved-path"],
    ["GIT~2", "reserved-path"],
    [".git::$INDEX_ALLOCATION/config", "reserved-path"],
    [".git:stream", "reserved-path"],
    [".g\u200Cit/config", "path"],
    [".gıt/config", "reserved-path"],
    [".ｇｉｔ/config", "reserved-path"],
    [".GITMODULES", "reserved-path"],
    [".gitattributes ", "reserved-path"],
    [".gitmodules:x", "reserved-path"],
  ])("refuses %j as %s", (path, code) => {
    expect(refusePath(path)?.code).toBe(code);
  });
});

describe("findCollision", () => {
  test("finds an added file that differs from another only by case", () => {
    const found = findCollision(["src/a.ts", "src/A.ts"], ["src/A.ts"]);
    expect(found).toEqual({ path: "src/A.ts", other: "src/a.ts" });
  });

  test("finds an added directory that differs only by case", () => {
    expect(findCollision(["src/a.ts", "Src/b.ts"], ["Src/b.ts"])?.other).toBe("src");
  });

  test("finds two spellings of one accented letter", () => {
    expect(findCollision(["caf\u00e9", "cafe\u0301"], ["cafe\u0301"])?.other).toBe("caf\u00e9");
  });

  test("finds a collision among the added paths alone", () => {
    expect(findCollision(["x", "X"], ["x", "X"])).toBeDefined();
  });

  test("leaves collisions alone that were there before", () => {
    expect(findCollision(["a", "A", "b"], ["b"])).toBeUndefined();
  });
});
