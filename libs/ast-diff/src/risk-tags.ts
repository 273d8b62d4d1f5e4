import { destroysData } from "./path-risk.ts";
import type { Feature, FeatureKind } from "./touches.ts";

/** Modules that reach outside the program, by what they reach. */
const moduleTags: readonly (readonly [string, RegExp])[] = [
  ["process-execution", /^(?:node:)?child_process$|^(?:execa|shelljs|cross-spawn|zx)$/],
  [
    "dynamic-code",
    /^(?:node:)?(?:vm|module|worker_threads|inspector)(?:\/|$)|^\(computed\)$|^vm2$/,
  ],
  [
    "network",
    /^(?:node:)?(?:https?|http2|net|tls|dgram|dns)(?:\/|$)|^(?:axios|undici|got|node-fetch|ws)$/,
  ],
  ["file-system", /^(?:node:)?fs(?:\/|$)|^(?:fs-extra|graceful-fs|rimraf|del)$/],
  ["cryptography", /^(?:node:)?crypto$|^(?:bcrypt|jsonwebtoken|jose)$/],
];

const callTags: readonly (readonly [string, RegExp])[] = [
  [
    "dynamic-code",
    /^(?:globalThis\.|window\.)?(?:eval|Function|require|setTimeout\.constructor)$|\.constructor\.constructor$/,
  ],
  ["process-execution", /(?:^|\.)(?:exec|spawn|execFile|fork)(?:Sync)?$/],
  ["process-exit", /^process\.(?:exit|kill|abort)$/],
  [
    "network",
    /^(?:globalThis\.|window\.)?(?:fetch|XMLHttpRequest|WebSocket|EventSource)$|^navigator\.sendBeacon$/,
  ],
  ["file-system", /(?:^|\.)(?:rm|unlink|rmdir|writeFile|appendFile|chmod|rename)(?:Sync)?$/],
  ["tests-weakened", /^(?:(?:it|test|describe)\.(?:skip|only|todo|fails)|xit|xtest|xdescribe)$/],
  [
    "data-destroying",
    /\.(?:dropTable|dropColumn|dropTableIfExists|dropSchema|dropDatabase|dropCollection|alterTable|renameColumn|removeColumn|changeColumn|truncate|deleteMany)$/,
  ],
];

const suppression =
  /@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint|biome|tslint)[:-](?:disable|ignore)|(?:istanbul|c8|v8) ignore|noinspection|nosec|nosemgrep|codeql\[/g;
const testCall = /^(?:it|test|describe)$/;
// Signs that reorder or hide text on screen, so that a reader sees other code than the machine.
const hiddenText = /[\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\u2060\uFEFF]/g;

/** Tags for what a change adds to or takes from a parsed file. */
export function tagsOfFeatures(features: readonly Feature[]): string[] {
  const tags = new Set<string>();
  for (const { kind, name, count } of features) {
    for (const tag of count > 0 ? addedTags(kind, name) : removedTags(kind, name)) tags.add(tag);
    if (kind === "try") tags.add("error-handling");
    if (kind === "decorator") tags.add("decorator");
  }
  return [...tags];
}

function addedTags(kind: FeatureKind, name: string): string[] {
  if (kind === "import") return matching(moduleTags, name);
  if (kind === "call") return matching(callTags, name);
  if (kind === "literal") return destroysData(readable(name)) ? ["data-destroying"] : [];
  if (kind === "member") return name.startsWith("process.env") ? ["environment"] : [];
  return kind === "type-escape" ? ["type-escape"] : [];
}

function removedTags(kind: FeatureKind, name: string): string[] {
  if (kind === "throw") return ["error-handling"];
  return kind === "call" && testCall.test(name) ? ["tests-weakened"] : [];
}

function matching(table: readonly (readonly [string, RegExp])[], name: string): string[] {
  return table.filter(([, pattern]) => pattern.test(name)).map(([tag]) => tag);
}

/** A string label holds escapes; a search for words has to see the characters. */
function readable(label: string): string {
  return label.replace(/\\[nrt]/g, " ");
}

/** Tags for what the text says beside the syntax: comments and signs no reader sees. */
export function tagsOfText(base: string, candidate: string): string[] {
  const more = (pattern: RegExp) =>
    (candidate.match(pattern)?.length ?? 0) > (base.match(pattern)?.length ?? 0);
  return [
    ...(more(suppression) ? ["suppression"] : []),
    ...(more(hiddenText) ? ["hidden-text"] : []),
  ];
}
