import { Id, type Page, type SearchTweets, type Tweet } from "@warble/contracts";
import { z } from "zod";
import type { Context } from "../../platform/context";
import { newId, type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, inMemory } from "../../platform/page";
import type { Found } from "../posts/find.service";
import type { TweetRecord } from "../posts/post.service";
import { showTweets } from "../posts/post.view";
import { lookThrough, PIECES, type Plan } from "./tweet-plan.service";

/** So many of the newest that match are ranked; then as many of those below them. */
const RANKED = 500;

const Rank = z.strictObject({ score: z.int(), id: Id });
type Rank = z.infer<typeof Rank>;

/**
 * What is ranked together lies between two ids, so that what is written while somebody pages moves nothing: `from` is null
 * where the list ends there, and missing where nothing has been ranked yet.
 */
const TopCursor = z.strictObject({ below: Id, from: Id.nullish(), after: Rank.optional() });
type TopCursor = z.infer<typeof TopCursor>;

/** The tweets that match, the most liked, retweeted and answered first. @throws WarbleError BAD_CURSOR */
export async function topTweets(
  ctx: Pick<Context, "viewer">,
  { cursor, limit }: SearchTweets,
  plan: Plan,
): Promise<Page<Tweet>> {
  const start = decodeCursor(cursor, TopCursor) ?? { below: String(newId()) };
  const { tweets, from } = await rankedTogether(plan, start);
  const { after } = start;
  const ranked = tweets.map(positionOf).sort(byRank);
  const rows = ranked.filter((each) => !after || byRank(each, after) > 0);
  const page = await fillPage<Position, Tweet>({
    limit,
    read: inMemory(rows),
    show: (positions) =>
      showTweets(
        ctx,
        positions.map((each) => each.tweet),
        "feeds",
      ),
    cursorOf: ({ score, id }) => encodeCursor({ below: start.below, from, after: { score, id } }),
  });
  return from && !page.nextCursor ? { ...page, nextCursor: encodeCursor({ below: from }) } : page;
}

/** What is ranked together, and down to where it goes; null where nothing is below. */
async function rankedTogether(
  plan: Plan,
  { below, from }: TopCursor,
): Promise<{ tweets: TweetRecord[]; from: string | null }> {
  const tweets: TweetRecord[] = [];
  let rest: ObjectId | null = oid(below);
  for (let pieces = 0; rest !== null; pieces++) {
    const isThere =
      from === undefined ? pieces === PIECES || tweets.length >= RANKED : from && String(rest) <= from;
    if (isThere) break;
    const found: Found = await lookThrough(plan, { below: rest, count: RANKED });
    tweets.push(...found.tweets);
    rest = found.rest;
  }
  if (from === undefined) return { tweets, from: rest && String(rest) };
  return { tweets: tweets.filter(({ _id }) => !from || String(_id) >= from), from };
}

interface Position extends Rank {
  tweet: TweetRecord;
}

function positionOf(tweet: TweetRecord): Position {
  const { likes, retweets, replies } = tweet.counts;
  return { score: likes + retweets + replies, id: String(tweet._id), tweet };
}

const byRank = (a: Rank, b: Rank): number => b.score - a.score || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
