/** Languages the JavaScript parsers read. */
const scriptLanguages: ReadonlySet<string> = new Set(["typescript", "tsx", "javascript", "jsx"]);

/** Extensions by language, in lower case and without the dot. */
const extensionsOf: Readonly<Record<string, string>> = {
  typescript: "ts mts cts",
  tsx: "tsx",
  javascript: "js mjs cjs",
  jsx: "jsx",
  bash: "sh bash",
  c: "c h",
  cpp: "cc cpp cxx c++ hh hpp hxx h++ ipp inl",
  csharp: "cs csx",
  css: "css",
  go: "go",
  java: "java",
  json: "json geojson webmanifest",
  jsonc: "jsonc code-workspace",
  markdown: "md markdown",
  php: "php phtml",
  powershell: "ps1 psm1 psd1",
  prisma: "prisma",
  python: "py pyi pyw",
  ruby: "rb rake gemspec ru podspec",
  rust: "rs",
  sql: "sql",
  terraform: "tf tfvars",
  text: "txt rst adoc",
  yaml: "yml yaml",
};

/** Names that say more than their extension, or have none; in lower case. First match wins. */
const names: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/^[jt]sconfig(?:\.[\w-]+)*\.json$|^\.(?:eslintrc|swcrc|babelrc|oxlintrc)(?:\.json)?$/, "jsonc"],
  [/^(?:devcontainer|launch|extensions|settings|keybindings)\.json$/, "jsonc"],
  [/^\.(?:bashrc|bash_profile|bash_aliases|profile|envrc)$/, "bash"],
  [/^(?:gemfile|rakefile|podfile|vagrantfile|guardfile|fastfile|brewfile)$/, "ruby"],
  [/^\.clang-(?:format|tidy)$/, "yaml"],
];

const languages: ReadonlyMap<string, string> = new Map(
  Object.entries(extensionsOf).flatMap(([language, extensions]) =>
    extensions.split(" ").map((extension) => [extension, language] as const),
  ),
);

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The extension of a path in lower case, without the dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = fileName(path);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The language of a path by its name, else by its extension; `unknown` when they say nothing. */
export function languageOf(path: string): string {
  const name = fileName(path).toLowerCase();
  const known = names.find(([pattern]) => pattern.test(name));
  return known?.[1] ?? languages.get(extensionOf(path)) ?? "unknown";
}

/** All languages that are told by an extension. */
export function knownLanguages(): { name: string; extensions: readonly string[] }[] {
  return Object.entries(extensionsOf).map(([name, extensions]) => ({
    name,
    extensions: extensions.split(" "),
  }));
}

/** Whether the JavaScript parsers read files of this path. */
export function isScript(path: string): boolean {
  return scriptLanguages.has(languageOf(path));
}

/** Whether a file of TypeScript only says what is declared elsewhere. */
export function isDeclaration(path: string): boolean {
  return /\.d\.[cm]?ts$/i.test(path);
}
