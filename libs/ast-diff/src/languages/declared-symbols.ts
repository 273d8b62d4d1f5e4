/** The symbols of the languages that Tree-sitter reads. */
import type { SymbolKind } from "../change-report.ts";
import { languageOf } from "../language.ts";
import { createSymbolTable } from "../symbol-table.ts";
import type { Declaration, FoundSymbol } from "../symbol-table.ts";
import { childrenOf, labelOf, roleOf, sizeOf, typeOf } from "../tree.ts";
import type { Interner, Tree } from "../tree.ts";
import { declarationsOf } from "./declarations.ts";
import type { Visibility } from "./declarations.ts";
import { isImport } from "./syntax-features.ts";

const containers: ReadonlySet<SymbolKind> = new Set(["class", "interface", "enum", "namespace"]);
const bodyRoles = new Set(["body", "value", "accessors", "default_value", "right"]);
const maxOwners = 32;
const visibleUnlessTold =
  /^(?:namespace_|impl_item$|interface_|function_definition$|function_signature_item$|trait_declaration$|enum_declaration$)/;

/** What a file declares, with the members of its types as `Type.member`. An absent file has none. */
export function declaredSymbols(
  tree: Tree,
  interner: Interner,
  path: string,
): Map<string, FoundSymbol> {
  const table = createSymbolTable(tree, interner);
  const declarations = declarationsOf.get(languageOf(path));
  if (!declarations || tree.size.length === 0) return table.symbols;
  const { kinds, around, visibility } = declarations;
  const stack: Place[] = [{ node: 0, owners: [], isOpen: true }];
  for (let place = stack.pop(); place; place = stack.pop()) {
    for (const node of childrenOf(tree, place.node)) {
      const type = typeOf(tree, node);
      const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
      const declared = kind && declarationAt(tree, node, kind, place, visibility);
      if (declared) {
        table.add(declared.declaration);
        if (declared.inside) stack.push(declared.inside);
      } else if (around.has(type)) stack.push({ ...place, node });
      // What else is in a type is seen as a change of the type.
      else if (place.owners.length === 0 && !isImport(type))
        table.add({ name: "(module)", kind: "module-code", node, exported: false });
    }
  }
  return table.symbols;
}

/** A node whose children may declare something, the names around it, and whether it can be seen. */
interface Place {
  readonly node: number;
  readonly owners: readonly string[];
  readonly isOpen: boolean;
}

function declarationAt(
  tree: Tree,
  node: number,
  kind: SymbolKind,
  place: Place,
  visibility: Visibility,
): { declaration: Declaration; inside: Place | undefined } | undefined {
  const nameNode = nameOf(tree, node);
  if (nameNode === undefined) return undefined;
  const receiver = receiverOf(tree, node);
  const owners = [...place.owners, ...(receiver ? [receiver] : []), textOf(tree, nameNode)];
  const exported = place.isOpen && isVisible(tree, node, nameNode, visibility);
  const body = childrenOf(tree, node).find((part) => roleOf(tree, part) === "body");
  const isContainer = containers.has(kind) && body !== undefined && owners.length < maxOwners;
  return {
    declaration: {
      name: owners.join("."),
      kind: kind === "function" && owners.length > 1 ? "method" : kind,
      node,
      nameNode,
      hidden: hiddenIn(tree, node),
      exported,
    },
    inside: isContainer ? { node: body, owners, isOpen: exported } : undefined,
  };
}

/** The node that holds the name: by its field, else down through declarators. */
function nameOf(tree: Tree, node: number): number | undefined {
  let at = node;
  for (let level = 0; level < 16; level++) {
    const parts = childrenOf(tree, at);
    const byRole = (role: string) => parts.find((part) => roleOf(tree, part) === role);
    const name = byRole("name");
    if (name !== undefined) return name;
    const next =
      byRole("declarator") ??
      byRole("left") ??
      byRole("type") ??
      parts.find((part) => /declarat(?:or|ion)$|_element$/.test(typeOf(tree, part)));
    if (next === undefined)
      return /identifier$|^name$|^constant$/.test(typeOf(tree, at)) ? at : undefined;
    at = next;
  }
  return undefined;
}

/** The type a Go method belongs to. */
function receiverOf(tree: Tree, node: number): string | undefined {
  const receiver = childrenOf(tree, node).find((part) => roleOf(tree, part) === "receiver");
  if (receiver === undefined) return undefined;
  const end = receiver + sizeOf(tree, receiver);
  for (let at = receiver; at < end; at++)
    if (typeOf(tree, at) === "type_identifier") return labelOf(tree, at);
  return undefined;
}

function textOf(tree: Tree, node: number): string {
  const names: string[] = [];
  const end = node + sizeOf(tree, node);
  for (let at = node; at < end && names.length < 8; at++)
    if (sizeOf(tree, at) === 1) names.push(labelOf(tree, at));
  return names.join(".").slice(0, 120);
}

/** Bodies and values: users of the symbol do not see them. Of a type, its members are told by name. */
function hiddenIn(tree: Tree, node: number): number[] {
  const hidden: number[] = [];
  const parts = childrenOf(tree, node);
  for (const part of parts) {
    if (bodyRoles.has(roleOf(tree, part))) hidden.push(part);
    else if (typeOf(tree, part).endsWith("declarator"))
      hidden.push(...childrenOf(tree, part).filter((inner) => bodyRoles.has(roleOf(tree, inner))));
  }
  return hidden;
}

function isVisible(tree: Tree, node: number, nameNode: number, visibility: Visibility): boolean {
  const name = textOf(tree, nameNode);
  if (visibility === "capital") return /^\p{Lu}/u.test(name);
  if (visibility === "underscore") return !/^_(?!_.*__$)/.test(name);
  const modifiers = childrenOf(tree, node)
    .filter((part) => /modifiers?$|storage_class_specifier$/.test(typeOf(tree, part)))
    .map((part) => `${labelOf(tree, part)} ${textOf(tree, part)}`)
    .join(" ");
  if (visibility === "unless-static") return !/\bstatic\b/.test(modifiers);
  if (visibility === "unless-private") return !/\bprivate\b/.test(modifiers);
  if (/\bpublic\b|\bprotected\b|\bpub\b/.test(modifiers)) return true;
  // Where nothing is said, what stands at the top of a file can be reached, a member cannot.
  const isSilent = !/\bprivate\b|\binternal\b/.test(modifiers);
  return isSilent && visibleUnlessTold.test(typeOf(tree, node));
}
