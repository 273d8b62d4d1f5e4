/** The named things of one version of a file, each with a number for what its users see. */
import type { SymbolKind } from "./change-report.ts";
import { childrenOf, labelOf, sizeOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

export interface FoundSymbol {
  readonly kind: SymbolKind;
  exported: boolean;
  readonly access: string;
  /** What a user of the symbol sees. Declarations of one name (overloads, merged interfaces) add up. */
  signature: string;
  /** All of it. */
  content: string;
  /** All of it but its own name, which tells a rename from another thing. */
  nameless: string;
}

/** A declaration, with the parts of it that are not all of it. */
export interface Declaration {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly node: number;
  /** Where the name stands. */
  readonly nameNode?: number;
  /** What users do not see: bodies and values. */
  readonly hidden?: readonly number[];
  readonly exported: boolean;
  readonly access?: string;
}

export interface SymbolTable {
  readonly symbols: Map<string, FoundSymbol>;
  readonly add: (declaration: Declaration) => void;
}

/** A table to collect the symbols of `tree` in. */
export function createSymbolTable(tree: Tree, interner: Interner): SymbolTable {
  const ids = interner.idsOf(tree);
  const symbols = new Map<string, FoundSymbol>();

  /** A node in writing, without the nodes in `hidden`. */
  const without = (node: number, hidden: readonly number[]): string => {
    // Access is told apart, as visibility.
    const label = labelOf(tree, node).replace(/accessibility=\w+ ?/, "");
    if (hidden.length === 0 && label === labelOf(tree, node)) return String(ids[node]);
    const parts = childrenOf(tree, node).filter((child) => !hidden.includes(child));
    const seen = parts.map((child) => {
      const end = child + sizeOf(tree, child);
      const inside = hidden.filter((part) => part > child && part < end);
      return inside.length > 0 ? without(child, inside) : ids[child];
    });
    return `${typeOf(tree, node)}(${label}|${seen.join(",")})`;
  };

  const add = ({ name, kind, node, nameNode, hidden = [], ...flags }: Declaration): void => {
    const signature = without(node, hidden);
    const content = String(ids[node]);
    const nameless = without(node, nameNode === undefined ? [] : [nameNode]);
    const found = symbols.get(name);
    if (found) {
      found.signature += `;${signature}`;
      found.content += `;${content}`;
      found.nameless += `;${nameless}`;
      found.exported ||= flags.exported;
      return;
    }
    const { exported, access = "" } = flags;
    symbols.set(name, { kind, exported, access, signature, content, nameless });
  };
  return { symbols, add };
}
