import { found, LINES, missing } from "../lines";
import { type Findings, median } from "../report";
import type { Stage } from "../stage";
import { examinedBy } from "./examined";
import { chartsOf } from "./growth";
import { callOnce, homesOf, inTurns, warm } from "./rounds";

const CALLS = 10;
const FOLLOWED = 50;

/** P3: home of somebody who follows fifty, in towns of several sizes. */
export async function measureStored(stage: Stage): Promise<Findings> {
  if (stage.size.villages.length === 0)
    return { lines: [missing(LINES.stored.many, "needs --size 10k or 100k")] };
  const towns = await stage.towns();
  const sides = [];
  for (const town of towns) {
    const tokens = await stage.tokens(town, [town.crowd.keen(FOLLOWED)]);
    sides.push({ target: await stage.warble(town), calls: homesOf(tokens) });
  }
  for (const side of sides) await warm(stage, side);
  const p50s = (await inTurns(stage, sides, { atOnce: 1 })).map(({ ms }) => median(ms));
  const examined: number[] = [];
  for (const [index, { target, calls }] of sides.entries()) {
    const again = { target, calls: Array(CALLS).fill(calls[0]) };
    const db = towns[index]?.db;
    if (db) examined.push((await examinedBy(db, () => callOnce(stage, again))).docs / CALLS);
  }
  const tweets = towns.map(({ crowd }) => crowd.tweets);
  const done = `${tweets.at(-1)?.toLocaleString("en")} tweets`;
  return {
    lines: [found(LINES.stored.many, { value: p50s.at(-1) ?? 0, against: p50s[0] ?? 0, done })],
    charts: chartsOf({ by: "how many tweets are stored", x: "tweets stored", at: tweets, p50s, examined }),
  };
}
