/**
 * Every ESTree node type that may appear in a measured file, with all that carries meaning in it.
 * A word is a child slot: `x` always there, `x?` may be absent, `x*` a list. `@x` is a label,
 * `-x` a property whose meaning is held elsewhere (or handled in `node-shape.ts`).
 * A type that is not here, or a filled property that is not here, makes the file unmeasurable:
 * what the walker does not know it would otherwise skip, and report a difference as none.
 */
const functionParts = "typeParameters? params* returnType?";
const functionLabels = "@async @generator @declare -expression";
const classParts =
  "decorators* id? typeParameters? superClass? superTypeArguments? implements* body @abstract @declare";
const memberLabels = "@accessibility @computed @static @override @optional";
const fieldParts = `decorators* key typeAnnotation? value? ${memberLabels} @readonly @declare @definite`;
const methodParts = `decorators* key value ${memberLabels} @kind`;

const specs: Readonly<Record<string, string>> = {
  AccessorProperty: fieldParts,
  ArrayExpression: "elements*",
  ArrayPattern: "decorators* elements* typeAnnotation? @optional",
  ArrowFunctionExpression: `${functionParts} body ${functionLabels} -id`,
  AssignmentExpression: "left right @operator",
  AssignmentPattern: "decorators* left right typeAnnotation? @optional",
  AwaitExpression: "argument",
  BinaryExpression: "left right @operator",
  BlockStatement: "body*",
  BreakStatement: "label?",
  CallExpression: "callee typeArguments? arguments* @optional",
  CatchClause: "param? body",
  ChainExpression: "expression",
  ClassBody: "body*",
  ClassDeclaration: classParts,
  ClassExpression: classParts,
  ConditionalExpression: "test consequent alternate",
  ContinueStatement: "label?",
  DebuggerStatement: "",
  Decorator: "expression",
  DoWhileStatement: "body test",
  ExportAllDeclaration: "exported? source attributes* @exportKind",
  ExportDefaultDeclaration: "declaration -exportKind",
  ExportNamedDeclaration: "declaration? specifiers* source? attributes* @exportKind",
  ExportSpecifier: "local exported @exportKind",
  ExportFromSpecifier: "local exported @exportKind",
  ExpressionStatement: "expression -directive",
  ForInStatement: "left right body",
  ForOfStatement: "left right body @await",
  ForStatement: "init? test? update? body",
  FunctionDeclaration: `id? ${functionParts} body ${functionLabels}`,
  FunctionExpression: `id? ${functionParts} body ${functionLabels}`,
  Identifier: "decorators* typeAnnotation? -name -optional",
  IfStatement: "test consequent alternate?",
  ImportAttribute: "key value",
  ImportDeclaration: "specifiers* source attributes* @importKind @phase",
  ImportDefaultSpecifier: "local",
  ImportExpression: "source options? @phase",
  ImportNamespaceSpecifier: "local",
  ImportSpecifier: "imported local @importKind",
  JSXAttribute: "name value?",
  JSXElement: "openingElement children* -closingElement",
  JSXEmptyExpression: "",
  JSXExpressionContainer: "expression",
  JSXFragment: "children* -openingFragment -closingFragment",
  JSXIdentifier: "-name",
  JSXMemberExpression: "object property",
  JSXNamespacedName: "namespace name",
  JSXOpeningElement: "name typeArguments? attributes* -selfClosing",
  JSXSpreadAttribute: "argument",
  JSXSpreadChild: "expression",
  JSXText: "-value -raw",
  LabeledStatement: "label body",
  Literal: "-value -raw -regex -bigint",
  LogicalExpression: "operands* @operator -left -right",
  MemberExpression: "object property @computed @optional",
  MetaProperty: "meta property",
  MethodDefinition: methodParts,
  NewExpression: "callee typeArguments? arguments*",
  ObjectExpression: "properties*",
  ObjectPattern: "decorators* properties* typeAnnotation? @optional",
  PrivateIdentifier: "-name",
  Program: "body* -sourceType -comments -tokens -hashbang -interpreter",
  Property: "key value @kind @method @computed @optional -shorthand",
  PropertyDefinition: fieldParts,
  RestElement: "decorators* argument typeAnnotation? value? @optional",
  ReturnStatement: "argument?",
  SequenceExpression: "expressions*",
  SpreadElement: "argument",
  StaticBlock: "body*",
  Super: "",
  SwitchCase: "test? consequent*",
  SwitchStatement: "discriminant cases*",
  TaggedTemplateExpression: "tag typeArguments? quasi",
  TemplateElement: "-value -tail",
  RawTemplateElement: "-value -tail",
  TemplateLiteral: "quasis* expressions*",
  ThisExpression: "",
  ThrowStatement: "argument",
  TryStatement: "block handler? finalizer?",
  UnaryExpression: "argument @operator -prefix",
  UpdateExpression: "argument @operator @prefix",
  VariableDeclaration: "declarations* @kind @declare",
  VariableDeclarator: "id init? @definite",
  WhileStatement: "test body",
  WithStatement: "object body",
  YieldExpression: "argument? @delegate",
  TSAbstractAccessorProperty: fieldParts,
  TSAbstractMethodDefinition: methodParts,
  TSAbstractPropertyDefinition: fieldParts,
  TSAnyKeyword: "",
  TSArrayType: "elementType",
  TSAsExpression: "expression typeAnnotation",
  TSBigIntKeyword: "",
  TSBooleanKeyword: "",
  TSCallSignatureDeclaration: functionParts,
  TSClassImplements: "expression typeArguments?",
  TSConditionalType: "checkType extendsType trueType falseType",
  TSConstructSignatureDeclaration: functionParts,
  TSConstructorType: `${functionParts} @abstract`,
  TSDeclareFunction: `id? ${functionParts} ${functionLabels} -body`,
  TSEmptyBodyFunctionExpression: `${functionParts} ${functionLabels} -id -body`,
  TSEnumBody: "members*",
  TSEnumDeclaration: "id body @const @declare",
  TSEnumMember: "id initializer? @computed",
  TSExportAssignment: "expression",
  TSExternalModuleReference: "expression",
  TSFunctionType: functionParts,
  TSImportEqualsDeclaration: "id moduleReference @importKind",
  TSImportType: "source options? qualifier? typeArguments?",
  TSIndexSignature: "parameters* typeAnnotation? @accessibility @readonly @static",
  TSIndexedAccessType: "objectType indexType",
  TSInferType: "typeParameter",
  TSInstantiationExpression: "expression typeArguments",
  TSInterfaceBody: "body*",
  TSInterfaceDeclaration: "id typeParameters? extends* body @declare",
  TSInterfaceHeritage: "expression typeArguments?",
  TSIntersectionType: "types*",
  TSIntrinsicKeyword: "",
  TSLiteralType: "literal",
  TSMappedType: "key constraint nameType? typeAnnotation? @optional @readonly",
  TSMethodSignature: `key ${functionParts} ${memberLabels} @kind @readonly`,
  TSModuleBlock: "body*",
  TSModuleDeclaration: "id body? @kind @declare -global",
  TSNamedTupleMember: "label elementType @optional",
  TSNamespaceExportDeclaration: "id",
  TSNeverKeyword: "",
  TSNonNullExpression: "expression",
  TSNullKeyword: "",
  TSNumberKeyword: "",
  TSObjectKeyword: "",
  TSOptionalType: "typeAnnotation",
  TSParameterProperty: "decorators* parameter @accessibility @readonly @override @static",
  TSPropertySignature: `key typeAnnotation? ${memberLabels} @readonly`,
  TSQualifiedName: "left right",
  TSRestType: "typeAnnotation",
  TSSatisfiesExpression: "expression typeAnnotation",
  TSStringKeyword: "",
  TSSymbolKeyword: "",
  TSTemplateLiteralType: "quasis* types*",
  TSThisType: "",
  TSTupleType: "elementTypes*",
  TSTypeAliasDeclaration: "id typeParameters? typeAnnotation @declare",
  TSTypeAnnotation: "typeAnnotation",
  TSTypeAssertion: "typeAnnotation expression",
  TSTypeLiteral: "members*",
  TSTypeOperator: "typeAnnotation? @operator",
  TSTypeParameter: "name constraint? default? @in @out @const",
  TSTypeParameterDeclaration: "params*",
  TSTypeParameterInstantiation: "params*",
  TSTypePredicate: "parameterName typeAnnotation? @asserts",
  TSTypeQuery: "exprName typeArguments?",
  TSTypeReference: "typeName typeArguments?",
  TSUndefinedKeyword: "",
  TSUnionType: "types*",
  TSUnknownKeyword: "",
  TSVoidKeyword: "",
};

/** How a child is read, beyond its own type: as a rule of the slot it stands in. */
export const childRule = {
  plain: 0,
  /** A name and not a variable, unless the parent is computed. */
  name: 1,
  /** A statement that may stand without braces. */
  body: 2,
  /** A string in which line ends count as one newline. */
  attribute: 3,
  /** An element that is left out. */
  hole: 4,
  /** The template of a tag, which sees the text as it is written. */
  tagged: 5,
  /** A part of such a template. */
  raw: 6,
  /** A specifier of an export with a source: its names are not variables. */
  exportFrom: 7,
  /** A statement, left out where it does nothing. */
  statement: 8,
  /** A child of a JSX element, left out where it renders nothing. */
  rendered: 9,
} as const;

/** What in a node is its label, where that is not its flags. */
export const leafForm = {
  none: 0,
  identifier: 1,
  name: 2,
  literal: 3,
  template: 4,
  jsxText: 5,
} as const;

const leafForms: Readonly<Record<string, number>> = {
  Identifier: leafForm.identifier,
  JSXIdentifier: leafForm.name,
  PrivateIdentifier: leafForm.name,
  Literal: leafForm.literal,
  TemplateElement: leafForm.template,
  JSXText: leafForm.jsxText,
};

/** Types of which a rule of their own is known to the reader. */
export const ownRule = {
  none: 0,
  logical: 1,
  bar: 2,
  property: 3,
  import: 4,
  directive: 5,
} as const;

const ownRules: Readonly<Record<string, number>> = {
  LogicalExpression: ownRule.logical,
  TSUnionType: ownRule.bar,
  TSIntersectionType: ownRule.bar,
  ExpressionStatement: ownRule.directive,
  Property: ownRule.property,
  ImportDeclaration: ownRule.import,
};

/** The slots that hold a name and not a variable, by node type. */
const nameSlots: Readonly<Record<string, readonly string[]>> = {
  AccessorProperty: ["key"],
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  ExportAllDeclaration: ["exported"],
  ExportFromSpecifier: ["local", "exported"],
  ExportSpecifier: ["exported"],
  ImportAttribute: ["key"],
  ImportSpecifier: ["imported"],
  LabeledStatement: ["label"],
  MemberExpression: ["property"],
  MetaProperty: ["meta", "property"],
  MethodDefinition: ["key"],
  Property: ["key"],
  PropertyDefinition: ["key"],
  TSAbstractAccessorProperty: ["key"],
  TSAbstractMethodDefinition: ["key"],
  TSAbstractPropertyDefinition: ["key"],
  TSEnumMember: ["id"],
  TSMethodSignature: ["key"],
  TSNamedTupleMember: ["label"],
  TSPropertySignature: ["key"],
  TSQualifiedName: ["right"],
};

const ruleByPlace: Readonly<Record<string, number>> = {
  "IfStatement.consequent": childRule.body,
  "IfStatement.alternate": childRule.body,
  "ForStatement.body": childRule.body,
  "ForInStatement.body": childRule.body,
  "ForOfStatement.body": childRule.body,
  "WhileStatement.body": childRule.body,
  "DoWhileStatement.body": childRule.body,
  "WithStatement.body": childRule.body,
  "JSXAttribute.value": childRule.attribute,
  "TaggedTemplateExpression.quasi": childRule.tagged,
  "ArrayExpression.elements": childRule.hole,
  "ArrayPattern.elements": childRule.hole,
  "Program.body": childRule.statement,
  "BlockStatement.body": childRule.statement,
  "StaticBlock.body": childRule.statement,
  "TSModuleBlock.body": childRule.statement,
  "SwitchCase.consequent": childRule.statement,
  "JSXElement.children": childRule.rendered,
  "JSXFragment.children": childRule.rendered,
};

export interface Slot {
  readonly key: string;
  readonly isRequired: boolean;
  readonly isList: boolean;
  /** Kept with the child when its place among the siblings alone would not tell its slot. */
  readonly role: number;
  readonly rule: number;
}

export interface NodeSpec {
  readonly type: string;
  readonly index: number;
  /** From the last to the first, as a stack takes them. */
  readonly slots: readonly Slot[];
  readonly labels: readonly string[];
  readonly leaf: number;
  readonly own: number;
  /** Whether the node says by `computed` that what stands in a name slot is no name. */
  readonly hasNames: boolean;
  readonly known: ReadonlySet<string>;
}

/** The roles a child may have; a slot holds the number. */
export const roleNames: string[] = [""];

function roleNumber(role: string): number {
  const found = roleNames.indexOf(role);
  return found >= 0 ? found : roleNames.push(role) - 1;
}

let count = 0;

/** Specs so far; the index of each is below. */
export const specCount = (): number => count;

function readSpec(type: string, text: string): NodeSpec {
  const words = text.split(" ").filter((word) => word !== "");
  const keys = words.map((word) => word.replace(/^[@-]|[?*]$/g, ""));
  const slotWords = words.filter((word) => !/^[@-]/.test(word));
  const loose = slotWords.filter((word) => /[?*]$/.test(word)).length;
  const slots = slotWords.map((word): Slot => {
    const key = word.replace(/[?*]$/, "");
    const isRequired = key === word;
    const place = `${type}.${key}`;
    return {
      key,
      isRequired,
      isList: word.endsWith("*"),
      role: roleNumber(!isRequired && loose > 1 ? key : ""),
      rule: nameSlots[type]?.includes(key)
        ? childRule.name
        : (ruleByPlace[place] ?? childRule.plain),
    };
  });
  const labels = words.filter((word) => word.startsWith("@")).map((word) => word.slice(1));
  const known = new Set([...keys, "type", "range", "loc", "start", "end", "parent", "extra"]);
  return {
    type,
    index: count++,
    slots: slots.toReversed(),
    labels,
    leaf: leafForms[type] ?? leafForm.none,
    own: ownRules[type] ?? ownRule.none,
    hasNames: nameSlots[type] !== undefined,
    known,
  };
}

/** The table, keyed by ESTree node type. */
export const nodeTable: ReadonlyMap<string, NodeSpec> = new Map(
  Object.entries(specs).map(([type, text]) => [type, readSpec(type, text)]),
);

/** Leaves of the normal form that no parser has: a name, an element left out, a directive. */
export const nameSpec: NodeSpec = readSpec("Name", "");
export const holeSpec: NodeSpec = readSpec("Hole", "");
export const directiveSpec: NodeSpec = readSpec("Directive", "");
