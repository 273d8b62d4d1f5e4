import { expect, it } from "vitest";
import { blankComments } from "./blank-comments.ts";

it.each([
  [
    "a.ts",
    "// one\nconst a = 1; // two\n/* three\n four */ const b = 2;\n",
    "\nconst a = 1;\n\n  const b = 2;\n",
  ],
  [
    "a.js",
    "const s = '// kept'; /* gone */\nconst r = /\\/\\/x/;\n",
    "const s = '// kept';\nconst r = /\\/\\/x/;\n",
  ],
  ["a.tsx", "const x = <p>{/* gone */}// kept</p>;\n", "const x = <p>{ }// kept</p>;\n"],
  ["a.py", "#!/bin/python\nx = 1  # gone\ns = '# kept'\n", "#!/bin/python\nx = 1\ns = '# kept'\n"],
  ["a.go", "//go:build linux\npackage a // gone\n", "//go:build linux\npackage a\n"],
  ["a.sh", "echo '# kept' # gone\n", "echo '# kept'\n"],
])("takes the comments out of %s and leaves every line in its place", async (path, text, blank) => {
  expect(await blankComments(path, text)).toBe(blank);
});

it.each([
  ["b.ts", "const a = ; // kept\n"],
  ["b.py", "def (: # kept\n"],
  ["b.md", "<!-- kept -->\n"],
  ["b.yaml", "a: 1 # kept\n"],
  ["b.unknown", "// kept\n"],
  ["b.ts", "// kept \uFFFD\n"],
])("leaves %s as it is where no parser is sure", async (path, text) => {
  expect(await blankComments(path, text)).toBe(text);
});

it("takes time in proportion to the text", async () => {
  const text = `const s = "${" ".repeat(400_000)}b"; // gone\n`;
  const startedAt = performance.now();
  expect(await blankComments("a.ts", text)).toBe(text.replace(" // gone", ""));
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
