/** Numbers that look random and follow from a seed alone. */
export interface Chance {
  /** True with this probability. */
  is(probability: number): boolean;
  below(limit: number): number;
  of<Value>(values: readonly Value[]): Value;
}

/** Mulberry32: small, fast and the same everywhere. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    is: (probability) => next() < probability,
    below,
    of: (values) => values[below(values.length)]!,
  };
}
