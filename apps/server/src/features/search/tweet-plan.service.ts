import { phraseText } from "@warble/contracts";
import type { Piece } from "../posts/feed.service";
import type { Finder, Found } from "../posts/find.service";
import type { TweetRecord } from "../posts/post.service";
import type { ReadQuery } from "./tweet-query.service";

/** What was asked, and what finds it; null where no tweet can be it. */
export interface Plan {
  read: ReadQuery;
  find: Finder | null;
}

/** So many pieces are looked through for one page. */
export const PIECES = 5;
/** So many tweets that hold the words of a phrase are read at once, for few may hold them in its order. */
const WITH_PHRASES = 200;

/** The next tweets that are what was asked for: see `tweetFinder`. */
export async function lookThrough({ read, find }: Plan, { below, count }: Piece): Promise<Found> {
  if (!find) return { tweets: [], rest: null };
  const { wanted, unwanted } = read;
  if (wanted.phrases.length + unwanted.phrases.length === 0) return find({ below, count });
  const { tweets, rest } = await find({ below, count: Math.max(count, WITH_PHRASES) });
  const holding = tweets.filter((tweet) => holds(tweet, read));
  const last = holding[count - 1];
  return last ? { tweets: holding.slice(0, count), rest: last._id } : { tweets: holding, rest };
}

/** The index finds words in any order; here their order in phrases is looked at. */
function holds({ content }: TweetRecord, { wanted, unwanted }: ReadQuery): boolean {
  const text = phraseText(content);
  const isIn = (phrase: string) => text.includes(phrase);
  return wanted.phrases.every(isIn) && !unwanted.phrases.some(isIn);
}
