import { sightings } from "./reach-sightings.ts";
import {
  constantOf,
  holds,
  lineOf,
  nameOf,
  nodeOf,
  nodesOf,
  propertyOf,
  type SyntaxNode,
  type SyntaxRule,
  textOf,
  walk,
} from "./syntax.ts";

const builtIn =
  /^(Object|Array|String|Number|Function|Promise|RegExp|Map|Set|Date)\.prototype(\.|$)/;

/** Changes what every object of the process inherits. */
function changesPrototype(node: SyntaxNode): boolean {
  if (node.type === "AssignmentExpression") {
    const name = nameOf(node["left"]);
    return (
      builtIn.test(name) || /\.__proto__\./.test(name) || /\.constructor\.prototype\./.test(name)
    );
  }
  if (node.type !== "CallExpression") return false;
  const name = nameOf(node["callee"]);
  if (!/^Object\.(assign|defineProperty|defineProperties|setPrototypeOf)$/.test(name)) return false;
  const target = nameOf(nodesOf(node["arguments"])[0]);
  return builtIn.test(target) || target.endsWith(".__proto__");
}

const isLoop = (node: SyntaxNode) =>
  node.type === "ForInStatement" || node.type === "ForOfStatement";
const guarded = /__proto__|hasOwn|Object\.create\(null\)|structuredClone/;

/** `into[key] = merge(into[key], from[key])` in a loop over keys, with nothing to stop `__proto__`. */
function mergesUnguarded(node: SyntaxNode, text: string): boolean {
  if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
    return false;
  const { range } = node as { range?: [number, number] };
  if (!range || guarded.test(text.slice(...range))) return false;
  const hasLoop = holds(
    node,
    (each) => isLoop(each) || /\.(forEach|entries\(\)\.forEach)$/.test(nameOf(each["callee"])),
  );
  return hasLoop && holds(node, (each) => isDeepSet(each, nameOf(node["id"])));
}

function isDeepSet(node: SyntaxNode, own: string): boolean {
  if (node.type === "CallExpression" && own !== "(…)" && nameOf(node["callee"]) === own) {
    // The function calls itself on a part of its own target.
    const [first] = nodesOf(node["arguments"]);
    return (
      first?.type === "MemberExpression" &&
      first["computed"] === true &&
      propertyOf(first) === undefined
    );
  }
  if (node.type !== "AssignmentExpression") return false;
  const left = nodeOf(node["left"]);
  // `target[a][b] = value`: two steps into an object, both chosen by the caller.
  const inner = nodeOf(left?.["object"]);
  const isComputed = (each: SyntaxNode | undefined) =>
    each?.type === "MemberExpression" &&
    each["computed"] === true &&
    nodeOf(each["property"])?.type === "Identifier";
  return isComputed(left) && isComputed(inner);
}

const isTrue = (value: unknown) => {
  const node = nodeOf(value);
  if (node?.type === "UnaryExpression" && node["operator"] === "!")
    return (
      nodeOf(node["argument"])?.["value"] === 0 || nodeOf(node["argument"])?.["value"] === false
    );
  return node?.type === "Literal" && (node["value"] === true || node["value"] === 1);
};
const isUntrue = (value: unknown) => {
  const node = nodeOf(value);
  if (node?.type === "UnaryExpression" && node["operator"] === "!") return isTrue(node["argument"]);
  return node?.type === "Literal" && (node["value"] === false || node["value"] === 0);
};

/** A condition that says nothing: what it guarded is open, or gone. */
function decidesNothing(node: SyntaxNode): boolean {
  if (node.type === "LogicalExpression") {
    const { operator, left, right } = node;
    return (
      (operator === "||" && isTrue(left)) ||
      (operator === "&&" && isUntrue(left)) ||
      (operator === "||" && isBooleanTest(left) && isTrue(right))
    );
  }
  return node.type === "IfStatement" && (isTrue(node["test"]) || isUntrue(node["test"]));
}

/** A comparison or a question; `options.flag || true` is a default, odd but common. */
const isBooleanTest = (value: unknown) => {
  const node = nodeOf(value);
  return (
    node?.type === "BinaryExpression" ||
    node?.type === "CallExpression" ||
    node?.type === "UnaryExpression"
  );
};

/** Signatures that anyone can make, tokens that never end. */
function trustsAnyone(node: SyntaxNode): boolean {
  if (node.type !== "Property") return false;
  const name = propertyOf(node);
  if (name === "ignoreExpiration" || name === "allowInsecureKeySizes") return isTrue(node["value"]);
  const value = nodeOf(node["value"]);
  const values =
    value?.type === "ArrayExpression" ? nodesOf(value["elements"]) : value ? [value] : [];
  return (
    (name === "algorithms" || name === "algorithm" || name === "alg") &&
    values.some((each) => constantOf(each)?.toLowerCase() === "none")
  );
}

/** Names and texts of machine-made disguise; a long text that is decoded only when it runs. */
function isDisguised(node: SyntaxNode): boolean {
  if (node.type === "Identifier") return /^_0x[0-9a-f]{4,}$/.test(node["name"] as string);
  if (node.type !== "CallExpression") return false;
  const [first] = nodesOf(node["arguments"]);
  const name = nameOf(node["callee"]);
  if (name === "String.fromCharCode")
    return nodesOf(node["arguments"]).filter(({ type }) => type === "Literal").length > 8;
  const decodes =
    name === "atob" ||
    (name === "Buffer.from" &&
      /^(base64|hex)/.test(constantOf(nodesOf(node["arguments"])[1]) ?? ""));
  return decodes && (constantOf(first)?.length ?? 0) > 40;
}

/** Tricks: code that does other than it seems to. */
export const trickRules: readonly SyntaxRule[] = [
  {
    voice: {
      ruleId: "prototype-pollution",
      severity: "error",
      isHard: false,
      message: "what every object inherits can be changed, here or by whoever chooses the keys",
      remedy: "use a Map, or refuse keys that lead to a prototype",
    },
    see: (program, text) => {
      const changed = sightings(changesPrototype)(program, text);
      const merged: { key: string; line: number }[] = [];
      walk(program, (node) => {
        if (mergesUnguarded(node, text))
          merged.push({
            key: `merge ${nameOf(node["id"])}${textOf(node, text)}`,
            line: lineOf(node),
          });
      });
      return [...changed, ...merged];
    },
  },
  {
    voice: {
      ruleId: "constant-condition",
      severity: "error",
      isHard: false,
      message: "a condition is always true, or never",
      remedy: "leave out the condition, or the code it keeps from running",
    },
    see: sightings(decidesNothing),
    isFineInTests: true,
  },
  {
    voice: {
      ruleId: "weak-authentication",
      severity: "error",
      isHard: true,
      message: "tokens are accepted that anyone can make, or that have run out",
      remedy: "name the algorithms that are trusted, and check when a token ends",
    },
    see: sightings(trustsAnyone),
    isFineInTests: true,
  },
  {
    voice: {
      ruleId: "disguised-code",
      severity: "error",
      isHard: false,
      message: "names or texts are disguised, so that nobody can read what the code does",
      remedy: "write it so that it can be read",
    },
    see: sightings(isDisguised),
  },
];
