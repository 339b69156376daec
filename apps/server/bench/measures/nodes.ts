import { availableParallelism } from "node:os";
import { startThrowawayRedis } from "@warble/embedded";
import { found, LINES, missing } from "../lines";
import { type Call, rateOf } from "../load";
import { type Findings, median } from "../report";
import type { Stage } from "../stage";
import type { Target } from "../target";
import { callOnce, homesOf, warm } from "./rounds";

const AT_ONCE = 32;
const READERS = 20;
/** Two servers, the database and who calls them. */
const CORES = 4;

/** P15: what home costs on one of two servers that share a database and a Redis, beside one that is alone. */
export async function measureNodes(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const { mongoUrl } = town;
  const tokens = await stage.tokens(town, town.crowd.readers(READERS));
  const calls = homesOf(tokens);
  const redis = await startThrowawayRedis({ log: console.error });
  try {
    const alone = await stage.start("server", { mongoUrl, counting: true });
    const one = await costOf(stage, alone, calls);
    await alone.stop();
    const env = { REDIS_URL: redis.url };
    const pair = await Promise.all(
      [0, 1].map(() => stage.start("server", { mongoUrl, env, counting: true })),
    );
    const [first, second] = pair as [Target, Target];
    await warm(stage, { target: second, calls });
    const two = await costOf(stage, first, calls);
    const { nodes } = LINES;
    const lines = [
      found(nodes.queries, { value: two.queries, against: one.queries }),
      found(nodes.bytes, { value: two.bytes, against: one.bytes }),
      availableParallelism() < CORES
        ? missing(nodes.rate, `needs ${CORES} cores`)
        : found(nodes.rate, await ratesOf(stage, [first, second], calls)),
    ];
    await Promise.all(pair.map(({ stop }) => stop()));
    return { lines };
  } finally {
    await redis.stop();
  }
}

/** Call by call, and the middle one of all: in some a clock has the server ask for something, too. */
async function costOf(
  stage: Stage,
  target: Target,
  calls: Call[],
): Promise<{ queries: number; bytes: number }> {
  await warm(stage, { target, calls });
  const [queries, bytes]: [number[], number[]] = [[], []];
  for (const call of calls) {
    await target.commands();
    bytes.push((await callOnce(stage, { target, calls: [call] })).bytes);
    queries.push((await target.commands()).length);
  }
  return { queries: median(queries), bytes: median(bytes) };
}

async function ratesOf({ load, size }: Stage, pair: [Target, Target], calls: Call[]) {
  const rates: [number[], number[]] = [[], []];
  const [one, two] = pair.map(({ url }) => url);
  for (let round = 0; round < size.rounds; round++) {
    for (const [side, urls] of [[one], [one, two]].entries()) {
      const done = await load.run({ urls: urls as string[], calls, atOnce: AT_ONCE, forMs: size.roundMs });
      rates[side]?.push(rateOf(done));
    }
  }
  return { value: median(rates[1]), against: median(rates[0]) };
}
