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
}

export function createKindTable(): KindTable {
  const types: string[] = [];
  const roles: string[] = [];
  const labels: string[] = [];
  const lo: number[] = [];
  const hi: number[] = [];
  const typeIds: number[] = [];
  const typeNumbers = new Map<string, number>();
  const known = new Map<string, Map<string, Map<string, number>>>();
  const idOf = (type: string, role: string, label: string): number => {
    const byRole = known.get(type) ?? new Map<string, Map<string, number>>();
    known.set(type, byRole);
    const byLabel = byRole.get(role) ?? new Map<string, number>();
    byRole.set(role, byLabel);
    const found = byLabel.get(label);
    if (found !== undefined) return found;
    const id = types.length;
    byLabel.set(label, id);
    types.push(type);
    const typeId = typeNumbers.get(type) ?? typeNumbers.size;
    typeNumbers.set(type, typeId);
    typeIds.push(typeId);
    roles.push(role);
    labels.push(label);
    const salt = hashOf(role, hashOf(type, 7, 31), 37);
    lo.push(hashOf(label, salt, 0x01000193));
    hi.push(hashOf(label, ~salt, 0x2c1b3c6d));
    return id;
  };
  return { types, roles, labels, typeIds, lo, hi, idOf };
}

/** FNV-1a over UTF-16 units, with the multiplier given so that two lanes differ. */
function hashOf(text: string, seed: number, factor: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
  return hash ^ (hash >>> 15);
}
