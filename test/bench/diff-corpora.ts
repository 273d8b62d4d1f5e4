/** Real packages to compare, installed by exact version, without running their scripts. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const versions: Readonly<Record<string, string>> = {
  "lodash-a": "npm:lodash@4.17.20",
  "lodash-b": "npm:lodash@4.17.21",
  "zod-a": "npm:zod@3.22.3",
  "zod-b": "npm:zod@3.22.4",
  "axios-a": "npm:axios@1.6.0",
  "axios-b": "npm:axios@1.6.1",
  "vue-a": "npm:vue@3.4.20",
  "vue-b": "npm:vue@3.4.21",
  "d3-a": "npm:d3@7.8.4",
  "d3-b": "npm:d3@7.8.5",
  "express-a": "npm:express@4.18.1",
  "react-dom-a": "npm:react-dom@17.0.2",
  "react-dom-b": "npm:react-dom@18.2.0",
  "react-dom-c": "npm:react-dom@18.3.1",
  "typescript-a": "npm:typescript@5.3.3",
  "typescript-b": "npm:typescript@5.4.4",
  "typescript-c": "npm:typescript@5.4.5",
  jquery: "3.7.1",
  semver: "7.6.0",
  // What the engine is measured beside and with.
  "@babel/generator": "7.29.1",
  "@babel/parser": "7.29.0",
  "@typescript-eslint/typescript-estree": "8.73.0",
  diff: "9.0.0",
  prettier: "3.6.2",
  terser: "5.44.0",
  typescript: "6.0.3",
};

const folder = join(import.meta.dirname, "..", "..", ".council", "corpora");

/** Installs what is missing; needs the npm registry the first time. */
export function installCorpora(): void {
  const manifest = `${JSON.stringify({ name: "corpora", private: true, dependencies: versions }, null, 2)}\n`;
  const file = join(folder, "package.json");
  const stamp = join(folder, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
  execFileSync("npm", words, { cwd: folder, stdio: "inherit" });
  writeFileSync(stamp, manifest);
}

/** The path of a file of a package. */
export function corpusPath(file: string): string {
  return join(folder, "node_modules", file);
}

export function corpusText(file: string): string {
  return readFileSync(corpusPath(file), "utf8");
}

export interface CorpusPair {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

/** Two versions of one file each. */
export const pairs: readonly CorpusPair[] = [
  { name: "lodash 4.17.20-21", a: "lodash-a/lodash.js", b: "lodash-b/lodash.js" },
  { name: "zod 3.22.3-4", a: "zod-a/lib/index.umd.js", b: "zod-b/lib/index.umd.js" },
  { name: "axios 1.6.0-1", a: "axios-a/dist/axios.js", b: "axios-b/dist/axios.js" },
  { name: "vue 3.4.20-21", a: "vue-a/dist/vue.global.js", b: "vue-b/dist/vue.global.js" },
  { name: "d3 7.8.4-5", a: "d3-a/dist/d3.js", b: "d3-b/dist/d3.js" },
  {
    name: "react-dom 18.2-18.3",
    a: "react-dom-b/cjs/react-dom.development.js",
    b: "react-dom-c/cjs/react-dom.development.js",
  },
  {
    name: "react-dom 17-18",
    a: "react-dom-a/cjs/react-dom.development.js",
    b: "react-dom-b/cjs/react-dom.development.js",
  },
  {
    name: "typescript 5.4.4-5",
    a: "typescript-b/lib/typescript.js",
    b: "typescript-c/lib/typescript.js",
  },
  {
    name: "typescript 5.3-5.4",
    a: "typescript-a/lib/typescript.js",
    b: "typescript-c/lib/typescript.js",
  },
];
