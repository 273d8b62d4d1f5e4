/**
 * What a parse of both sides costs with typescript-estree as it comes, called as its documentation
 * calls it: medians in ms of processor time as JSON, pair by pair. For `benchPairs`, in a process of its own.
 */
import { pathToFileURL } from "node:url";
import { corpusPath, corpusText, pairs } from "./diff-corpora.ts";
import { processorMsOf } from "./diff-engine.ts";
import { median } from "./report.ts";

const file = corpusPath("@typescript-eslint/typescript-estree/dist/index.js");
const { default: peer } = (await import(pathToFileURL(file).href)) as {
  default: { parse: (text: string, options: object) => unknown };
};
const options = { range: true, loc: true, jsDocParsingMode: "none", loggerFn: false };
const parse = (text: string) => peer.parse(text, options);

const costs = pairs.map(({ a, b }) => {
  const [textA, textB] = [corpusText(a), corpusText(b)];
  const isLarge = textA.length > 5e6;
  const times = Array.from({ length: isLarge ? 3 : 9 }, () =>
    // One after the other, as the engine drops the first tree before it makes the second.
    [textA, textB].reduce((sum, text) => sum + processorMsOf(() => parse(text)), 0),
  );
  return median(times.slice(isLarge ? 0 : 2));
});
console.log(JSON.stringify(costs));
