/**
 * What comes in from outside and goes where it must not: the file system, a database's language,
 * another server. Told by the usual names of requests, and by variables set from them in the file.
 */
import { sightings } from "./reach-sightings.ts";
import type { RuleVoice } from "./rule.ts";
import { nameOf, nodeOf, nodesOf, type SyntaxNode, type SyntaxRule, walk } from "./syntax.ts";

const source =
  /^(req|request|ctx|context|event|koa|c|this\.(req|request|ctx))(\.(req|request))?\.(params|query|body|headers|cookies|url|path|originalUrl|queryStringParameters|pathParameters|rawBody)\b|\.searchParams\.get\(\)$/;
/** What makes of any text one that is harmless as part of a path, a statement or an address. */
const cleaner =
  /(^|\.)(basename|encodeURIComponent|encodeURI|escape|escapeId|Number|parseInt|parseFloat|quote|sanitize\w*|safeParse|validate\w*|parse|test|includes|has|get)$/;

/** What a value of each kind is made of. */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  TemplateLiteral: ["expressions"],
  LogicalExpression: ["left", "right"],
  ConditionalExpression: ["consequent", "alternate"],
  AwaitExpression: ["argument"],
  TSAsExpression: ["expression"],
  TSNonNullExpression: ["expression"],
  ChainExpression: ["expression"],
  ObjectExpression: ["properties"],
  Property: ["value"],
  SpreadElement: ["argument"],
  ArrayExpression: ["elements"],
  MemberExpression: ["object"],
};

/** Whether a value is, or is made of, what came in. `names` are variables that hold it. */
function isInput(value: unknown, names: ReadonlySet<string>, depth = 0): boolean {
  const node = nodeOf(value);
  if (!node || depth > 30) return false;
  const again = (each: unknown) => isInput(each, names, depth + 1);
  if (node.type === "Identifier") return names.has(node["name"] as string);
  if (node.type === "BinaryExpression")
    return node["operator"] === "+" && (again(node["left"]) || again(node["right"]));
  if (node.type === "CallExpression") return isInputOfCall(node, again);
  if (node.type === "MemberExpression" && source.test(nameOf(node))) return true;
  return (partsOf[node.type] ?? []).some((part) =>
    Array.isArray(node[part]) ? nodesOf(node[part]).some(again) : again(node[part]),
  );
}

function isInputOfCall(node: SyntaxNode, again: (value: unknown) => boolean): boolean {
  if (source.test(nameOf(node))) return true;
  const callee = nodeOf(node["callee"]);
  if (cleaner.test(nameOf(callee))) return false;
  // `name.trim()` is what `name` is.
  return nodesOf(node["arguments"]).some(again) || again(callee?.["object"]);
}

/** Variables of the file that hold what came in; two rounds, so that one may be set from another. */
function inputNames(program: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (let round = 0; round < 2; round += 1)
    walk(program, (node) => {
      if (node.type !== "VariableDeclarator" || !isInput(node["init"], names)) return;
      for (const name of boundNames(nodeOf(node["id"]))) names.add(name);
    });
  return names;
}

function boundNames(pattern: SyntaxNode | undefined): string[] {
  if (pattern?.type === "Identifier") return [pattern["name"] as string];
  if (pattern?.type !== "ObjectPattern") return [];
  return nodesOf(pattern["properties"]).flatMap((each) => boundNames(nodeOf(each["value"])));
}

const files =
  /^(fs|fsp|fsPromises|promises|fs\.promises|fse)\.\w+$|^(readFile|writeFile|appendFile|unlink|rm|rmdir|mkdir|createReadStream|createWriteStream|readFileSync|writeFileSync|unlinkSync|rmSync|open|stat|access|cp|rename)$|(^|\.)(sendFile|download|sendfile)$/;
const paths = /^(path\.|path\.posix\.)?(join|resolve|normalize)$/;
const queries =
  /(^|\.)(query|execute|raw|whereRaw|orderByRaw|\$queryRawUnsafe|\$executeRawUnsafe|literal|exec|prepare)$/;
const requests =
  /^(fetch|got|axios|request|needle|undici\.(request|fetch))$|^(axios|got|http|https|superagent|needle)\.(get|post|put|patch|delete|request|head)$/;

const isJoined = (node: SyntaxNode | undefined) =>
  node?.type === "TemplateLiteral" ||
  node?.type === "BinaryExpression" ||
  node?.type === "Identifier";

interface Sink {
  readonly voice: RuleVoice;
  readonly isReached: (
    name: string,
    node: SyntaxNode,
    isBad: (value: unknown) => boolean,
  ) => boolean;
}

const sinks: readonly Sink[] = [
  {
    voice: {
      ruleId: "path-from-input",
      severity: "error",
      isHard: false,
      message: "a path is built from what a request says",
      remedy: "take the base name only, or look the file up in a fixed list",
    },
    isReached: (name, node, isBad) =>
      (files.test(name) || paths.test(name)) &&
      nodesOf(node["arguments"])
        .slice(0, paths.test(name) ? 10 : 2)
        .some(isBad),
  },
  {
    voice: {
      ruleId: "query-from-input",
      severity: "error",
      isHard: false,
      message: "a statement for a database is put together from what a request says",
      remedy: "pass the values as parameters",
    },
    isReached: (name, node, isBad) => {
      const [first] = nodesOf(node["arguments"]);
      return queries.test(name) && isJoined(first) && isBad(first);
    },
  },
  {
    voice: {
      ruleId: "request-from-input",
      severity: "error",
      isHard: false,
      message: "another server is asked whose address a request chooses",
      remedy: "choose the address from a fixed list",
    },
    isReached: (name, node, isBad) => requests.test(name) && isBad(nodesOf(node["arguments"])[0]),
  },
];

export const inputRules: readonly SyntaxRule[] = sinks.map(({ voice, isReached }) => ({
  voice,
  isFineInTests: true,
  see: (program, text) => {
    const names = inputNames(program);
    const isBad = (value: unknown) => isInput(value, names);
    return sightings(
      (node) => node.type === "CallExpression" && isReached(nameOf(node["callee"]), node, isBad),
    )(program, text);
  },
}));
