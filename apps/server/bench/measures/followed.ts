import { found, LINES } from "../lines";
import { type Findings, median } from "../report";
import type { Stage } from "../stage";
import { examinedBy } from "./examined";
import { chartsOf } from "./growth";
import { callOnce, homesOf, inTurns, warm } from "./rounds";

const CALLS = 10;

/** P2: home of somebody who follows thousands, beside that of somebody who follows few. */
export async function measureFollowed(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const { keen } = stage.size.crowd;
  const target = await stage.warble(town);
  const tokens = await stage.tokens(
    town,
    keen.map((follows) => town.crowd.keen(follows)),
  );
  const sides = homesOf(tokens).map((call) => ({ target, calls: [call] }));
  for (const side of sides) await warm(stage, side);
  const p50s = (await inTurns(stage, sides, { atOnce: 1 })).map(({ ms }) => median(ms));
  const examined: number[] = [];
  for (const { calls } of sides) {
    const again = { target, calls: Array(CALLS).fill(calls[0]) };
    examined.push((await examinedBy(town.db, () => callOnce(stage, again))).docs / CALLS);
  }
  return {
    lines: [found(LINES.followed.many, { value: p50s.at(-1) ?? 0, against: p50s[0] ?? 0 })],
    charts: chartsOf({ by: "how many somebody follows", x: "followed", at: keen, p50s, examined }),
  };
}
