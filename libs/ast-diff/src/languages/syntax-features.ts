/** What counts as a call, an import and so on in the languages that Tree-sitter reads. */
import type { FeatureKind } from "../touches.ts";
import { childrenOf, labelOf, roleOf, sizeOf, typeOf } from "../tree.ts";
import type { Tree } from "../tree.ts";

const kindsOfTypes: Readonly<Partial<Record<FeatureKind, string>>> = {
  call: "call call_expression method_invocation invocation_expression function_call_expression member_call_expression nullsafe_member_call_expression scoped_call_expression command object_creation_expression macro_invocation new_expression print_intrinsic shell_command_expression exit_statement",
  import:
    "import_statement import_from_statement future_import_statement import_spec import_declaration use_declaration extern_crate_declaration preproc_include using_directive namespace_use_declaration include_expression include_once_expression require_expression require_once_expression",
  throw: "raise_statement throw_statement throw_expression",
  try: "try_statement try_expression rescue catch_clause except_clause",
  decorator:
    "decorator attribute_item inner_attribute_item annotation marker_annotation attribute_list",
  member: "attribute selector_expression field_access member_access_expression field_expression",
  "type-escape": "unsafe_block unsafe_statement",
};
const kindByType: ReadonlyMap<string, FeatureKind> = new Map(
  (Object.entries(kindsOfTypes) as [FeatureKind, string][]).flatMap(([kind, types]) =>
    types.split(" ").map((type) => [type, kind] as const),
  ),
);
const literals =
  /^(?:integer|float|number|true|false|none|null|nil|string_content|string_fragment|string_value|json_(?:string|number|boolean|null)|yaml_scalar)$|_literal$|_literal_(?:value|content)$|_value$/;
const throwingCalls = /^(?:panic|raise|todo|unimplemented|unreachable)$/;
const importingCalls =
  /^(?:require|require_relative|load|source|\.|__import__|importlib\.import_module)$/;
/** What a call passes on is not part of its name. */
const argumentLists =
  /^(?:argument_list|arguments|token_tree|type_arguments|block|do_block|lambda)$/;
const argumentRoles = new Set(["arguments", "argument", "block", "body", "redirect"]);

/** Whether a node type brings in another module. */
export function isImport(type: string): boolean {
  return kindByType.get(type) === "import";
}

/** The feature a node is, with its name where it has one. */
export function syntaxFeature(
  tree: Tree,
  node: number,
): { kind: FeatureKind; name: string } | undefined {
  if (roleOf(tree, node) === "condition") return { kind: "condition", name: "" };
  const type = typeOf(tree, node);
  const kind = kindByType.get(type);
  if (kind === "call") return callOf(tree, node);
  if (kind === "import") return importOf(tree, node);
  if (kind === "member" || kind === "decorator") return { kind, name: dottedName(tree, node) };
  if (kind) return { kind, name: kind === "type-escape" ? type : "" };
  const isLiteral = sizeOf(tree, node) === 1 && literals.test(type);
  return isLiteral ? { kind: "literal", name: labelOf(tree, node) } : undefined;
}

function callOf(tree: Tree, node: number): { kind: FeatureKind; name: string } {
  const name = dottedName(tree, node);
  if (throwingCalls.test(name)) return { kind: "throw", name: "" };
  if (!importingCalls.test(name)) return { kind: "call", name };
  const parts = childrenOf(tree, node).filter((part) => isArgument(tree, part));
  return { kind: "import", name: parts.map((part) => leavesOf(tree, part).join(".")).join(" ") };
}

function importOf(tree: Tree, node: number): { kind: FeatureKind; name: string } | undefined {
  const parts = childrenOf(tree, node);
  // A Go declaration only stands around its specifications.
  if (parts.some((part) => typeOf(tree, part).startsWith("import_spec"))) return undefined;
  const source = parts.find((part) => /^(?:module_name|path|source)$/.test(roleOf(tree, part)));
  const name = leavesOf(tree, source ?? node, () => false).join(".");
  return { kind: "import", name: name.replace(/^["'<]|["'>]$/g, "").slice(0, 120) };
}

function isArgument(tree: Tree, node: number): boolean {
  return argumentRoles.has(roleOf(tree, node)) || argumentLists.test(typeOf(tree, node));
}

/** The leaves of a callee in writing order, joined by dots; at most eight. */
function dottedName(tree: Tree, node: number): string {
  return leavesOf(tree, node).join(".").slice(0, 120);
}

function leavesOf(tree: Tree, node: number, isLeftOut = isArgument): string[] {
  const leaves: string[] = [];
  const end = node + sizeOf(tree, node);
  let at = node;
  while (at < end && leaves.length < 8) {
    if (at > node && isLeftOut(tree, at)) {
      at += sizeOf(tree, at);
      continue;
    }
    if (sizeOf(tree, at) === 1 && labelOf(tree, at) !== "") leaves.push(labelOf(tree, at));
    at++;
  }
  return leaves;
}
