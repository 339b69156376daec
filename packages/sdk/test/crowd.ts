import { randomInt } from "node:crypto";
import { afterEach } from "vitest";
import { createWarble, memoryStorage, type Tokens, type Warble } from "../src/index";

const KB = 1024;

/** A number from 0 up to, but not including, this one. */
export type Dice = (below: number) => number;

/** Where the draws begin: WARBLE_DROPS_SEED repeats those of an earlier run. */
export const SEED = Number(process.env.WARBLE_DROPS_SEED ?? randomInt(2 ** 31));

/** Draws the same numbers for the same seed (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Cuts every connection after one to twenty kilobytes either way, half of them by FIN, half by RST. */
export const cutBy = (dice: Dice) => ({
  up: KB + dice(19 * KB),
  down: KB + dice(19 * KB),
  reset: dice(2) === 0,
});

const opened: Warble[] = [];
afterEach(() => {
  for (const warble of opened.splice(0)) warble.close();
});

/** A client of somebody who has signed in, closed after the test. */
export function clientAt(door: { running: { url: string } }, { tokens }: { tokens: Tokens }): Warble {
  const warble = createWarble({ url: door.running.url, storage: memoryStorage(tokens) });
  opened.push(warble);
  return warble;
}

/** Collects what an iterator brings, until it ends. */
export function collect<T>(iterator: AsyncIterable<T>): { items: T[]; failed: unknown } {
  const collected: { items: T[]; failed: unknown } = { items: [], failed: undefined };
  void (async () => {
    for await (const item of iterator) collected.items.push(item);
  })().catch((error: unknown) => {
    collected.failed = error;
  });
  return collected;
}

/** The value that this share of all is not above. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}
