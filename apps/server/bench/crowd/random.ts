/** A number of 32 bits that looks random and is always the same for these two. */
export function mix(seed: number, n: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Random numbers that are the same in every run. */
export class Random {
  readonly #seed: number;
  #drawn = 0;

  constructor(...seeds: number[]) {
    this.#seed = seeds.reduce(mix, 0);
  }

  /** From 0 to below 1. */
  next(): number {
    return mix(this.#seed, this.#drawn++) / 2 ** 32;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** So many different whole numbers from 0 to below `count`, and none that is left out; the first come up most often, by a power law. */
  someBelow(count: number, { size, without }: { size: number; without: number }): Int32Array<ArrayBuffer> {
    const some = new Set<number>();
    while (some.size < Math.min(size, count - 1)) {
      const drawn = Math.floor(count * this.next() ** STEEPNESS);
      if (drawn !== without) some.add(drawn);
    }
    return Int32Array.from(some);
  }
}

/** The tenth of people who are followed most have half of all followers. */
const STEEPNESS = 3;
