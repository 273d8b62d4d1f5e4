import { extensionOf } from "./language.ts";

/** An ESTree node as the parser gives it: nothing about it is taken for granted. */
export interface SyntaxNode {
  readonly type: string;
  readonly [property: string]: unknown;
}

export type Parsed =
  | { readonly kind: "parsed"; readonly program: SyntaxNode }
  | { readonly kind: "failed"; readonly reason: "parse-error" | "too-deep" };

export type Parse = (path: string, text: string) => Parsed;

let loading: Promise<Parse> | undefined;

/**
 * Loads the parsers on first use, so that importing this package costs no memory.
 * The promise is shared; call it early to warm a worker up.
 */
export function loadParsers(): Promise<Parse> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Parse> {
  const [typescript, babel] = await Promise.all([
    import("@typescript-eslint/typescript-estree"),
    import("@babel/parser"),
  ]);

  // TypeScript reads in a .js file what no JavaScript engine runs: type annotations, a binding
  // declared twice. Such a file has no meaning to measure, so Babel has to accept it as well.
  const checkJavaScript = (extension: string, text: string): void => {
    const sourceTypes: Readonly<Record<string, "module" | "commonjs">> = {
      mjs: "module",
      cjs: "commonjs",
    };
    babel.parse(text, {
      sourceType: sourceTypes[extension] ?? "unambiguous",
      plugins: ["jsx", "decorators"],
      // A CommonJS file has it anyway, and says so itself; a plain .js file may be one.
      ...(extension === "js" ? { allowReturnOutsideFunction: true } : {}),
      attachComment: false,
      errorRecovery: false,
    });
  };

  return (path, text) => {
    const extension = extensionOf(path);
    try {
      // `loc` is needed for line numbers, and the parser is much slower when told to leave it out.
      const program: unknown = typescript.parse(text, {
        // A declaration file has rules of its own.
        filePath: `file.${/\.d\.[cm]?ts$/i.test(path) ? "d." : ""}${extension}`,
        jsx: /^(tsx|jsx|js|mjs|cjs)$/.test(extension),
        range: true,
        loc: true,
        errorOnUnknownASTType: true,
        jsDocParsingMode: "none",
        suppressDeprecatedPropertyWarnings: true,
        loggerFn: false,
      });
      if (/^(js|mjs|cjs|jsx)$/.test(extension)) checkJavaScript(extension, text);
      return isSyntaxNode(program)
        ? { kind: "parsed", program }
        : { kind: "failed", reason: "parse-error" };
    } catch (error) {
      // The parsers are recursive: deep input ends in a full stack, which is a fact about the input.
      return { kind: "failed", reason: error instanceof RangeError ? "too-deep" : "parse-error" };
    }
  };
}

/** Whether a value is a node of a syntax tree. */
export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}
