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
  ExpressionStatement: "expression",
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
  Program: "body* -sourceType -comments -tokens",
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

export interface Slot {
  readonly key: string;
  readonly isRequired: boolean;
  readonly isList: boolean;
  /** Kept with the child when its place among the siblings alone would not tell its slot. */
  readonly role: string;
}

export interface NodeSpec {
  readonly slots: readonly Slot[];
  readonly labels: readonly string[];
  readonly known: ReadonlySet<string>;
}

function readSpec(text: string): NodeSpec {
  const words = text.split(" ").filter((word) => word !== "");
  const keys = words.map((word) => word.replace(/^[@-]|[?*]$/g, ""));
  const slotWords = words.filter((word) => !/^[@-]/.test(word));
  const loose = slotWords.filter((word) => /[?*]$/.test(word)).length;
  const slots = slotWords.map((word) => {
    const key = word.replace(/[?*]$/, "");
    const isRequired = key === word;
    return {
      key,
      isRequired,
      isList: word.endsWith("*"),
      role: !isRequired && loose > 1 ? key : "",
    };
  });
  const labels = words.filter((word) => word.startsWith("@")).map((word) => word.slice(1));
  return { slots, labels, known: new Set([...keys, "type", "range", "loc", "parent"]) };
}

/** The table, keyed by ESTree node type. */
export const nodeTable: ReadonlyMap<string, NodeSpec> = new Map(
  Object.entries(specs).map(([type, text]) => [type, readSpec(text)]),
);
