import type { ParserPlugin } from "@babel/parser";
import type { Node, SourceFile } from "typescript";
import type { ParserName } from "./diff-result.ts";
import { extensionOf, isDeclaration } from "./language.ts";

/** An ESTree node as the parser gives it: nothing about it is taken for granted. */
export interface SyntaxNode {
  readonly type: string;
  readonly [property: string]: unknown;
}

export type Parsed =
  | { readonly kind: "parsed"; readonly program: SyntaxNode }
  | { readonly kind: "failed"; readonly reason: "parse-error" | "too-deep" };

export type Parse = (path: string, text: string) => Parsed;

const loading = new Map<ParserName, Promise<Parse>>();

const loaders: Readonly<Record<ParserName, () => Promise<Parse>>> = {
  "typescript-estree": loadTypescript,
  babel: loadBabel,
  oxc: loadOxc,
};

/**
 * Loads a parser on first use, so that importing this package costs no memory.
 * The promise is shared; call it early to warm a worker up.
 */
export function loadParsers(parser: ParserName = "typescript-estree"): Promise<Parse> {
  const known = loading.get(parser) ?? loaders[parser]();
  loading.set(parser, known);
  return known;
}

/** What a parser throws is a fact about the input: deep input ends in a full stack. */
function attempt(parse: (path: string, text: string) => unknown): Parse {
  return (path, text) => {
    try {
      const program = parse(path, text);
      return isSyntaxNode(program)
        ? { kind: "parsed", program }
        : { kind: "failed", reason: "parse-error" };
    } catch (error) {
      return { kind: "failed", reason: error instanceof RangeError ? "too-deep" : "parse-error" };
    }
  };
}

const isJavaScript = (extension: string) => /^(js|mjs|cjs|jsx)$/.test(extension);
const sourceTypes: Readonly<Record<string, "module" | "commonjs">> = {
  mjs: "module",
  cjs: "commonjs",
};

async function loadTypescript(): Promise<Parse> {
  const [typescript, toSource, checkJavaScript] = await Promise.all([
    import("@typescript-eslint/typescript-estree"),
    loadSource(),
    loadCheck(),
  ]);
  return attempt((path, text) => {
    const extension = extensionOf(path);
    // A declaration file has rules of its own.
    const filePath = `file.${isDeclaration(path) ? "d." : ""}${extension}`;
    // `loc` is never read, but the parser is much slower when told to leave it out.
    const { ast }: { ast: unknown } = typescript.parseAndGenerateServices(
      toSource(filePath, text),
      {
        filePath,
        jsx: extension === "tsx" || isJavaScript(extension),
        range: true,
        loc: true,
        errorOnUnknownASTType: true,
        jsDocParsingMode: "none",
        suppressDeprecatedPropertyWarnings: true,
        loggerFn: false,
        preserveNodeMaps: false,
      },
    );
    if (isJavaScript(extension)) checkJavaScript(extension, text);
    return ast;
  });
}

/**
 * What typescript-estree makes for itself of a text, made for it in less time: parents
 * are set without a look for JSDoc, of which there is none, and no line is worked out for the two
 * ends of each node.
 */
async function loadSource(): Promise<(filePath: string, text: string) => SourceFile> {
  const { default: ts } = await import("typescript");
  const { JS, JSX, TS, TSX } = ts.ScriptKind;
  const kinds: Readonly<Record<string, number>> = { js: JS, mjs: JS, cjs: JS, jsx: JSX, tsx: TSX };
  const options = {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  const nowhere = { line: 0, character: 0 };
  return (filePath, text) => {
    const kind = kinds[extensionOf(filePath)] ?? TS;
    const source = ts.createSourceFile(filePath, text, options, false, kind);
    source.getLineAndCharacterOfPosition = () => nowhere;
    linkParents(source, ts.forEachChild);
    return source;
  };
}

function linkParents(
  source: Node,
  forEachChild: (node: Node, visit: (child: Node) => void) => void,
) {
  const open = [source];
  let parent: Node | undefined;
  const visit = (child: Node) => {
    (child as { parent: Node | undefined }).parent = parent;
    open.push(child);
  };
  while ((parent = open.pop())) forEachChild(parent, visit);
}

/**
 * TypeScript reads in a .js file what no JavaScript engine runs: type annotations, a binding
 * declared twice. Such a file has no meaning to measure, so Babel has to accept it as well.
 */
async function loadCheck(): Promise<(extension: string, text: string) => unknown> {
  const babel = await import("@babel/parser");
  return (extension, text) =>
    babel.parse(text, {
      sourceType: sourceTypes[extension] ?? "unambiguous",
      plugins: ["jsx", "decorators"],
      // A CommonJS file has it anyway, and says so itself; a plain .js file may be one.
      ...(extension === "js" ? { allowReturnOutsideFunction: true } : {}),
      attachComment: false,
      errorRecovery: false,
    });
}

async function loadBabel(): Promise<Parse> {
  const babel = await import("@babel/parser");
  return attempt((path, text) => {
    const extension = extensionOf(path);
    const isScript = isJavaScript(extension);
    const plugins: ParserPlugin[] = ["estree", "decorators", "decoratorAutoAccessors"];
    if (isScript || extension === "tsx") plugins.push("jsx");
    if (!isScript) plugins.push(["typescript", { dts: isDeclaration(path) }]);
    return babel.parse(text, {
      sourceType: sourceTypes[extension] ?? "unambiguous",
      plugins,
      ...(extension === "js" ? { allowReturnOutsideFunction: true } : {}),
      createParenthesizedExpressions: false,
      attachComment: false,
      errorRecovery: false,
    }).program;
  });
}

async function loadOxc(): Promise<Parse> {
  const oxc = await import("oxc-parser");
  // The raw tree is handed over without JSON in between, where the platform can.
  const transfer = oxc.rawTransferSupported() ? { experimentalRawTransfer: true } : {};
  return attempt((path, text) => {
    const extension = extensionOf(path);
    const languages: Readonly<Record<string, "ts" | "tsx" | "jsx">> = { ts: "ts", tsx: "tsx" };
    const lang = isDeclaration(path)
      ? "dts"
      : isJavaScript(extension)
        ? "jsx"
        : (languages[extension] ?? "ts");
    const { program, errors } = oxc.parseSync(`file.${extension}`, text, {
      lang,
      sourceType: sourceTypes[extension] ?? "unambiguous",
      astType: "ts",
      preserveParens: false,
      showSemanticErrors: isJavaScript(extension),
      ...transfer,
    });
    return errors.length > 0 ? undefined : program;
  });
}

/** Whether a value is a node of a syntax tree. */
export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}
