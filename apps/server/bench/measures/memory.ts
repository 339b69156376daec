import { setTimeout as sleep } from "node:timers/promises";
import { contentOf } from "../crowd/records";
import { found, LINES, missing } from "../lines";
import { type Call, mutation, query, rateOf } from "../load";
import { type Findings, median } from "../report";
import type { Stage, Town } from "../stage";
import { homesOf } from "./rounds";

const AT_ONCE = 16;
const PROBE_MS = 3_000;
const EVERY_MS = 500;
const MB = 1e6;
const LONG = 5;

type Sample = [seconds: number, megabytes: number];

/** P14: what a server holds that has half as much to do as it can, and whether that grows. */
export async function measureMemory(stage: Stage): Promise<Findings> {
  const { watchMs, readers } = stage.size;
  const town = await stage.town();
  const target = await stage.warble(town, "anew");
  const calls = mixOf(town, await stage.tokens(town, town.crowd.readers(readers)));
  const work = { urls: [target.url], calls, atOnce: AT_ONCE };
  const most = rateOf(await stage.load.run({ ...work, forMs: PROBE_MS }));
  const samples: Sample[] = [];
  const start = performance.now();
  const loaded = stage.load.run({ ...work, forMs: watchMs, perSecond: most / 2 });
  while (performance.now() - start < watchMs) {
    const { rss } = await target.usage();
    samples.push([Math.round((performance.now() - start) / 100) / 10, rss / MB]);
    await sleep(EVERY_MS);
  }
  await loaded;
  const later = samples.slice(samples.length / 5);
  const minutes = watchMs / 60_000;
  const done = minutes >= 1 ? `${minutes} minutes` : `${watchMs / 1000} seconds`;
  return {
    lines: [
      found(LINES.memory.rss, { value: median(later.slice(-5).map(([, megabytes]) => megabytes)), done }),
      minutes >= LONG
        ? found(LINES.memory.slope, { value: slopeOf(later) * 60, done })
        : missing(LINES.memory.slope, "a server that has just begun grows; needs --size 100k"),
    ],
    charts: [
      {
        title: "Memory at half load",
        x: "seconds",
        y: "MB",
        series: [{ name: "resident", points: samples }],
      },
    ],
  };
}

/** What people do, mostly read: of twenty calls one likes and one tweets. */
function mixOf({ crowd }: Town, tokens: string[]): Call[] {
  return tokens.flatMap((token, index) => {
    const username = crowd.username(crowd.authorOf(crowd.tweets - 1 - index));
    const id = String(crowd.tweetId(crowd.tweets - 1 - ((index * 7) % crowd.tweets)));
    return [
      ...Array<Call>(15).fill(homesOf([token])[0] as Call),
      query("timelines.user", { username }, token),
      query("tweets.get", { id }, token),
      query("notifications.list", {}, token),
      mutation("tweets.like", { id }, token),
      mutation("tweets.create", { content: contentOf(crowd, index * 8 + 4) }, token),
    ];
  });
}

/** How much it grows in a second, by the line that fits best. */
function slopeOf(samples: Sample[]): number {
  const mean = (figures: number[]) => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const [x, y] = [mean(samples.map(([at]) => at)), mean(samples.map(([, size]) => size))];
  const over = samples.reduce((sum, [at, size]) => sum + (at - x) * (size - y), 0);
  return over / samples.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}
