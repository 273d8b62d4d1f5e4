/**
 * Which binding each name in a file stands for, told from the normal form, so that every parser gives
 * the same answer. What may be read by its name from elsewhere is fixed: exports, scripts' globals,
 * what merges with declarations in other files. In doubt a binding is fixed, never free. A private name
 * is a binding of its class body, under its name with `#`.
 */
import { at } from "./column.ts";
import { Scopes, meaning } from "./scopes.ts";
import type { ScopeKind } from "./scopes.ts";
import { childrenOf, labelOf, parentOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

export interface Bindings {
  /** For each node the binding that its name stands for; -1 where it is not the name of one. */
  readonly of: Int32Array;
  /** 1 where the node declares its binding. */
  readonly declares: Uint8Array;
  readonly names: readonly string[];
  /** Whether the binding must keep its name. */
  readonly isFixed: readonly boolean[];
}

/** How a name inside a pattern is declared. */
const context = { none: 0, parameter: 1, var: 2, lexical: 3, kind: 3, fixed: 4 } as const;

const functions =
  /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression|TS(?:DeclareFunction|EmptyBodyFunctionExpression|FunctionType|ConstructorType|CallSignatureDeclaration|ConstructSignatureDeclaration|MethodSignature|IndexSignature))$/;
const hoisted = /^(?:FunctionDeclaration|TSDeclareFunction)$/;
const blocks = /^(?:BlockStatement|For(?:In|Of)?Statement)$/;
/** Declarations of TypeScript whose first child is the name, by what the name stands for then. */
const typeDeclarations: Readonly<Record<string, number>> = {
  TSInterfaceDeclaration: meaning.type,
  TSTypeAliasDeclaration: meaning.type,
  TSEnumDeclaration: meaning.any,
  TSModuleDeclaration: meaning.any,
  TSImportEqualsDeclaration: meaning.any,
};
/** Of these nobody tells here what else goes by the name. */
const mergeable = /^TS(?:Module|ImportEquals)Declaration$/;
const heritages = /^TS(?:InterfaceHeritage|ClassImplements)$/;
const typeReferences = /^TS(?:TypeReference|InterfaceHeritage|ClassImplements)$/;
const reexports = /^(?:ExportSpecifier|ExportDefaultDeclaration|TSExportAssignment)$/;
const modules = /^(?:Import|Export)\w*Declaration$/;
const fixedNames = new Set(["this", "arguments"]);
/** What the classic JSX transforms call by name without its being written. */
const jsxNames = ["React", "h", "jsx", "Fragment"];

/**
 * The bindings of the names in a file of JavaScript or TypeScript. Linear but for nested scopes.
 * `isAmbient`: a declaration file, where what is declared is exported without its being said.
 */
export function resolveBindings(tree: Tree, isAmbient = false): Bindings {
  return new ScopeWalk(tree, isAmbient).run();
}

/** The name a node carries, without the mark of an optional parameter; a private one with its `#`. */
export function nameOf(tree: Tree, node: number): string {
  const label = labelOf(tree, node);
  const type = typeOf(tree, node);
  if (type === "PrivateIdentifier") return `#${label}`;
  return type === "Identifier" && label.endsWith("?") ? label.slice(0, -1) : label;
}

/** One walk over one file. A class because the scopes and the columns belong together. */
class ScopeWalk {
  readonly #tree: Tree;
  readonly #scopes: Scopes;
  readonly #of: Int32Array;
  readonly #declares: Uint8Array;
  /** The scope a node stands in, and the one its children stand in; -1 where not yet known. */
  readonly #scope: Int32Array;
  readonly #inner: Int32Array;
  readonly #context: Uint8Array;
  /** The innermost statement label around a node: its binding, and the label around that. */
  readonly #label: Int32Array;
  readonly #labels: { readonly binding: number; readonly around: number }[] = [];
  readonly #references: { node: number; scope: number; bits: number }[] = [];
  /** Names that other code of the file may see without a scope around it. */
  readonly #fixed = new Set<string>(fixedNames);
  readonly #isModule: boolean;
  readonly #isAmbient: boolean;
  #isDynamic = false;
  /** Behind the last node of the decorators met so far. */
  #decoratorEnd = 0;

  constructor(tree: Tree, isAmbient: boolean) {
    this.#tree = tree;
    this.#isAmbient = isAmbient;
    this.#scopes = new Scopes(1_000_000 + 64 * tree.length);
    this.#of = new Int32Array(tree.length).fill(-1);
    this.#declares = new Uint8Array(tree.length);
    this.#scope = new Int32Array(tree.length).fill(-1);
    this.#inner = new Int32Array(tree.length).fill(-1);
    this.#context = new Uint8Array(tree.length);
    this.#label = new Int32Array(tree.length).fill(-1);
    this.#isModule = childrenOf(tree, 0).some((node) => modules.test(typeOf(tree, node)));
  }

  run(): Bindings {
    const { length } = this.#tree;
    const scopes = this.#scopes;
    // Without import or export the file may be a script, whose top level everyone shares.
    const top = scopes.open("body", -1, !this.#isModule || this.#isAmbient);
    for (let node = 0; node < length; node++) {
      const parent = parentOf(this.#tree, node);
      if (at(this.#scope, node) < 0) this.#scope[node] = parent < 0 ? top : at(this.#inner, parent);
      if (parent >= 0 && at(this.#label, node) < 0) this.#label[node] = at(this.#label, parent);
      this.#visit(node, typeOf(this.#tree, node));
      if (at(this.#inner, node) < 0) this.#inner[node] = at(this.#scope, node);
    }
    for (const { node, scope, bits } of this.#references)
      this.#of[node] = scopes.find(scope, nameOf(this.#tree, node), bits);
    const isLost = this.#isDynamic || !scopes.isWhole;
    const isFixed = scopes.isFixed.map(
      (fixed, binding) => fixed || isLost || this.#fixed.has(scopes.names[binding] ?? ""),
    );
    return { of: this.#of, declares: this.#declares, names: scopes.names, isFixed };
  }

  #visit(node: number, type: string): void {
    if (type === "Identifier") return this.#name(node);
    if (type === "PrivateIdentifier") return this.#privateName(node);
    if (this.#context[node]) this.#passContext(node, type);
    if (functions.test(type)) return this.#function(node, type);
    if (blocks.test(type)) return this.#open(node, "block");
    if (type.startsWith("TS")) return this.#visitType(node, type);
    if (type.startsWith("JSX")) return this.#visitJsx(node, type);
    return this.#visitCode(node, type);
  }

  #visitCode(node: number, type: string): void {
    const [first = -1, ...rest] = /^(?:Switch|Catch|Labeled|Class|Import|Variable)/.test(type)
      ? childrenOf(this.#tree, node)
      : [];
    switch (type) {
      case "VariableDeclarator":
        return this.#variable(node, first);
      case "SwitchStatement":
        this.#scope[first] = at(this.#scope, node);
        return this.#open(node, "block");
      case "CatchClause":
        if (rest.length > 0) this.#context[first] = context.lexical;
        return this.#open(node, "catch");
      case "StaticBlock":
        return this.#open(node, "body");
      case "ClassBody":
        return this.#privateNames(node);
      case "Decorator":
        this.#decoratorEnd = node + sizeOf(this.#tree, node);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node, type);
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        return this.#declare(rest.at(-1) ?? first, at(this.#scope, node), meaning.any, false);
      case "LabeledStatement":
        return this.#labelled(node, first);
      case "BreakStatement":
      case "ContinueStatement":
        return this.#jump(node);
      case "WithStatement":
        this.#isDynamic = true;
    }
  }

  #visitType(node: number, type: string): void {
    const scope = at(this.#scope, node);
    const children = childrenOf(this.#tree, node);
    const [first = -1] = children;
    const declared = typeDeclarations[type];
    if (declared !== undefined) {
      if (typeOf(this.#tree, first) === "Identifier")
        this.#declare(first, scope, declared, mergeable.test(type) || this.#isPublic(node));
      return this.#open(node, "block");
    }
    switch (type) {
      case "TSTypeParameter": {
        const isInferred = typeOf(this.#tree, parentOf(this.#tree, node)) === "TSInferType";
        const own = isInferred ? this.#scopes.nearest(scope, "condition") : scope;
        return this.#declare(first, own, meaning.type, false);
      }
      case "TSMappedType":
        this.#open(node, "block");
        return this.#declare(first, at(this.#inner, node), meaning.type, false);
      case "TSConditionalType":
        // `infer` is seen in what is extended and where that holds, not before or else.
        for (const place of [0, 3]) this.#scope[children[place] ?? -1] = scope;
        return this.#open(node, "condition");
      case "TSModuleBlock":
        return this.#open(node, "body", true);
      case "TSEnumMember":
        this.#fixed.add(labelOf(this.#tree, first));
    }
  }

  #visitJsx(node: number, type: string): void {
    if (type === "JSXOpeningElement" || type === "JSXFragment")
      for (const name of jsxNames) this.#fixed.add(name);
    const parent = parentOf(this.#tree, node);
    const above = typeOf(this.#tree, parent);
    const isTag = above === "JSXOpeningElement" && !/^[a-z]|-/.test(labelOf(this.#tree, node));
    const isFirst = node === parent + 1 && (isTag || above === "JSXMemberExpression");
    if (type === "JSXIdentifier" && isFirst) this.#refer(node, meaning.value);
  }

  #open(node: number, kind: ScopeKind, isPublic = false): void {
    // The body of a function was opened with the function.
    if (at(this.#inner, node) < 0)
      this.#inner[node] = this.#scopes.open(kind, at(this.#scope, node), isPublic);
  }

  #function(node: number, type: string): void {
    this.#open(node, "parameters");
    const inner = at(this.#inner, node);
    for (const child of childrenOf(this.#tree, node)) {
      const role = roleOf(this.#tree, child);
      if (role === "params" || role === "parameters") this.#context[child] = context.parameter;
      else if (role === "id") this.#functionName(node, type, child);
      else if (role === "" && typeOf(this.#tree, child) === "BlockStatement")
        this.#inner[child] = this.#scopes.open("body", inner);
    }
  }

  #functionName(node: number, type: string, id: number): void {
    const isFixed = this.#isPublic(node);
    const scope = at(this.#scope, node);
    if (!hoisted.test(type)) return this.#declare(id, at(this.#inner, node), meaning.value, false);
    const name = nameOf(this.#tree, id);
    const isTop = this.#scopes.kindOf(scope) === "body";
    const binding = isTop
      ? this.#scopes.declareVar(scope, name, isFixed)
      : this.#isModule
        ? this.#scopes.declare(scope, name, meaning.value, isFixed)
        : this.#scopes.declareLeaking(scope, name, isFixed);
    this.#setDeclared(id, scope, binding);
  }

  #class(node: number, type: string): void {
    this.#open(node, "block");
    const id = childrenOf(this.#tree, node).find((child) => roleOf(this.#tree, child) === "id");
    if (id === undefined) return;
    const scope = at(type === "ClassDeclaration" ? this.#scope : this.#inner, node);
    this.#declare(id, scope, meaning.class, this.#isPublic(node));
  }

  /** Seen in the whole body, before their declaration too; in the heritage those of a class around. */
  #privateNames(body: number): void {
    this.#open(body, "block");
    for (const member of childrenOf(this.#tree, body))
      for (const key of childrenOf(this.#tree, member))
        if (typeOf(this.#tree, key) === "PrivateIdentifier")
          this.#declare(key, at(this.#inner, body), meaning.value, false);
  }

  #privateName(node: number): void {
    if (at(this.#of, node) >= 0) return;
    // Which class a decorator sees is not settled.
    if (node < this.#decoratorEnd) this.#fixed.add(nameOf(this.#tree, node));
    this.#refer(node, meaning.value);
  }

  #variable(node: number, id: number): void {
    const declaration = parentOf(this.#tree, node);
    const isVar = labelOf(this.#tree, declaration).includes("kind=var");
    this.#context[id] =
      (isVar ? context.var : context.lexical) | (this.#isPublic(declaration) ? context.fixed : 0);
  }

  /** Whether a declaration is exported, or says what is declared elsewhere. */
  #isPublic(node: number): boolean {
    const above = typeOf(this.#tree, parentOf(this.#tree, node));
    return above === "ExportNamedDeclaration" || labelOf(this.#tree, node).includes("declare");
  }

  /** From a pattern to those of its parts that declare as it does. */
  #passContext(node: number, type: string): void {
    let own = this.#context[node] ?? context.none;
    const children = childrenOf(this.#tree, node);
    const roleless = children.filter((child) => roleOf(this.#tree, child) === "");
    const parts: Record<string, readonly number[]> = {
      ArrayPattern: children.filter((child) => roleOf(this.#tree, child) === "elements"),
      ObjectPattern: children.filter((child) => roleOf(this.#tree, child) === "properties"),
      Property: children.slice(1),
      RestElement: roleless,
      AssignmentPattern: roleless.slice(0, 1),
      TSParameterProperty: children.slice(-1),
    };
    // The parameter is a property as well.
    if (type === "TSParameterProperty") own |= context.fixed;
    for (const part of parts[type] ?? []) this.#context[part] = own;
  }

  #name(node: number): void {
    const own = this.#context[node] ?? context.none;
    if (own === context.none) return this.#reference(node);
    const name = nameOf(this.#tree, node);
    const scope = at(this.#scope, node);
    const isFixed = (own & context.fixed) !== 0;
    if ((own & context.kind) !== context.var)
      return this.#declare(node, scope, meaning.value, isFixed);
    this.#setDeclared(node, scope, this.#scopes.declareVar(scope, name, isFixed));
  }

  #reference(node: number): void {
    // A declaration was seen from above.
    if (at(this.#of, node) >= 0) return;
    const name = labelOf(this.#tree, node);
    if (name === "eval") this.#isDynamic = true;
    const parent = parentOf(this.#tree, node);
    const above = typeOf(this.#tree, parent);
    if (above === "TSQualifiedName") return this.#qualified(node, parent);
    // A name of what is imported there.
    if (above === "TSImportType" || above === "TSNamespaceExportDeclaration") return;
    if (reexports.test(above) || above === "TSImportEqualsDeclaration")
      return this.#refer(node, meaning.any);
    if (typeReferences.test(above)) return this.#refer(node, meaning.type);
    this.#refer(node, this.#isHeritage(node) ? meaning.namespace : meaning.value);
  }

  /** Whether a name is the first of `a.b.c` in what an interface extends or a class implements. */
  #isHeritage(name: number): boolean {
    let top = name;
    let above = parentOf(this.#tree, top);
    while (top === above + 1 && typeOf(this.#tree, above) === "MemberExpression") {
      top = above;
      above = parentOf(this.#tree, top);
    }
    return heritages.test(typeOf(this.#tree, above));
  }

  /** The first name of `a.b.c` in a type. */
  #qualified(node: number, parent: number): void {
    let top = parent;
    while (typeOf(this.#tree, top) === "TSQualifiedName") top = parentOf(this.#tree, top);
    const above = typeOf(this.#tree, top);
    if (above === "TSModuleDeclaration") this.#fixed.add(labelOf(this.#tree, node));
    if (above !== "TSImportType")
      this.#refer(node, above === "TSTypeQuery" ? meaning.value : meaning.namespace);
  }

  #refer(node: number, bits: number): void {
    this.#references.push({ node, scope: at(this.#scope, node), bits });
  }

  #declare(node: number, scope: number, bits: number, isFixed: boolean): void {
    const name = nameOf(this.#tree, node);
    this.#setDeclared(node, scope, this.#scopes.declare(scope, name, bits, isFixed));
  }

  #setDeclared(node: number, scope: number, binding: number): void {
    this.#of[node] = binding;
    this.#declares[node] = 1;
    // Namespaces of one name see each other's names.
    if (scope > 0 && this.#scopes.isPublic(scope)) this.#fixed.add(nameOf(this.#tree, node));
  }

  #labelled(node: number, name: number): void {
    const scope = this.#scopes.open("block", at(this.#scope, node));
    this.#declare(name, scope, meaning.any, false);
    this.#labels.push({ binding: at(this.#of, name), around: at(this.#label, node) });
    this.#label[node] = this.#labels.length - 1;
  }

  #jump(node: number): void {
    const name = node + 1;
    if (parentOf(this.#tree, name) !== node) return;
    let around = this.#labels[at(this.#label, node)];
    while (around && this.#scopes.names[around.binding] !== labelOf(this.#tree, name))
      around = this.#labels[around.around];
    if (around) this.#of[name] = around.binding;
  }
}
