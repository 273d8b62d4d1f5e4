import fc from "fast-check";
import { expect, test } from "vitest";
import { alignLines } from "./align-lines.ts";
import type { EditOperation, FileDiff, SourceSpan } from "./diff-result.ts";
import { sideBySide } from "./side-by-side.ts";

const span = (
  startLine: number,
  startColumn: number,
  endLine: number,
  endColumn: number,
): SourceSpan => ({
  path: "a.ts",
  startLine,
  startColumn,
  endLine,
  endColumn,
});
const operation = (kind: EditOperation["kind"], sides: Partial<EditOperation>): EditOperation => ({
  kind,
  nodeType: "Literal",
  label: "",
  nodes: 1,
  ...sides,
});
const file = (...operations: EditOperation[]): FileDiff => ({
  path: "a.ts",
  language: "typescript",
  outcome: "differs",
  operations,
});

test("the touched parts are marked, the rest is left out", () => {
  const lines = Array.from({ length: 30 }, (_, at) => `f(${at});`);
  const a = `${lines.join("\n")}\n`;
  const b = a.replace("f(14)", "f(99)");
  const sides = { a: span(15, 3, 15, 5), b: span(15, 3, 15, 5) };
  const { rows } = sideBySide(file(operation("update", sides)), a, b, { contextLines: 1 });
  expect(rows.map((row) => row.kind)).toEqual(["gap", "lines", "lines", "lines", "gap"]);
  expect(rows[0]).toEqual({ kind: "gap", lines: 13 });
  expect(rows[2]).toEqual({
    kind: "lines",
    a: { line: 15, segments: [{ text: "f(" }, { text: "14", mark: "update" }, { text: ");" }] },
    b: { line: 15, segments: [{ text: "f(" }, { text: "99", mark: "update" }, { text: ");" }] },
  });
});

test("of a changed operation only the operator is marked", () => {
  const sides = { a: span(1, 5, 1, 10), b: span(1, 5, 1, 11) };
  const { rows } = sideBySide(file(operation("update", sides)), "if (a > b) {}", "if (a >= b) {}");
  expect(rows).toMatchObject([
    {
      a: { segments: [{ text: "if (a " }, { text: ">", mark: "update" }, { text: " b) {}" }] },
      b: { segments: [{ text: "if (a " }, { text: ">=", mark: "update" }, { text: " b) {}" }] },
    },
  ]);
});

test("of a wrapper only its edges are marked", () => {
  const a = "f(1);\n";
  const b = "if (a) {\n  f(1);\n}\n";
  const inserted = operation("insert", { isWrapper: true, b: span(1, 1, 3, 2) });
  const { rows } = sideBySide(file(inserted), a, b);
  const marked = rows.map((row) =>
    row.kind === "lines" ? row.b?.segments.map(({ mark }) => mark) : undefined,
  );
  expect(marked).toEqual([["insert"], [undefined], ["insert"]]);
});

test("a long line is cut to what is around its marks", () => {
  const long = `a("${"x".repeat(1_000_000)}", 1, "${"y".repeat(1_000_000)}")`;
  const at = long.indexOf("1") + 1;
  const sides = { a: span(1, at, 1, at + 1), b: span(1, at, 1, at + 1) };
  const { rows } = sideBySide(file(operation("update", sides)), long, long.replace("1", "2"));
  expect(JSON.stringify(rows).length).toBeLessThan(1000);
  expect(JSON.stringify(rows)).toContain('{"text":"2","mark":"update"}');
});

test("there are no more rows than were asked for", () => {
  const b = "f();\n".repeat(100);
  const inserted = operation("insert", { b: span(1, 1, 100, 5) });
  const shown = sideBySide(file(inserted), "", b, { maxRows: 10 });
  expect(shown.rows).toHaveLength(10);
  expect(shown.rowsLeftOut).toBe(90);
});

test("each line stands in one row, in order, and equal texts line by line", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "", "e"), { maxLength: 40 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const rows = alignLines(a, b);
      expect(rows.flatMap((row) => row.a ?? [])).toEqual([...a.keys()]);
      expect(rows.flatMap((row) => row.b ?? [])).toEqual([...b.keys()]);
      expect(alignLines(a, a)).toEqual(a.map((_, at) => ({ a: at, b: at })));
    }),
  );
});

test("repetitive texts are aligned in no quadratic time", () => {
  const count = 100_000;
  const a = Array.from({ length: count }, (_, at) => (at % 2 ? "}" : `f(${at})`));
  const b = Array.from({ length: count }, (_, at) => (at % 2 ? "}" : `f(${count - at})`));
  const start = performance.now();
  expect(alignLines(a, b).length).toBeGreaterThanOrEqual(count);
  expect(performance.now() - start).toBeLessThan(3000);
});
