import fc from "fast-check";
import { expect, it } from "vitest";
import { boundedOutput } from "./bounded-output.ts";

const collect = (maxBytes: number, chunks: readonly string[]) => {
  const seen: string[] = [];
  const output = boundedOutput(maxBytes, (text) => seen.push(text));
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return { text: output.text(), isTruncated: output.isTruncated(), seen: seen.join("") };
};

it("keeps a short output whole and the ends of a long one", () => {
  expect(collect(10, ["01234", "56789"])).toMatchObject({ text: "0123456789", isTruncated: false });
  expect(collect(10, ["0123456789abcdefghij"])).toEqual({
    text: "01234\n[… 10 bytes left out …]\nfghij",
    isTruncated: true,
    seen: "0123456789",
  });
});

it("does not depend on how the output is cut into chunks", () => {
  const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 60 });
  fc.assert(
    fc.property(fc.array(ascii), fc.integer({ min: 1, max: 100 }), (chunks, maxBytes) => {
      const whole = chunks.join("");
      const { text, isTruncated, seen } = collect(maxBytes, chunks);
      expect(text).toBe(collect(maxBytes, [whole]).text);
      expect(isTruncated).toBe(whole.length > maxBytes);
      expect(seen).toBe(whole.slice(0, maxBytes));
      expect(text === whole).toBe(!isTruncated);
    }),
  );
});
