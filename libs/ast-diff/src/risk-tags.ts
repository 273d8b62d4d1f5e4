import { destroysData } from "./path-risk.ts";
import type { Feature, FeatureKind } from "./touches.ts";

/** Modules that reach outside the program, by what they reach; JavaScript first, then the others. */
const moduleTags: readonly (readonly [string, RegExp])[] = [
  ["process-execution", /^(?:node:)?child_process$|^(?:execa|shelljs|cross-spawn|zx)$/],
  [
    "process-execution",
    /^(?:subprocess|pty|pexpect|sh|os\/exec|syscall|open3|std\.process|System\.Diagnostics)\b|^(?:spawn|unistd|sys\/ptrace)\.h$/,
  ],
  [
    "dynamic-code",
    /^(?:node:)?(?:vm|module|worker_threads|inspector)(?:\/|$)|^\(computed\)$|^vm2$/,
  ],
  [
    "dynamic-code",
    /^(?:importlib|pickle|marshal|shelve|ctypes|cffi|plugin|unsafe|libloading|dlfcn\.h)\b|^(?:java\.lang\.reflect|System\.Reflection)\b/,
  ],
  [
    "network",
    /^(?:node:)?(?:https?|http2|net|tls|dgram|dns)(?:\/|$)|^(?:axios|undici|got|node-fetch|ws)$/,
  ],
  [
    "network",
    /^(?:requests|urllib\d?|httpx|aiohttp|socket|ftplib|smtplib|paramiko|reqwest|hyper|faraday|std\.net|tokio\.net|java\.net|System\.Net)\b|^net\/|^(?:sys\/socket|curl\/curl|netdb)\.h$/,
  ],
  ["file-system", /^(?:node:)?fs(?:\/|$)|^(?:fs-extra|graceful-fs|rimraf|del)$/],
  [
    "file-system",
    /^(?:shutil|pathlib|tempfile|fileutils|std\.fs|tokio\.fs|java\.nio\.file|java\.io|System\.IO)\b/,
  ],
  ["cryptography", /^(?:node:)?crypto$|^(?:bcrypt|jsonwebtoken|jose)$/],
  [
    "cryptography",
    /^(?:hashlib|hmac|secrets|cryptography|Crypto|openssl|ring|rustls|javax\.crypto|java\.security|System\.Security)\b|^crypto\//,
  ],
];

const callTags: readonly (readonly [string, RegExp])[] = [
  [
    "dynamic-code",
    /^(?:globalThis\.|window\.)?(?:eval|Function|require|setTimeout\.constructor)$|\.constructor\.constructor$/,
  ],
  [
    "dynamic-code",
    /^(?:__import__|unserialize|create_function|iex|Invoke-Expression|Class\.forName)$|(?:^|\.)(?:instance_eval|class_eval|module_eval|dlopen)$|^(?:pickle|marshal|yaml)\.loads?$/,
  ],
  ["process-execution", /(?:^|\.)(?:exec|spawn|execFile|fork)(?:Sync)?$/],
  [
    "process-execution",
    /^(?:os\.(?:system|popen|exec\w*|spawn\w*)|subprocess\.\w+|exec\.Command(?:Context)?|Command\.new|system|popen|shell_exec|passthru|proc_open|sudo|xargs|Process\.Start|Start-Process)\b|getRuntime|ProcessBuilder/,
  ],
  ["process-exit", /^process\.(?:exit|kill|abort)$/],
  [
    "process-exit",
    /^(?:sys\.exit|os\._exit|os\.Exit|System\.exit|(?:std\.)?process\.exit|exit|die|abort)$/,
  ],
  [
    "network",
    /^(?:globalThis\.|window\.)?(?:fetch|XMLHttpRequest|WebSocket|EventSource)$|^navigator\.sendBeacon$/,
  ],
  [
    "network",
    /^(?:curl|wget|nc|ncat|ssh|scp|rsync|curl_exec|fsockopen|Invoke-WebRequest|Invoke-RestMethod)$|^(?:requests|httpx|http|urllib)\.\w+/,
  ],
  ["file-system", /(?:^|\.)(?:rm|unlink|rmdir|writeFile|appendFile|chmod|rename)(?:Sync)?$/],
  [
    "file-system",
    /^(?:os\.(?:remove|removedirs|Remove|RemoveAll|WriteFile|Chmod)|shutil\.rmtree|rmtree|fs\.(?:remove\w*|write)|file_put_contents|mv|dd|chown|mkfs\w*|File\.(?:delete|write|Delete|WriteAllText)|Remove-Item)$/,
  ],
  [
    "environment",
    /^(?:os\.(?:getenv|environ\S*|Getenv|LookupEnv)|System\.getenv|(?:std\.)?env\.var|getenv)$/,
  ],
  ["tests-weakened", /^(?:(?:it|test|describe)\.(?:skip|only|todo|fails)|xit|xtest|xdescribe)$/],
  [
    "tests-weakened",
    /^(?:(?:unittest|pytest|self|t|b)\.(?:skip\w*|Skip\w*|xfail)|markTestSkipped)$/,
  ],
  [
    "data-destroying",
    /\.(?:dropTable|dropColumn|dropTableIfExists|dropSchema|dropDatabase|dropCollection|alterTable|renameColumn|removeColumn|changeColumn|truncate|deleteMany)$/,
  ],
  [
    "data-destroying",
    /(?:^|\.)(?:drop_(?:table|column|database|schema)|remove_columns?|rename_(?:table|column)|alter_column|change_column|delete_all|destroy_all|DeleteModel|RemoveField|RenameField|RenameModel|AlterField|DropTable|DropColumn|DropCollection|delete_many)$/,
  ],
];

/** Marks on a declaration that keep a test from running. */
const skippingMark = /(?:^|\.)(?:skip\w*|ignore|Ignore|Disabled|xfail)\b/;

const suppression =
  /@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint|biome|tslint)[:-](?:disable|ignore)|(?:istanbul|c8|v8) ignore|noinspection|nosec|nosemgrep|codeql\[|# *(?:noqa|type: *ignore|pyright:|pylint: *disable|pragma: *no cover|rubocop: *disable|shellcheck disable)|\/\/ *nolint|@SuppressWarnings|#!?\[allow\(|#pragma warning disable|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress/g;
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
  if (kind === "member") return /^(?:process\.env|os\.environ)\b/.test(name) ? ["environment"] : [];
  if (kind === "decorator") return skippingMark.test(name) ? ["tests-weakened"] : [];
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
