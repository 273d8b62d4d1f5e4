/** What a name may stand for, as bits: TypeScript keeps values, types and what holds types apart. */
export const meaning = { value: 1, type: 2, class: 3, namespace: 4, any: 7 } as const;

/** `body`: where `var` and functions are declared. `condition`: where `infer` declares. */
export type ScopeKind = "body" | "parameters" | "block" | "catch" | "condition";

interface Scope {
  readonly kind: ScopeKind;
  readonly parent: number;
  /** The scope in which a `var` below is declared. */
  readonly varScope: number;
  /** Whether what is declared here can be read from elsewhere by its name. */
  readonly isPublic: boolean;
  readonly names: Map<string, number>;
  /** Functions of blocks below, which sloppy code sees in this scope too (ECMAScript, B.3.2). */
  readonly leaks: Map<string, number[]>;
}

/** The scopes of one file and what they declare. A class because a look-up marks what it finds. */
export class Scopes {
  readonly names: string[] = [];
  readonly isFixed: boolean[] = [];
  readonly #meanings: number[] = [];
  readonly #scopes: Scope[] = [];
  readonly #free = new Map<string, number>();
  #steps: number;

  /** `steps`: how many scopes all look-ups together may pass. */
  constructor(steps: number) {
    this.#steps = steps;
  }

  /** Whether the look-ups came to an end within their steps. */
  get isWhole(): boolean {
    return this.#steps > 0;
  }

  open(kind: ScopeKind, parent: number, isPublic = false): number {
    const scope = this.#scopes.length;
    const varScope = kind === "body" ? scope : (this.#scopes[parent]?.varScope ?? scope);
    const [names, leaks] = [new Map<string, number>(), new Map<string, number[]>()];
    this.#scopes.push({ kind, parent, varScope, isPublic, names, leaks });
    return scope;
  }

  kindOf(scope: number): ScopeKind | undefined {
    return this.#scopes[scope]?.kind;
  }

  isPublic(scope: number): boolean {
    return this.#scopes[scope]?.isPublic ?? true;
  }

  parentOf(scope: number): number {
    return this.#scopes[scope]?.parent ?? -1;
  }

  /** The nearest scope of a kind, this one included; the outermost one where there is none. */
  nearest(scope: number, kind: ScopeKind): number {
    let at = scope;
    while (this.#steps-- > 0 && this.kindOf(at) !== kind && this.parentOf(at) >= 0)
      at = this.parentOf(at);
    return at;
  }

  /** The binding that a name declared here is; a second declaration is the same binding. */
  declare(scope: number, name: string, bits: number, isFixed: boolean): number {
    const own = this.#scopes[scope];
    const found = own?.names.get(name);
    const binding = found ?? this.#add(name, bits, own?.isPublic ?? true);
    own?.names.set(name, binding);
    this.#meanings[binding] = (this.#meanings[binding] ?? 0) | bits;
    if (isFixed) this.fix(binding);
    return binding;
  }

  /** A `var`, or a function of a body: a parameter of that name is the same variable. */
  declareVar(scope: number, name: string, isFixed: boolean): number {
    const target = this.#scopes[scope]?.varScope ?? scope;
    const parameters = this.parentOf(target);
    const given =
      this.kindOf(parameters) === "parameters"
        ? this.#scopes[parameters]?.names.get(name)
        : undefined;
    const binding = given ?? this.declare(target, name, meaning.value, isFixed);
    if (isFixed) this.fix(binding);
    for (let at = scope; at !== target && at >= 0 && this.#steps-- > 0; at = this.parentOf(at)) {
      // An initializer of the `var` writes to the caught value (ECMAScript, B.3.4).
      const caught = this.kindOf(at) === "catch" ? this.#scopes[at]?.names.get(name) : undefined;
      if (caught === undefined) continue;
      this.fix(caught);
      this.fix(binding);
    }
    return binding;
  }

  /** A function of a block, in code that may be sloppy. */
  declareLeaking(scope: number, name: string, isFixed: boolean): number {
    const target = this.#scopes[this.#scopes[scope]?.varScope ?? -1];
    const binding = this.declare(scope, name, meaning.value, isFixed || (target?.isPublic ?? true));
    target?.leaks.set(name, [...(target.leaks.get(name) ?? []), binding]);
    return binding;
  }

  /** The binding a name stands for in a scope. What nothing declares is one binding for the file. */
  find(scope: number, name: string, bits: number): number {
    for (let at = scope; at >= 0 && this.#steps-- > 0; at = this.parentOf(at)) {
      const own = this.#scopes[at];
      for (const leaked of own?.leaks.get(name) ?? []) this.fix(leaked);
      const found = own?.names.get(name);
      if (found !== undefined && (this.#meanings[found] ?? 0) & bits) return found;
    }
    const free = this.#free.get(name) ?? this.#add(name, meaning.any, true);
    this.#free.set(name, free);
    return free;
  }

  fix(binding: number): void {
    this.isFixed[binding] = true;
  }

  #add(name: string, bits: number, isFixed: boolean): number {
    this.#meanings.push(bits);
    this.isFixed.push(isFixed);
    return this.names.push(name) - 1;
  }
}
