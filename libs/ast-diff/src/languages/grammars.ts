/** A grammar of Tree-sitter, and what the comments of its language may order a tool to do. */
export interface Grammar {
  /** The middle of the file's name: `tree-sitter-<file>.wasm`. */
  readonly file: string;
  /** Comments that change what a program does or how it is built. They are part of its normal form. */
  readonly directive?: RegExp;
}

/** Comments in a Go file that imports C hold C code. */
const goDirective = /^\/\/(?:go:|export |line | ?\+build)/;

/** By the language's name. C is read by the grammar of C++: what that one rejects is not measured. */
export const grammars: ReadonlyMap<string, Grammar> = new Map<string, Grammar>([
  ["bash", { file: "bash", directive: /^#!/ }],
  ["c", { file: "cpp" }],
  ["cpp", { file: "cpp" }],
  ["csharp", { file: "c-sharp" }],
  ["css", { file: "css" }],
  ["go", { file: "go", directive: goDirective }],
  ["java", { file: "java" }],
  ["php", { file: "php", directive: /@[A-Z]\w+/ }],
  ["powershell", { file: "powershell", directive: /^#(?:!|requires\b)/i }],
  ["python", { file: "python", directive: /^#(?:!|.*coding[:=])/ }],
  [
    "ruby",
    {
      file: "ruby",
      directive: /^#(?:!|.*(?:coding|frozen_string_literal|shareable_constant_value):)/,
    },
  ],
  ["rust", { file: "rust", directive: /^#!/ }],
]);
