/** The steps of an edit script as a reader sees them: with source ranges, whole subtrees as one. */
import { at } from "./column.ts";
import type { BindingRename, EditOperation, SourceSpan } from "./diff-result.ts";
import { inverse } from "./distance.ts";
import type { ScriptStep } from "./edit-script.ts";
import type { JoinedTree } from "./join-trees.ts";
import { lineStartsOf, placeOf } from "./source-lines.ts";
import { labelOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

interface DiffedPair {
  readonly path: string;
  readonly textA: string;
  readonly textB: string;
  readonly a: Tree;
  readonly b: Tree;
}

export interface OperationInput {
  readonly files: readonly DiffedPair[];
  readonly a: JoinedTree;
  readonly b: JoinedTree;
  readonly partner: Int32Array;
  readonly script: readonly ScriptStep[];
}

interface FileOperations {
  readonly pair: DiffedPair;
  readonly previousPath?: string;
  readonly list: readonly EditOperation[];
}

const maxLabel = 120;

/** Operations by file, moves between files, and renames by binding. */
export function listOperations(input: OperationInput): {
  files: FileOperations[];
  moves: EditOperation[];
  renames: BindingRename[];
} {
  const lister = new OperationLister(input);
  for (const step of input.script) lister.add(step);
  return lister.finish();
}

/** One side: which file a node belongs to, and where in it. A class because line starts are kept. */
class Side {
  readonly tree: Tree;
  readonly partner: Int32Array;
  readonly #fileNodes: readonly number[];
  readonly #files: readonly { readonly path: string; readonly text: string }[];
  readonly #lineStarts: (Int32Array | undefined)[] = [];

  constructor(
    { tree, fileNodes }: JoinedTree,
    partner: Int32Array,
    files: readonly { path: string; text: string }[],
  ) {
    this.tree = tree;
    this.partner = partner;
    this.#fileNodes = fileNodes;
    this.#files = files;
  }

  /** The file a node is in: the last one that starts at or before it. */
  fileOf(node: number): number {
    let [low, high] = [0, this.#fileNodes.length];
    // Absent files have no node; searching from the end passes them by.
    const starts = this.#fileNodes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      let known = middle;
      while (known < high && (starts[known] ?? -1) < 0) known++;
      if (known === high || (starts[known] ?? 0) > node) high = middle;
      else low = known + 1;
    }
    let file = low - 1;
    while (file >= 0 && (starts[file] ?? -1) < 0) file--;
    return file;
  }

  isCode(node: number): boolean {
    return node > 0 && at(this.tree.parent, node) > 0;
  }

  /** The topmost node of a run of nodes without partners; -1 when one below it has a partner. */
  isLoose(node: number): boolean {
    const end = node + sizeOf(this.tree, node);
    for (let below = node; below < end; below++) if (at(this.partner, below) >= 0) return false;
    return true;
  }

  spanOf(node: number): SourceSpan {
    const file = this.fileOf(node);
    const { path = "", text = "" } = this.#files[file] ?? {};
    let placed = node;
    while (at(this.tree.start, placed) < 0 && this.isCode(placed))
      placed = at(this.tree.parent, placed);
    const starts = (this.#lineStarts[file] ??= lineStartsOf(text));
    const start = placeOf(starts, Math.max(0, at(this.tree.start, placed)));
    const end = placeOf(starts, Math.max(0, at(this.tree.end, placed)));
    return {
      path,
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
    };
  }

  labelOf(node: number): string {
    return labelOf(this.tree, node).slice(0, maxLabel);
  }
}

/** Collects the operations. A class because every step adds to several lists. */
class OperationLister {
  readonly #input: OperationInput;
  readonly #a: Side;
  readonly #b: Side;
  readonly #lists: { operation: EditOperation; order: number }[][];
  readonly #moves: EditOperation[] = [];
  readonly #renames: BindingRename[] = [];
  /** Ends of the subtrees that were listed as a whole. */
  readonly #wholeA: Uint8Array;
  #wholeEndB = 0;

  constructor(input: OperationInput) {
    this.#input = input;
    const { files, a, b } = input;
    const { typeIds } = a.tree.kinds;
    const kept = input.partner.map((j, i) =>
      j >= 0 && typeIds[at(a.tree.kind, i)] === typeIds[at(b.tree.kind, j)] ? j : -1,
    );
    const sourcesA = files.map(({ path, textA }) => ({ path, text: textA }));
    const sourcesB = files.map(({ path, textB }) => ({ path, text: textB }));
    this.#a = new Side(a, kept, sourcesA);
    this.#b = new Side(b, inverse(kept, b.tree.length), sourcesB);
    this.#lists = files.map(() => []);
    this.#wholeA = new Uint8Array(a.tree.length);
    this.#markWhole();
  }

  /** Marks nodes of A that lie inside a subtree which goes as a whole. */
  #markWhole(): void {
    const { tree, partner } = this.#a;
    const hasKept = new Uint8Array(tree.length);
    for (let node = tree.length - 1; node > 0; node--) {
      if (at(partner, node) >= 0) hasKept[node] = 1;
      if (hasKept[node]) hasKept[at(tree.parent, node)] = 1;
    }
    for (let node = 1; node < tree.length; node++) {
      const parent = at(tree.parent, node);
      if (!hasKept[node] && !hasKept[parent] && this.#a.isCode(parent)) this.#wholeA[node] = 1;
    }
  }

  add(step: ScriptStep): void {
    switch (step.kind) {
      case "delete":
        return this.#addDeletion(step.node);
      case "insert":
        return this.#addInsertion(step.node - this.#a.tree.length);
      case "rename":
        return this.#addRename(step);
      case "move":
      case "update":
        return this.#addChange(step.kind, step.node);
    }
  }

  #list(file: number, operation: EditOperation, order: number): void {
    this.#lists[file]?.push({ operation, order });
  }

  #addDeletion(node: number): void {
    if (!this.#a.isCode(node) || this.#wholeA[node]) return;
    const isLoose = this.#a.isLoose(node);
    this.#list(
      this.#a.fileOf(node),
      {
        kind: "delete",
        nodeType: typeOf(this.#a.tree, node),
        label: this.#a.labelOf(node),
        nodes: isLoose ? sizeOf(this.#a.tree, node) : 1,
        ...(isLoose ? {} : { isWrapper: true }),
        a: this.#a.spanOf(node),
      },
      at(this.#a.tree.start, node),
    );
  }

  #addInsertion(node: number): void {
    if (!this.#b.isCode(node) || node < this.#wholeEndB) return;
    const isLoose = this.#b.isLoose(node);
    if (isLoose) this.#wholeEndB = node + sizeOf(this.#b.tree, node);
    this.#list(
      this.#b.fileOf(node),
      {
        kind: "insert",
        nodeType: typeOf(this.#b.tree, node),
        label: this.#b.labelOf(node),
        nodes: isLoose ? sizeOf(this.#b.tree, node) : 1,
        ...(isLoose ? {} : { isWrapper: true }),
        b: this.#b.spanOf(node),
      },
      at(this.#b.tree.start, node),
    );
  }

  #addChange(kind: "move" | "update", node: number): void {
    const partner = at(this.#a.partner, node);
    if (!this.#a.isCode(node)) return;
    const label = this.#a.labelOf(node);
    const newLabel = this.#b.labelOf(partner);
    const operation: EditOperation = {
      kind,
      nodeType: typeOf(this.#a.tree, node),
      label,
      ...(label === newLabel ? {} : { newLabel }),
      nodes: 1,
      a: this.#a.spanOf(node),
      b: this.#b.spanOf(partner),
    };
    this.#list(this.#b.fileOf(partner), operation, at(this.#b.tree.start, partner));
    const isElsewhere = this.#a.fileOf(node) !== this.#b.fileOf(partner);
    if (kind === "move" && isElsewhere) this.#moves.push(operation);
  }

  #addRename({ from, to, nodes }: Extract<ScriptStep, { kind: "rename" }>): void {
    const a = nodes.map(({ node }) => this.#a.spanOf(node));
    const b = nodes.map(({ node }) => this.#b.spanOf(at(this.#a.partner, node)));
    const first = nodes[0];
    const [spanA, spanB] = [a[0], b[0]];
    if (!first || !spanA || !spanB) return;
    this.#renames.push({ path: spanB.path, from, to, a, b });
    const operation: EditOperation = {
      kind: "rename",
      nodeType: typeOf(this.#a.tree, first.node),
      label: from.slice(0, maxLabel),
      newLabel: to.slice(0, maxLabel),
      nodes: 1,
      a: spanA,
      b: spanB,
    };
    const partner = at(this.#a.partner, first.node);
    this.#list(this.#b.fileOf(partner), operation, at(this.#b.tree.start, partner));
  }

  finish() {
    const { files, a, b } = this.#input;
    const moved = new Set<number>();
    const paths = new Map<number, string>();
    a.fileNodes.forEach((node, file) => {
      const other = node < 0 ? -1 : at(this.#a.partner, node);
      const target = other < 0 ? -1 : this.#b.fileOf(other);
      if (target < 0 || target === file) return;
      // A file that is only called something else is told where it is now.
      moved.add(file);
      paths.set(target, files[file]?.path ?? "");
    });
    const listed = files.flatMap((pair, file): FileOperations[] => {
      if (moved.has(file) && (b.fileNodes[file] ?? -1) < 0) return [];
      const previousPath = paths.get(file);
      const list = (this.#lists[file] ?? [])
        .toSorted((one, other) => one.order - other.order)
        .map(({ operation }) => operation);
      return [{ pair, ...(previousPath === undefined ? {} : { previousPath }), list }];
    });
    return { files: listed, moves: this.#moves, renames: this.#renames };
  }
}
