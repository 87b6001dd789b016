/** Chance that can be had again: the same seed gives the same history. */
export interface Chance {
  /** From 0 up to, not including, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, not including, `most`. */
  readonly below: (most: number) => number;
  readonly pick: <Value>(values: readonly [Value, ...Value[]]) => Value;
}

/** A seed of its own for everything that has a name: the same one everywhere would send one history. */
export function seedFor(name: string, seed: number): number {
  return Buffer.from(name).reduce((mixed, byte) => Math.imul(mixed, 31) + byte, seed);
}

/** Mulberry32: 32 bits of state are enough to make histories differ. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(next() * most);
  return {
    next,
    below,
    pick: (values) => values[below(values.length)] ?? values[0],
  };
}
