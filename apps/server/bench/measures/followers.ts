import { contentOf } from "../crowd/records";
import { found, LINES } from "../lines";
import { mutation } from "../load";
import { type Findings, percentile } from "../report";
import type { Stage, Town } from "../stage";
import type { Target } from "../target";
import { callOnce, homesOf, type Side } from "./rounds";

const PARTS = 5;
const AT_ONCE = 16;
/** The stars tweet as often as there are samples, unless that would fill inboxes for too long. */
const LEAST = 60;
const ENTRIES = 2_000_000;

/** P5: how long storing a tweet takes by how many follow its author. */
export async function measureFollowers(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const { crowd, fanOut } = stage.size;
  const samples = Math.min(stage.size.samples, Math.max(LEAST, ENTRIES / fanOut));
  const target = await stage.warble(town);
  await fillInboxes(stage, town, target);
  const sides = await Promise.all(
    crowd.stars.map((followers) => tweeting(stage, town, { target, followers })),
  );
  const all: number[][] = sides.map(() => []);
  for (let part = 0; part < PARTS; part++) {
    for (const [index, { calls }] of sides.entries()) {
      const some = calls.slice((part * samples) / PARTS, ((part + 1) * samples) / PARTS);
      all[index]?.push(...(await callOnce(stage, { target, calls: some })).ms);
      await target.idle();
    }
  }
  const most = crowd.stars.at(-1) ?? 0;
  const inboxes = fanOut < most ? `, ${fanOut.toLocaleString("en")} with an inbox` : "";
  const points = (percent: number) =>
    all.map((ms, index): [number, number] => [crowd.stars[index] ?? 0, percentile(ms, percent)]);
  return {
    lines: [
      found(LINES.followers.many, {
        value: percentile(all.at(-1) ?? [], 99),
        against: percentile(all[0] ?? [], 99),
        done: `${most.toLocaleString("en")} followers${inboxes}`,
      }),
    ],
    charts: [
      {
        title: "Storing a tweet by how many follow its author",
        x: "followers",
        y: "ms",
        series: [
          { name: "p50", points: points(50) },
          { name: "p99", points: points(99) },
        ],
      },
    ],
  };
}

const filled = new WeakSet<Target>();

/** Has those who follow the star of the size's fan-out read home, so that they have an inbox. */
export async function fillInboxes(stage: Stage, town: Town, target: Target): Promise<void> {
  if (filled.has(target)) return;
  filled.add(target);
  const { people, quiet } = town.crowd.spec;
  const { fanOut } = stage.size;
  const followers = Array.from({ length: fanOut }, (_, index) => people + quiet - fanOut + index);
  await callOnce(stage, { target, calls: homesOf(await stage.tokens(town, followers)) }, AT_ONCE);
  await target.idle();
}

/** The star with so many followers, and what they would tweet. */
async function tweeting(
  stage: Stage,
  town: Town,
  { target, followers }: { target: Target; followers: number },
): Promise<Side> {
  const [token = ""] = await stage.tokens(town, [town.crowd.star(followers)]);
  const calls = Array.from({ length: stage.size.samples }, (_, index) =>
    mutation("tweets.create", { content: contentOf(town.crowd, index * 8 + 3) }, token),
  );
  return { target, calls };
}
