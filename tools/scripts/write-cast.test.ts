import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { layRows, readRecording } from "./terminal-rows.ts";
import { castFile, castOf } from "./write-cast.ts";

const options = {
  columns: 20,
  height: 3,
  command: "./council demo",
  mostPauseMs: 1000,
  mostPlayMs: 2000,
  restMs: 500,
};
const lines = (...texts: string[]) => texts.map((text, index) => ({ atMs: index * 100, text }));
const textsOf = (...texts: string[]) =>
  layRows(lines(...texts), 20).map(({ runs }) => runs.map(({ text }) => text).join("|"));

test("a line of a recording has the time of its first byte", () => {
  const recording =
    'Script started on 2026-01-02 [COMMAND="x"]\nöne\r\ntwo\r\nScript done on 2026\n';
  // "öne\r\n" is 6 bytes; "t" comes with it, "wo" later.
  const read = readRecording(Buffer.from(recording), "0.250000 7\n1.000000 4\n");
  expect(read).toEqual([
    { atMs: 250, text: "öne\r" },
    { atMs: 250, text: "two\r" },
  ]);
});

test("a timing of another format is refused", () => {
  expect(() => readRecording(Buffer.from("a\n"), "O 0.25 7\n")).toThrow("classic timing: O 0.25 7");
});

test("rows break where the terminal does, and signs take the columns they take there", () => {
  expect(textsOf("a".repeat(45))).toEqual(["a".repeat(20), "a".repeat(20), "aaaaa"]);
  const [row, next] = layRows(lines(`${"a".repeat(19)}漢e\u0301`), 20);
  expect(row!.runs).toEqual([{ column: 0, width: 19, text: "a".repeat(19), style: {} }]);
  expect(next!.runs).toEqual([{ column: 0, width: 3, text: "漢e\u0301", style: {} }]);
});

test("a style begins and ends with its escape, also on the next line", () => {
  const [first, second] = layRows(
    lines(
      "a\u001b[1mb\u001b[22m \u001b[31mred",
      "still\u001b[39m\u001b[2;92mg\u001b[0mx\u001b[38;5;1my",
    ),
    20,
  );
  const looks = [...first!.runs, ...second!.runs].map(({ text, style }) => [text, style]);
  expect(looks).toEqual([
    ["a", {}],
    ["b", { isBold: true }],
    [" ", {}],
    ["red", { colour: 1 }],
    ["still", { colour: 1 }],
    ["g", { isFaint: true, colour: 2 }],
    ["xy", {}],
  ]);
});

test("what would steer a terminal leaves nothing behind", () => {
  expect(textsOf("\u001b]8;;http://x\u0007li\u001b[2Jnk\u001b[?25l\u202e!\u0000")).toEqual([
    "link!",
  ]);
  expect(textsOf("10 %\r100 %\r")).toEqual(["100 %"]);
});

test("text is shown, never read as a part of the picture", () => {
  const cast = castOf(lines(`</text><script>&a`), { ...options, command: "<b>&" });
  expect(cast).toContain("&lt;/text&gt;&lt;script&gt;&amp;a");
  expect(cast).toContain("$ &lt;b&gt;&amp;");
  expect(cast).not.toMatch(/<script|<b>|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
});

test("a token is not in the picture", () => {
  const cast = castOf(lines("a token of this: s3cr3t"), { ...options, columns: 40 });
  expect(cast).toContain("a token of this: …<");
});

test("it plays as it was written, pauses cut short, and rests on the last screen", () => {
  const written = [0, 0, 100, 9000].map((atMs, index) => ({ atMs, text: `line ${index}` }));
  const cast = castOf(written, options);
  // 100 ms, then a pause of 1000; 500 at the end: 1600 in all.
  expect(cast).toContain("rows 1600ms step-end infinite");
  expect(cast).toContain(
    "@keyframes rest{0.000%{transform:translateY(38px)}6.250%{transform:translateY(57px)}68.750%",
  );
  expect(cast).toContain("68.750%{transform:translateY(-19px)}to{transform:translateY(-19px)}");
  const still = cast.split("@media(prefers-reduced-motion:no-preference)")[0]!;
  expect(still).toContain(".rows{transform:translateY(-19px)}.rest{transform:translateY(57px)}");
  expect(still).not.toContain("animation");
});

test("a long recording is sped up to the longest play", () => {
  const written = Array.from({ length: 11 }, (_, index) => ({ atMs: index * 900, text: "x" }));
  expect(castOf(written, options)).toContain("rows 2500ms step-end infinite");
});

test("docs/images/demo.svg ends with a demo whose every check held, in less than 300 kB", async () => {
  const picture = await readFile(castFile, "utf8");
  expect(picture.length).toBeLessThan(300_000);
  const texts = [...picture.matchAll(/<text [^>]+>([^<]*)<\/text>/g)].map((match) => match[1]!);
  expect(texts.at(-1)).toMatch(/^ok {4}/);
  expect(texts.filter((text) => text.startsWith("FAIL"))).toEqual([]);
});
