import { rankUsed, wordOf } from "../crowd/words";
import { found, LINES } from "../lines";
import { query } from "../load";
import { type Findings, median, percentile } from "../report";
import type { Stage, Town } from "../stage";
import { callOnce } from "./rounds";

const PARTS = 5;
/** How many tweets hold a rare word, and how many different searches there are of a kind. */
const RARE = 40;
const SEARCHES = 20;

/** What somebody looks for, by how hard it is to find: a rare word, a common one, two of which many tweets hold one. */
const KINDS = ["rare", "common", "both"] as const;
type Kind = (typeof KINDS)[number];
type Times = Record<Kind, number[]>;

/** P11: searches in towns of several sizes. */
export async function measureSearch(stage: Stage): Promise<Findings> {
  const towns = await stage.towns();
  const times: Times[] = [];
  for (const town of towns) times.push(await searchIn(stage, town));
  const tweets = towns.map(({ crowd }) => crowd.tweets);
  const last = times.at(-1) as Times;
  const done = `${tweets.at(-1)?.toLocaleString("en")} tweets`;
  const series = KINDS.map((kind) => ({
    name: { rare: "a rare word", common: "a common word", both: "two words, few hold both" }[kind],
    points: times.map((each, index): [number, number] => [tweets[index] ?? 0, percentile(each[kind], 99)]),
  }));
  return {
    lines: [
      found(LINES.search.p99, { value: percentile([...last.rare, ...last.both], 99), done }),
      found(LINES.search.common, { value: median(last.common), against: median(last.rare), done }),
    ],
    charts:
      towns.length > 1
        ? [{ title: "Searching by how many tweets are stored, p99", x: "tweets stored", y: "ms", series }]
        : [],
  };
}

async function searchIn(stage: Stage, town: Town): Promise<Times> {
  const target = await stage.warble(town);
  const [token = ""] = await stage.tokens(town, [0]);
  const words = wordsIn(town.crowd.tweets);
  const callsOf = (kind: Kind) =>
    Array.from({ length: stage.size.samples / PARTS }, (_, index) =>
      query("search.tweets", { query: words[kind][index % SEARCHES], limit: 20 }, token),
    );
  const times: Times = { rare: [], common: [], both: [] };
  // The first part warms up.
  for (let part = 0; part <= PARTS; part++) {
    for (const kind of KINDS) {
      const { ms } = await callOnce(stage, { target, calls: callsOf(kind) });
      if (part > 0) times[kind].push(...ms);
    }
  }
  return times;
}

function wordsIn(tweets: number): Record<Kind, string[]> {
  const rarest = rankUsed(RARE, tweets) - SEARCHES;
  // Each of the two is in many tweets, and both are in about as many as hold a rare word.
  const medium = rankUsed(Math.sqrt(RARE * tweets), tweets);
  const all = Array.from({ length: SEARCHES }, (_, index) => index);
  return {
    rare: all.map((index) => wordOf(rarest + index)),
    common: all.map((index) => wordOf(index % 5)),
    both: all.map((index) => `${wordOf(medium - index - 1)} ${wordOf(medium + index + 1)}`),
  };
}
