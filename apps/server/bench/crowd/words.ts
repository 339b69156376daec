import { Random } from "./random";

const BEGINNINGS = [
  "b",
  "br",
  "d",
  "f",
  "g",
  "gr",
  "h",
  "k",
  "l",
  "m",
  "n",
  "p",
  "pl",
  "r",
  "s",
  "st",
  "t",
  "tr",
  "v",
  "w",
];
const MIDDLES = ["a", "e", "i", "o", "u", "ai", "ea", "ou"];
const ENDS = ["", "l", "m", "n", "r", "s", "t"];
const SYLLABLES = BEGINNINGS.flatMap((one) =>
  MIDDLES.flatMap((two) => ENDS.map((three) => one + two + three)),
);

/** How many words there are. */
const VOCABULARY = 20_000;

/** Words in a tweet: about 80 letters. */
const LENGTH = { least: 8, most: 20 };
const MEAN_LENGTH = (LENGTH.least + LENGTH.most) / 2;

/** The word of a rank; no two are the same. */
export function wordOf(rank: number): string {
  const first = SYLLABLES[rank % SYLLABLES.length] ?? "";
  const rest = Math.floor(rank / SYLLABLES.length);
  return `${first}${rest === 0 ? "" : SYLLABLES[(rest * 31) % SYLLABLES.length]}${"aeiou"[rank % 5]}x`;
}

// The n-th word is used about 1/n as often as the first, as in any language.
const drawRank = (random: Random): number => Math.floor(VOCABULARY ** random.next()) - 1;

/** The rank of the word that comes about `times` times in so many tweets. */
export function rankUsed(times: number, tweets: number): number {
  const rank = Math.round((tweets * MEAN_LENGTH) / (times * Math.log(VOCABULARY)) - 1.5);
  return Math.min(VOCABULARY - 1, Math.max(0, rank));
}

/** What somebody says: common words often, rare ones seldom. */
export function sentenceOf(random: Random): string {
  const length = LENGTH.least + random.below(LENGTH.most - LENGTH.least + 1);
  return Array.from({ length }, () => wordOf(drawRank(random))).join(" ");
}

/** A name of two words for the n-th person. */
export function nameOf(n: number): string {
  const random = new Random(n, 7);
  const word = () => wordOf(random.below(2_000));
  return [word(), word()].map((each) => each[0]?.toUpperCase() + each.slice(1)).join(" ");
}
