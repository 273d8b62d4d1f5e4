/**
 * Numbers for what a node is, whatever is below it: its type, role and label. Trees that are compared
 * share one table, so that two nodes are the same exactly when their numbers are.
 */
export interface KindTable {
  readonly types: readonly string[];
  readonly roles: readonly string[];
  readonly labels: readonly string[];
  /** A number for the type of each kind. */
  readonly typeIds: readonly number[];
  /** 64 bits of hash of each kind, from its text alone and so the same in every table. */
  readonly lo: readonly number[];
  readonly hi: readonly number[];
  readonly idOf: (type: string, role: string, label: string) => number;
  /** The kinds of one type and role by label, for who asks for many of them. */
  readonly labelsOf: (type: string, role: string) => LabelIds;
}

/** The kinds of one type and role. */
export interface LabelIds {
  readonly idOf: (label: string) => number;
}

export function createKindTable(): KindTable {
  const columns = new KindColumns();
  const typeNumbers = new Map<string, number>();
  const known = new Map<string, Map<string, LabelIds>>();
  const labelsOf = (type: string, role: string): LabelIds => {
    let byRole = known.get(type);
    if (!byRole) {
      byRole = new Map();
      known.set(type, byRole);
      typeNumbers.set(type, typeNumbers.size);
    }
    let ids = byRole.get(role);
    if (!ids) {
      ids = new KindsOfPlace(columns, type, role, typeNumbers.get(type) ?? 0);
      byRole.set(role, ids);
    }
    return ids;
  };
  const { types, roles, labels, typeIds, lo, hi } = columns;
  const idOf = (type: string, role: string, label: string) => labelsOf(type, role).idOf(label);
  return { types, roles, labels, typeIds, lo, hi, idOf, labelsOf };
}

class KindColumns {
  readonly types: string[] = [];
  readonly roles: string[] = [];
  readonly labels: string[] = [];
  readonly typeIds: number[] = [];
  readonly lo: number[] = [];
  readonly hi: number[] = [];
}

/** A class because what all its kinds share is worked out once. */
class KindsOfPlace implements LabelIds {
  readonly #columns: KindColumns;
  readonly #type: string;
  readonly #role: string;
  readonly #typeId: number;
  readonly #salt: number;
  readonly #known = new Map<string, number>();

  constructor(columns: KindColumns, type: string, role: string, typeId: number) {
    this.#columns = columns;
    this.#type = type;
    this.#role = role;
    this.#typeId = typeId;
    this.#salt = hashOf(role, hashOf(type, 7, 31), 37);
  }

  idOf(label: string): number {
    const found = this.#known.get(label);
    if (found !== undefined) return found;
    const { types, roles, labels, typeIds, lo, hi } = this.#columns;
    const id = types.length;
    this.#known.set(label, id);
    types.push(this.#type);
    typeIds.push(this.#typeId);
    roles.push(this.#role);
    labels.push(label);
    // As `hashOf`, for two lanes in one pass: long labels are many.
    let low = this.#salt ^ label.length;
    let high = ~this.#salt ^ label.length;
    for (let at = 0; at < label.length; at++) {
      const unit = label.charCodeAt(at);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x2c1b3c6d);
    }
    lo.push(low ^ (low >>> 15));
    hi.push(high ^ (high >>> 15));
    return id;
  }
}

/** FNV-1a over UTF-16 units, with the multiplier given. */
function hashOf(text: string, seed: number, factor: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
  return hash ^ (hash >>> 15);
}
