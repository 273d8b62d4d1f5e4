/** What diffs cost with one parser, as JSON: `diff-parser-cost.ts PARSER PAIR...`. For `benchParsers`. */
import { loadParsers } from "@council/ast-diff/testing";
import { corpusText, pairs } from "./diff-corpora.ts";
import { asPath, costOfDiff } from "./diff-engine.ts";

const [parser = "", ...names] = process.argv.slice(2);
const parse = await loadParsers(parser as Parameters<typeof loadParsers>[0]);
const costs = names.map((name) => {
  const { a, b } = pairs.find((pair) => pair.name === name)!;
  return costOfDiff(parse, asPath(a), corpusText(a), corpusText(b), 12);
});
console.log(JSON.stringify(costs));
