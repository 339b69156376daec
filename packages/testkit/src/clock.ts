/** So much time; the parts add up. */
export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

const MS: Record<keyof Duration, number> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
};

/** The server's time. */
export interface Clock {
  /**
   * Lets time pass at once: what expires within it has expired, and jobs that are due have been done. It never goes back,
   * not even with `reset()`.
   * @returns what time it is on the server now
   * @throws TypeError when it is no time that can pass
   * @example
   * await warble.clock.advance({ hours: 25 });
   */
  advance(by: Duration): Promise<Date>;
  /** What time it is on the server. */
  now(): Promise<Date>;
}

/** A duration in milliseconds. @throws TypeError when it is not more than nothing */
export function millisecondsOf(duration: Duration): number {
  let sum = 0;
  for (const [unit, count] of Object.entries(duration)) {
    const ms = MS[unit as keyof Duration];
    if (ms === undefined)
      throw new TypeError(`advance() knows ${Object.keys(MS).join(", ")}, and not ${unit}`);
    sum += ms * count;
  }
  if (Number.isFinite(sum) && sum > 0) return Math.round(sum);
  throw new TypeError(`Time goes on only: advance() takes more than ${JSON.stringify(duration)}`);
}
