import { type Call, type Done, query, rateOf, type Work } from "../load";
import { median } from "../report";
import type { Stage } from "../stage";
import type { Target } from "../target";

/** One of several that do the same work. */
export interface Side {
  target: Target;
  calls: Call[];
}

/** What one side did: medians over its rounds, and all answers' times. */
export interface Result {
  rate: number;
  /** Milliseconds that its process computed for each call. */
  cpu: number;
  /** Bytes of each answer. */
  bytes: number;
  ms: number[];
  /** How long it was under load. */
  tookMs: number;
}

/**
 * Puts each side under load in turns, so that what else the machine does falls on all.
 * @param between done after each side's turn
 */
export async function inTurns(
  stage: Stage,
  sides: Side[],
  { atOnce, between }: { atOnce: number; between?: (target: Target) => Promise<void> },
): Promise<Result[]> {
  const all: Result[][] = sides.map(() => []);
  for (let round = 0; round < stage.size.rounds; round++) {
    for (const [side, { target, calls }] of sides.entries()) {
      const work = { urls: [target.url], calls, atOnce, forMs: stage.size.roundMs };
      all[side]?.push(await roundOf(stage, target, work));
      await between?.(target);
    }
  }
  return all.map((rounds) => ({
    rate: median(rounds.map(({ rate }) => rate)),
    cpu: median(rounds.map(({ cpu }) => cpu)),
    bytes: median(rounds.map(({ bytes }) => bytes)),
    ms: rounds.flatMap(({ ms }) => ms),
    tookMs: rounds.reduce((sum, { tookMs }) => sum + tookMs, 0),
  }));
}

async function roundOf({ load }: Stage, target: Target, work: Work): Promise<Result> {
  const before = await target.usage();
  const done = await load.run(work);
  const { cpu } = await target.usage();
  const count = done.ms.length;
  return {
    rate: rateOf(done),
    cpu: (cpu - before.cpu) / count,
    bytes: done.bytes / count,
    ms: [...done.ms],
    tookMs: done.tookMs,
  };
}

/** The first page of home of each of these people. */
export const homesOf = (tokens: string[]): Call[] =>
  tokens.map((token) => query("timelines.home", {}, token));

/** Makes each call once. */
export const callOnce = ({ load }: Stage, { target, calls }: Side, atOnce = 1): Promise<Done> =>
  load.run({ urls: [target.url], calls, atOnce });

/** Has each of these people read home once, and whatever follows from that done; and once more. */
export async function warm(stage: Stage, side: Side): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await callOnce(stage, side, 16);
    await side.target.idle();
  }
}
