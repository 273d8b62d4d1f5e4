/** Languages with a grammar here; the value is what the parser is told. */
const codeExtensions: ReadonlyMap<string, string> = new Map([
  ["ts", "typescript"],
  ["mts", "typescript"],
  ["cts", "typescript"],
  ["tsx", "tsx"],
  ["js", "javascript"],
  ["mjs", "javascript"],
  ["cjs", "javascript"],
  ["jsx", "jsx"],
]);

const otherExtensions: ReadonlyMap<string, string> = new Map([
  ["json", "json"],
  ["jsonc", "json"],
  ["md", "markdown"],
  ["markdown", "markdown"],
  ["txt", "text"],
  ["rst", "text"],
  ["adoc", "text"],
  ["sql", "sql"],
  ["prisma", "prisma"],
  ["yml", "yaml"],
  ["yaml", "yaml"],
  ["tf", "terraform"],
  ["sh", "shell"],
  ["py", "python"],
  ["go", "go"],
]);

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

/** The language of a path by its extension; `unknown` when it says nothing. */
export function languageOf(path: string): string {
  const extension = extensionOf(path);
  return codeExtensions.get(extension) ?? otherExtensions.get(extension) ?? "unknown";
}

/** Whether a file of this path can be parsed here. */
export function hasGrammar(path: string): boolean {
  return codeExtensions.has(extensionOf(path));
}
