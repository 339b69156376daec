import { found, LINES } from "../lines";
import { mutation } from "../load";
import type { Findings } from "../report";
import type { Stage } from "../stage";
import { callOnce } from "./rounds";

const AT_ONCE = 64;
const PARTS = 2;

/** P12: many people like one tweet, beside as many tweets. */
export async function measureLikes(stage: Stage): Promise<Findings> {
  const { likes } = stage.size;
  const town = await stage.town();
  const { crowd } = town;
  const target = await stage.warble(town);
  // The last ones: where some have tweeted only once, those, who have liked nothing yet.
  const { people, quiet } = crowd.spec;
  const tokens = await stage.tokens(
    town,
    Array.from({ length: likes }, (_, index) => people + quiet - 1 - index),
  );
  const oldest = String(crowd.tweetId(0));
  const sides = [() => oldest, (index: number) => String(crowd.tweetId(index + 1))].map((tweetOf) =>
    tokens.map((token, index) => mutation("tweets.like", { id: tweetOf(index) }, token)),
  );
  const tookMs = [0, 0];
  for (let part = 0; part < PARTS; part++) {
    for (const [side, all] of sides.entries()) {
      const calls = all.slice((part * likes) / PARTS, ((part + 1) * likes) / PARTS);
      tookMs[side] = (tookMs[side] ?? 0) + (await callOnce(stage, { target, calls }, AT_ONCE)).tookMs;
      await target.idle();
    }
  }
  const [one = 0, many = 0] = tookMs.map((ms) => (likes / ms) * 1000);
  const done = `${likes.toLocaleString("en")} likes`;
  return { lines: [found(LINES.likes.one, { value: one, against: many, done })] };
}
