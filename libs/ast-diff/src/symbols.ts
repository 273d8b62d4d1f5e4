/** The named things of a file, each with a number for what its users see and one for all of it. */
import type { SymbolChange, SymbolKind } from "./change-report.ts";
import { childrenOf, labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

interface FoundSymbol {
  readonly kind: SymbolKind;
  exported: boolean;
  readonly access: string;
  /** Declarations of one name (overloads, merged interfaces) add up. */
  signature: string;
  content: string;
}

type SymbolTable = Map<string, FoundSymbol>;

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

/** The symbols that differ between two versions of a file, by name; an absent file has none. */
export function changedSymbols(
  path: string,
  base: Tree,
  candidate: Tree,
  interner: Interner,
): SymbolChange[] {
  const before = symbolsOf(base, interner);
  const after = symbolsOf(candidate, interner);
  const changes: SymbolChange[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    const change = changeBetween(old, now);
    const kind = now?.kind ?? old?.kind;
    if (!change || !kind) continue;
    const exported = Boolean(old?.exported || now?.exported);
    changes.push({ path, name, kind, change, exported });
  }
  return changes.toSorted((x, y) => (x.name < y.name ? -1 : Number(x.name > y.name)));
}

function changeBetween(
  old: FoundSymbol | undefined,
  now: FoundSymbol | undefined,
): SymbolChange["change"] | undefined {
  if (!old) return "added";
  if (!now) return "removed";
  if (old.exported !== now.exported || old.access !== now.access) return "visibility-changed";
  const isCode = old.kind === "module-code";
  if (old.kind !== now.kind || (!isCode && old.signature !== now.signature))
    return "signature-changed";
  return old.content === now.content ? undefined : "changed";
}

class SymbolReader {
  readonly table: SymbolTable = new Map();
  readonly #tree: Tree;
  readonly #ids: Int32Array;

  constructor(tree: Tree, interner: Interner) {
    this.#tree = tree;
    this.#ids = interner.idsOf(tree);
  }

  add(
    name: string,
    kind: SymbolKind,
    node: number,
    open: ReadonlySet<number>,
    flags: { exported: boolean; access?: string },
  ): void {
    const signature = this.#signature(node, open);
    const content = String(this.#ids[node]);
    const found = this.table.get(name);
    if (found) {
      found.signature += `;${signature}`;
      found.content += `;${content}`;
      found.exported ||= flags.exported;
    } else {
      const { exported, access = "" } = flags;
      this.table.set(name, { kind, exported, access, signature, content });
    }
  }

  /** A node without the parts in `open`, which its users do not see. */
  #signature(node: number, open: ReadonlySet<number>): string {
    const tree = this.#tree;
    // Access is told apart, as visibility.
    const label = labelOf(tree, node).replace(/accessibility=\w+ ?/, "");
    if (open.size === 0 && label === labelOf(tree, node)) return String(this.#ids[node]);
    const seen = childrenOf(tree, node)
      .filter((child) => !open.has(child))
      .map((child) =>
        this.#isPath(child, open) ? this.#signature(child, open) : this.#ids[child],
      );
    return `${typeOf(tree, node)}(${label}|${seen.join(",")})`;
  }

  #isPath(node: number, open: ReadonlySet<number>): boolean {
    const end = node + sizeOf(this.#tree, node);
    return [...open].some((hidden) => hidden > node && hidden < end);
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
    this.add(name, kind, node, this.#hidden(node), { exported });
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
  #hidden(node: number): ReadonlySet<number> {
    const type = typeOf(this.#tree, node);
    const hasBody = /^(?:Function|Arrow|Class)/.test(type);
    const body = childrenOf(this.#tree, node).at(-1);
    return new Set(hasBody && body !== undefined ? [body] : []);
  }

  #addVariable(declarator: number, exported: boolean): void {
    const tree = this.#tree;
    const [id, value] = childrenOf(tree, declarator);
    if (id === undefined) return;
    const isFunction = value !== undefined && functionValues.has(typeOf(tree, value));
    const hidden = isFunction ? this.#hidden(value) : new Set(value === undefined ? [] : [value]);
    const kind = isFunction ? "function" : "variable";
    if (typeOf(tree, id) === "Identifier")
      return this.add(labelOf(tree, id), kind, declarator, hidden, { exported });
    for (let at = id; at < id + sizeOf(tree, id); at++)
      if (typeOf(tree, at) === "Identifier")
        this.add(labelOf(tree, at), "variable", declarator, hidden, { exported });
  }

  #addMembers(node: number, className: string, exported: boolean): void {
    const body = childrenOf(this.#tree, node).at(-1) ?? node;
    for (const member of childrenOf(this.#tree, body)) {
      const name = this.#memberName(member);
      const access = /accessibility=(\w+)/.exec(labelOf(this.#tree, member))?.[1] ?? "public";
      const kind = /Method|StaticBlock/.test(typeOf(this.#tree, member)) ? "method" : "property";
      const isOpen = exported && access !== "private" && !name.startsWith("#");
      const flags = { exported: isOpen, access };
      this.add(`${className}.${name}`, kind, member, this.#memberCode(member, kind), flags);
    }
  }

  #memberName(member: number): string {
    const tree = this.#tree;
    const key = childrenOf(tree, member).find((part) =>
      /^(?:Name|PrivateIdentifier)$/.test(typeOf(tree, part)),
    );
    if (key === undefined) return "(computed)";
    return typeOf(tree, key) === "Name" ? labelOf(tree, key) : `#${labelOf(tree, key)}`;
  }

  /** The body of a method, the value of a property. */
  #memberCode(member: number, kind: "method" | "property"): ReadonlySet<number> {
    const value = childrenOf(this.#tree, member).at(-1);
    if (value === undefined) return whole;
    if (kind === "method") return this.#hidden(value);
    return roleOf(this.#tree, value) === "value" ? new Set([value]) : whole;
  }
}

const whole: ReadonlySet<number> = new Set();

function symbolsOf(tree: Tree, interner: Interner): SymbolTable {
  const reader = new SymbolReader(tree, interner);
  if (tree.type.length === 0) return reader.table;
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
        reader.add("export *", "export", node, whole, { exported: true });
        break;
      case "TSExportAssignment":
        addExport("export =", node, tree, reader, exportedNames);
        break;
      default:
        if (!reader.addDeclaration(node, false)) addModuleCode(tree, node, reader, exportedNames);
    }
  }
  for (const [symbol, found] of reader.table) {
    const [owner = "", member = ""] = symbol.split(".");
    const isHidden = found.access === "private" || member.startsWith("#");
    if (exportedNames.has(owner) && !isHidden) found.exported = true;
  }
  return reader.table;
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
    reader.add(`export ${exported}`, "export", seen, whole, { exported: true });
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
  else reader.add("(module)", "module-code", node, whole, { exported: false });
}

/** An exported value: what it names gets out with it, except what functions and classes keep inside. */
function addExport(
  name: string,
  node: number,
  tree: Tree,
  reader: SymbolReader,
  exportedNames: Set<string>,
): void {
  reader.add(name, "export", node, whole, { exported: true });
  const end = node + sizeOf(tree, node);
  let at = node;
  while (at < end) {
    const type = typeOf(tree, at);
    if (type === "Identifier") exportedNames.add(labelOf(tree, at));
    at += /^(?:Function|Arrow|Class)/.test(type) ? sizeOf(tree, at) : 1;
  }
}
