import { childProcess, disabledTls, dynamicCode } from "./code-rules.ts";
import type { RuleVoice } from "./rule.ts";
import {
  constantOf,
  isNode,
  lineOf,
  nameOf,
  nodeOf,
  nodesOf,
  propertyOf,
  type Sighting,
  type SyntaxNode,
  type SyntaxRule,
  textOf,
  walk,
} from "./syntax.ts";

/** Collects the nodes of a program that `isFound` takes. */
export function sightings(
  isFound: (node: SyntaxNode, parent: SyntaxNode | undefined) => boolean,
): SyntaxRule["see"] {
  return (program, text) => {
    const seen: Sighting[] = [];
    walk(program, (node, parent) => {
      if (isFound(node, parent)) seen.push({ key: textOf(node, text), line: lineOf(node) });
    });
    return seen;
  };
}

const isCall = (node: SyntaxNode) =>
  node.type === "CallExpression" || node.type === "NewExpression";
const firstArgument = (node: SyntaxNode) => nodesOf(node["arguments"])[0];
const globals = /^(globalThis|window|global|self|frames|parent|top)$/;

/** Whether an identifier stands for its value here, and is not a property's or a declaration's name. */
function isReference(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (!parent) return true;
  if (parent.type.startsWith("TS")) return false;
  if (parent["property"] === node || parent["key"] === node) return parent["computed"] === true;
  return parent["id"] !== node && !nodesOf(parent["params"]).includes(node);
}

/** `eval` under any name: called, handed on, reached through the global object or a constructor. */
function runsText(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type === "Identifier") return node["name"] === "eval" && isReference(node, parent);
  if (node.type === "MemberExpression") {
    const name = propertyOf(node);
    const isAny = name === undefined || name === "eval" || name === "Function";
    return isAny && globals.test(nameOf(node["object"]));
  }
  return isCall(node) && isCallOnText(nameOf(node["callee"]), firstArgument(node));
}

function isCallOnText(name: string, first: SyntaxNode | undefined): boolean {
  if (/^Function$|^vm2?\.\w+$|\.(runIn\w+Context|compileFunction)$/.test(name)) return true;
  if (/\.constructor(\.constructor)?(\.(call|apply|bind))?$/.test(name))
    return constantOf(first) !== undefined;
  if (/^(globalThis\.|window\.)?set(Timeout|Interval|Immediate)$/.test(name))
    return first?.type === "TemplateLiteral" || constantOf(first) !== undefined;
  return name === "Reflect.get" && globals.test(nameOf(first));
}

const programs =
  /^(node:)?(child_process|cluster)$|^(execa|cross-spawn|shelljs|zx|node-pty|sudo-prompt)$/;

/** The module a node loads; undefined when it loads none, null when only running the code would tell. */
function moduleOf(node: SyntaxNode): string | null | undefined {
  if (/^(Import|ExportAll|ExportNamed)Declaration$/.test(node.type)) {
    const { source } = node;
    return source === null || node["importKind"] === "type" ? undefined : constantOf(source);
  }
  if (node.type === "ImportExpression") return constantOf(node["source"]) ?? null;
  if (node.type === "TSExternalModuleReference") return constantOf(node["expression"]);
  if (node.type !== "CallExpression") return undefined;
  const name = nameOf(node["callee"]);
  if (
    !/^(module\.|globalThis\.|process\.mainModule\.)?require$|^process\.(binding|getBuiltinModule|dlopen|_linkedBinding)$|^createRequire\(\)$|^module\.constructor\._load$/.test(
      name,
    )
  )
    return undefined;
  return constantOf(firstArgument(node)) ?? null;
}

/** What is run by its first argument, once `child_process` is at hand. */
const runner =
  /^((?:\w+\.)?(exec|execSync|spawn|spawnSync|execFile|execFileSync|fork)|execa(Command)?(Sync)?)$/;

function runsBuiltCommand(node: SyntaxNode, text: string): boolean {
  if (node.type !== "CallExpression" || !runner.test(nameOf(node["callee"]))) return false;
  // `pattern.exec(text)` is a method of expressions.
  if (!/child_process|execa|cross-spawn|shelljs/.test(text)) return false;
  const first = firstArgument(node);
  const isBuilt =
    (first?.type === "TemplateLiteral" && nodesOf(first["expressions"]).length > 0) ||
    (first?.type === "BinaryExpression" && first["operator"] === "+");
  return isBuilt && constantOf(first) === undefined;
}

function disablesTls(node: SyntaxNode): boolean {
  const name =
    node.type === "Property" || node.type === "MemberExpression" ? propertyOf(node) : undefined;
  if (name === "NODE_TLS_REJECT_UNAUTHORIZED") return true;
  if (node.type !== "Property") return false;
  const value = nodeOf(node["value"]);
  if (name === "rejectUnauthorized") return isFalse(value);
  return name === "checkServerIdentity" && isEmptyFunction(value);
}

const isFalse = (node: SyntaxNode | undefined) =>
  (node?.type === "Literal" && (node["value"] === false || node["value"] === 0)) ||
  (node?.type === "UnaryExpression" &&
    node["operator"] === "!" &&
    nodeOf(node["argument"])?.["value"] === 1);

function isEmptyFunction(node: SyntaxNode | undefined): boolean {
  const body = nodeOf(node?.["body"]);
  if (!body) return false;
  if (body.type !== "BlockStatement")
    return nameOf(body) === "undefined" || body.type === "Literal";
  return nodesOf(body["body"]).length === 0;
}

const computedModule: RuleVoice = {
  ruleId: "computed-module",
  severity: "error",
  isHard: false,
  message: "which module is loaded is only known when the code runs",
  remedy: "name the module",
};

const commandInjection: RuleVoice = {
  ruleId: "built-command",
  severity: "error",
  isHard: false,
  message: "a command for a shell is put together from parts",
  remedy: "run a fixed program with a list of arguments",
};

const environmentLeak: RuleVoice = {
  ruleId: "environment-leak",
  severity: "error",
  isHard: true,
  message: "the whole environment, credentials and all, is written out",
  remedy: "name the variables that are needed",
};

/** P10: `process.env` as a whole is every secret the process was given. */
function leaksEnvironment(node: SyntaxNode): boolean {
  if (node.type !== "CallExpression") return false;
  const name = nameOf(node["callee"]);
  if (
    !/^JSON\.stringify$|^fetch$|^(axios|got|request|https?)\b|(^|\.)(log|send|end|write|post|json)$/.test(
      name,
    )
  )
    return false;
  return nodesOf(node["arguments"]).some(isWholeEnvironment);
}

function isWholeEnvironment(node: SyntaxNode): boolean {
  if (nameOf(node) === "process.env") return true;
  if (node.type !== "ObjectExpression") return false;
  return nodesOf(node["properties"]).some(
    (each) =>
      (each.type === "SpreadElement" && nameOf(each["argument"]) === "process.env") ||
      (each.type === "Property" && isNode(each["value"]) && isWholeEnvironment(each["value"])),
  );
}

/** What code reaches for: other programs, modules, the environment, the network unprotected. */
export const reachRules: readonly SyntaxRule[] = [
  { voice: dynamicCode, see: sightings(runsText) },
  {
    voice: childProcess,
    see: sightings((node) => programs.test(moduleOf(node) ?? "")),
    isFineInTests: true,
  },
  { voice: computedModule, see: sightings((node) => moduleOf(node) === null), isFineInTests: true },
  {
    voice: commandInjection,
    see: (program, text) => sightings((node) => runsBuiltCommand(node, text))(program, text),
  },
  { voice: disabledTls, see: sightings(disablesTls) },
  { voice: environmentLeak, see: sightings(leaksEnvironment) },
];
