import type { SymbolKind } from "../change-report.ts";

/**
 * How a declaration tells that it can be seen from outside: by a modifier that opens it, by none
 * that closes it, or by its name.
 */
export type Visibility = "modifier" | "unless-private" | "unless-static" | "underscore" | "capital";

/** What declares something in a language, by node type. */
export interface Declarations {
  readonly kinds: Readonly<Record<string, SymbolKind>>;
  /** Node types that only stand around declarations. */
  readonly around: ReadonlySet<string>;
  readonly visibility: Visibility;
}

function declarations(
  visibility: Visibility,
  kinds: Readonly<Partial<Record<SymbolKind, string>>>,
  around = "",
): Declarations {
  const entries = Object.entries(kinds) as [SymbolKind, string][];
  return {
    visibility,
    kinds: Object.fromEntries(
      entries.flatMap(([kind, types]) => types.split(" ").map((type) => [type, kind] as const)),
    ),
    around: new Set(around.split(" ")),
  };
}

const cFamily = {
  function: "function_definition",
  class: "class_specifier struct_specifier union_specifier",
  enum: "enum_specifier",
  type: "type_definition alias_declaration",
  namespace: "namespace_definition",
  variable: "declaration preproc_def preproc_function_def",
  property: "field_declaration",
} as const;
const cAround =
  "declaration_list linkage_specification preproc_if preproc_ifdef preproc_else preproc_elif template_declaration field_declaration_list";

/** By language. What is not here has no symbols, and its change is one of the whole file. */
export const declarationsOf: ReadonlyMap<string, Declarations> = new Map([
  [
    "python",
    declarations(
      "underscore",
      { function: "function_definition", class: "class_definition", variable: "assignment" },
      "decorated_definition block expression_statement",
    ),
  ],
  [
    "go",
    declarations(
      "capital",
      {
        function: "function_declaration method_declaration",
        type: "type_spec type_alias",
        variable: "const_spec var_spec",
      },
      "type_declaration const_declaration var_declaration var_spec_list",
    ),
  ],
  [
    "java",
    declarations(
      "modifier",
      {
        class: "class_declaration record_declaration",
        interface: "interface_declaration annotation_type_declaration",
        enum: "enum_declaration",
        method: "method_declaration constructor_declaration",
        property: "field_declaration",
      },
      "class_body interface_body enum_body enum_body_declarations",
    ),
  ],
  [
    "rust",
    declarations(
      "modifier",
      {
        function: "function_item function_signature_item macro_definition",
        class: "struct_item union_item impl_item",
        interface: "trait_item",
        enum: "enum_item",
        type: "type_item",
        variable: "const_item static_item",
        namespace: "mod_item",
      },
      "declaration_list",
    ),
  ],
  ["c", declarations("unless-static", cFamily, cAround)],
  ["cpp", declarations("unless-static", cFamily, cAround)],
  [
    "csharp",
    declarations(
      "modifier",
      {
        class: "class_declaration struct_declaration record_declaration",
        interface: "interface_declaration",
        enum: "enum_declaration",
        method: "method_declaration constructor_declaration operator_declaration",
        property: "property_declaration field_declaration event_field_declaration",
        type: "delegate_declaration",
        namespace: "namespace_declaration",
      },
      "declaration_list file_scoped_namespace_declaration",
    ),
  ],
  [
    "php",
    declarations(
      "unless-private",
      {
        function: "function_definition",
        class: "class_declaration trait_declaration",
        interface: "interface_declaration",
        enum: "enum_declaration",
        method: "method_declaration",
        property: "property_declaration const_declaration",
      },
      "declaration_list enum_declaration_list namespace_definition compound_statement",
    ),
  ],
  [
    "ruby",
    declarations(
      "unless-private",
      { method: "method singleton_method", class: "class singleton_class", namespace: "module" },
      "body_statement",
    ),
  ],
  [
    "bash",
    declarations("unless-private", {
      function: "function_definition",
      variable: "variable_assignment",
    }),
  ],
]);
