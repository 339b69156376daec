import mongoose from "mongoose";

const RESYNC_MS = 30_000;
// What takes longer to answer says too little about when it looked at its clock.
const SLOW_MS = 500;

// Times and ids come from the database's clock and never from the node's own, so that nodes whose clocks
// differ still agree on what came first and on what has expired.
let offset = 0;
let latest = 0;
let measured = false;
/** By how much a test has let time pass; a server that serves people never does. */
let passed = 0;

/** Milliseconds on the database's clock, never going back on this node. */
export function nowMs(): number {
  latest = Math.max(latest, Math.round(performance.timeOrigin + performance.now() + offset + passed));
  return latest;
}

/** The current moment on the database's clock. */
export const now = (): Date => new Date(nowMs());

/** Lets so many milliseconds pass at once, for tests of what expires: timers that are set already do not notice. */
export function passTime(ms: number): void {
  passed += ms;
}

/** Measures the distance to the database's clock now and every half minute, until stopped. */
export async function syncClock(): Promise<() => void> {
  await measure();
  const timer = setInterval(() => void measure().catch(() => undefined), RESYNC_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function measure(): Promise<void> {
  const sent = performance.now();
  const hello = await mongoose.connection.db?.command({ hello: 1 });
  const received = performance.now();
  if (!(hello?.localTime instanceof Date) || (measured && received - sent > SLOW_MS)) return;
  measured = true;
  offset = hello.localTime.getTime() - (performance.timeOrigin + (sent + received) / 2);
}
