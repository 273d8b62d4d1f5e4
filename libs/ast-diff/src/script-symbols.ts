/** The symbols of JavaScript and TypeScript. */
import type { SymbolKind } from "./change-report.ts";
import { createSymbolTable } from "./symbol-table.ts";
import type { FoundSymbol, SymbolTable } from "./symbol-table.ts";
import { childrenOf, labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

const declarationKinds: Readonly<Record<string, SymbolKind>> = {
  FunctionDeclaration: "function",
  TSDeclareFunction: "function",
  ClassDeclaration: "class",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  TSEnumDeclaration: "enum",
  TSModuleDeclaration: "namespace",
};
const functionValues = new Set(["FunctionExpression", "ArrowFunctionExpression"]);

class SymbolReader {
  readonly table: SymbolTable;
  readonly #tree: Tree;

  constructor(tree: Tree, interner: Interner) {
    this.#tree = tree;
    this.table = createSymbolTable(tree, interner);
  }

  addDeclaration(node: number, exported: boolean, fallback = "(anonymous)"): boolean {
    const tree = this.#tree;
    const type = typeOf(tree, node);
    if (type === "VariableDeclaration") {
      for (const declarator of childrenOf(tree, node).filter(
        (child) => typeOf(tree, child) === "VariableDeclarator",
      ))
        this.#addVariable(declarator, exported);
      return true;
    }
    const kind = declarationKinds[type];
    if (!kind) return false;
    const parts = childrenOf(tree, node);
    // Functions and classes may have no name; every other declaration starts with it.
    const mayBeNameless = /Function|Class/.test(type);
    const id = mayBeNameless ? parts.find((part) => roleOf(tree, part) === "id") : parts[0];
    const name = id === undefined ? fallback : this.#text(id);
    const nameNode = id === undefined ? {} : { nameNode: id };
    this.table.add({ name, kind, node, ...nameNode, hidden: this.#hidden(node), exported });
    if (kind === "class") this.#addMembers(node, name, exported);
    return true;
  }

  #text(node: number): string {
    const end = node + sizeOf(this.#tree, node);
    const names: string[] = [];
    for (let at = node; at < end; at++)
      if (/^(?:Identifier|Name|Literal)$/.test(typeOf(this.#tree, at)) && names.length < 8)
        names.push(labelOf(this.#tree, at));
    return names.join(".");
  }

  /** Bodies of functions and classes: what is in them is not part of the signature. */
  #hidden(node: number): number[] {
    const type = typeOf(this.#tree, node);
    const hasBody = /^(?:Function|Arrow|Class)/.test(type);
    const body = childrenOf(this.#tree, node).at(-1);
    return hasBody && body !== undefined ? [body] : [];
  }

  #addVariable(declarator: number, exported: boolean): void {
    const tree = this.#tree;
    const [id, value] = childrenOf(tree, declarator);
    if (id === undefined) return;
    const isFunction = value !== undefined && functionValues.has(typeOf(tree, value));
    const hidden = isFunction ? this.#hidden(value) : value === undefined ? [] : [value];
    const kind = isFunction ? "function" : "variable";
    if (typeOf(tree, id) === "Identifier")
      return this.table.add({
        name: labelOf(tree, id),
        kind,
        node: declarator,
        nameNode: id,
        hidden,
        exported,
      });
    for (let at = id; at < id + sizeOf(tree, id); at++)
      if (typeOf(tree, at) === "Identifier")
        this.table.add({
          name: labelOf(tree, at),
          kind: "variable",
          node: declarator,
          hidden,
          exported,
        });
  }

  #addMembers(node: number, className: string, exported: boolean): void {
    const body = childrenOf(this.#tree, node).at(-1) ?? node;
    for (const member of childrenOf(this.#tree, body)) {
      const key = this.#memberKey(member);
      const name = this.#memberName(key);
      const access = /accessibility=(\w+)/.exec(labelOf(this.#tree, member))?.[1] ?? "public";
      const kind = /Method|StaticBlock/.test(typeOf(this.#tree, member)) ? "method" : "property";
      const isOpen = exported && access !== "private" && !name.startsWith("#");
      this.table.add({
        name: `${className}.${name}`,
        kind,
        node: member,
        ...(key === undefined ? {} : { nameNode: key }),
        hidden: this.#memberCode(member, kind),
        exported: isOpen,
        access,
      });
    }
  }

  #memberKey(member: number): number | undefined {
    return childrenOf(this.#tree, member).find((part) =>
      /^(?:Name|PrivateIdentifier)$/.test(typeOf(this.#tree, part)),
    );
  }

  #memberName(key: number | undefined): string {
    const tree = this.#tree;
    if (key === undefined) return "(computed)";
    return typeOf(tree, key) === "Name" ? labelOf(tree, key) : `#${labelOf(tree, key)}`;
  }

  /** The body of a method, the value of a property. */
  #memberCode(member: number, kind: "method" | "property"): number[] {
    const value = childrenOf(this.#tree, member).at(-1);
    if (value === undefined) return [];
    if (kind === "method") return this.#hidden(value);
    return roleOf(this.#tree, value) === "value" ? [value] : [];
  }
}

/** What a file declares at its top, and the members of its classes; an absent file has none. */
export function scriptSymbols(tree: Tree, interner: Interner): Map<string, FoundSymbol> {
  const reader = new SymbolReader(tree, interner);
  const { symbols } = reader.table;
  if (tree.size.length === 0) return symbols;
  const exportedNames = new Set<string>();
  for (const node of childrenOf(tree, 0)) {
    const [inner = -1] = childrenOf(tree, node);
    switch (typeOf(tree, node)) {
      case "ImportDeclaration":
      case "TSImportEqualsDeclaration":
      case "Directive":
        break;
      case "ExportNamedDeclaration":
        if (!reader.addDeclaration(inner, true)) addSpecifiers(tree, node, reader, exportedNames);
        break;
      case "ExportDefaultDeclaration":
        if (!reader.addDeclaration(inner, true, "default"))
          addExport("default", node, tree, reader, exportedNames);
        break;
      case "ExportAllDeclaration":
        reader.table.add({ name: "export *", kind: "export", node, exported: true });
        break;
      case "TSExportAssignment":
        addExport("export =", node, tree, reader, exportedNames);
        break;
      default:
        if (!reader.addDeclaration(node, false)) addModuleCode(tree, node, reader, exportedNames);
    }
  }
  for (const [symbol, found] of symbols) {
    const [owner = "", member = ""] = symbol.split(".");
    const isHidden = found.access === "private" || member.startsWith("#");
    if (exportedNames.has(owner) && !isHidden) found.exported = true;
  }
  return symbols;
}

/** `export {a as b}`, with or without a source; collects the local names that get out this way. */
function addSpecifiers(
  tree: Tree,
  node: number,
  reader: SymbolReader,
  exportedNames: Set<string>,
): void {
  for (const part of childrenOf(tree, node)) {
    if (!/^Export\w*Specifier$/.test(typeOf(tree, part))) continue;
    const [local = "", exported = ""] = childrenOf(tree, part).map((child) => labelOf(tree, child));
    const isLocal = typeOf(tree, part) === "ExportSpecifier";
    if (isLocal) exportedNames.add(local);
    // Of a re-export the source is part of what users get.
    const seen = isLocal ? part : node;
    reader.table.add({ name: `export ${exported}`, kind: "export", node: seen, exported: true });
  }
}

/** A statement at the top of a file: CommonJS exports by name, the rest as one symbol. */
function addModuleCode(
  tree: Tree,
  node: number,
  reader: SymbolReader,
  exportedNames: Set<string>,
): void {
  const names: string[] = [];
  const [assignment = -1] = childrenOf(tree, node);
  const [target = -1] =
    typeOf(tree, assignment) === "AssignmentExpression" ? childrenOf(tree, assignment) : [];
  if (typeOf(tree, target) === "MemberExpression")
    for (let at = target; at < target + sizeOf(tree, target) && names.length < 4; at++)
      if (/^(?:Identifier|Name)$/.test(typeOf(tree, at))) names.push(labelOf(tree, at));
  const isExport = names[0] === "exports" || (names[0] === "module" && names[1] === "exports");
  if (isExport) addExport(names.join("."), node, tree, reader, exportedNames);
  else reader.table.add({ name: "(module)", kind: "module-code", node, exported: false });
}

/** An exported value: what it names gets out with it, except what functions and classes keep inside. */
function addExport(
  name: string,
  node: number,
  tree: Tree,
  reader: SymbolReader,
  exportedNames: Set<string>,
): void {
  reader.table.add({ name, kind: "export", node, exported: true });
  const end = node + sizeOf(tree, node);
  let at = node;
  while (at < end) {
    const type = typeOf(tree, at);
    if (type === "Identifier") exportedNames.add(labelOf(tree, at));
    at += /^(?:Function|Arrow|Class)/.test(type) ? sizeOf(tree, at) : 1;
  }
}
