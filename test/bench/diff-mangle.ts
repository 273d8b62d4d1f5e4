/** Real files as terser writes them, with and without short names: the same programs but for names. */
import { pathToFileURL } from "node:url";
import { compareRenders } from "@council/ast-diff";
import { corpusPath, corpusText } from "./diff-corpora.ts";
import { digits } from "./report.ts";
import type { Table } from "./report.ts";

const manglable = [
  "lodash-b/lodash.js",
  "express-a/lib/router/index.js",
  "jquery/dist/jquery.js",
  "vue-b/dist/vue.global.js",
  "react-dom-b/cjs/react-dom.development.js",
  "zod-b/lib/types.js",
  "axios-b/dist/axios.js",
  "semver/classes/range.js",
  "d3-b/dist/d3.js",
];

export async function benchMangle(): Promise<Table> {
  const terser = (await import(pathToFileURL(corpusPath("terser/main.js")).href)) as {
    minify: (text: string, options: object) => Promise<{ code: string }>;
  };
  const rows: string[][] = [];
  for (const file of manglable) {
    const options = { compress: false, format: { beautify: true, ascii_only: true } };
    const [a, b] = await Promise.all(
      [false, true].map(async (mangle) => {
        const { code } = await terser.minify(corpusText(file), { ...options, mangle });
        return code;
      }),
    );
    const files = [{ path: "x.js", base: undefined, a, b }];
    const result = await compareRenders({ files, caps: { timeBudgetMs: 120_000 } });
    if (result.kind === "unmeasured") throw new Error(`${file}: ${result.reason}`);
    const { ab, atN2, atN3 } = result.facts;
    const spans = [ab, atN2.ab, atN3.ab].map(({ lo, hi }) => `${digits(lo)} to ${digits(hi)}`);
    rows.push([file, digits(result.facts.comparedNodes), ...spans, result.files[0]!.outcome]);
  }
  return {
    title: "Mangled by terser and not: distance in nodes",
    columns: ["file", "nodes", "N1", "N2", "N3", "outcome"],
    rows,
    notes: ["Both as terser writes them, without compression; N2 must be 0 and N1 must not."],
  };
}
