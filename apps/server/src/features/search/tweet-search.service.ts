import { Id, type Page, phraseText, type SearchTweets, type Tweet } from "@warble/contracts";
import { z } from "zod";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { findTweets, type TweetQuery } from "../posts/find.service";
import type { TweetRecord } from "../posts/post.service";
import { showTweets } from "../posts/post.view";
import { findUsersByName, usernameKey } from "../users/user.service";
import { showCards } from "../users/user.view";
import { type ReadQuery, readQuery, type Traits } from "./tweet-query.service";

type Asker = Pick<Context, "viewer">;

/** So many of the newest that match are ranked; what is older cannot come to the top. */
const RANKED = 500;

/** Tweets that hold all that is asked for. @throws WarbleError BAD_INPUT when nothing is asked for, BAD_CURSOR */
export async function searchTweets(ctx: Asker, input: SearchTweets): Promise<Page<Tweet>> {
  const read = readQuery(input);
  if (!read.asks) {
    const message = "Say what to look for: a word, or a filter such as from: or since:.";
    throw new WarbleError("BAD_INPUT", {
      message,
      issues: [{ path: ["query"], code: "too_small", message }],
    });
  }
  const query = await indexQuery(ctx, read);
  return (input.sort === "top" ? topTweets : newestTweets)(ctx, input, { read, query });
}

/** What was asked, and how the index finds it; null where no tweet can be it. */
interface Plan {
  read: ReadQuery;
  query: TweetQuery | null;
}

function newestTweets(ctx: Asker, { cursor, limit }: SearchTweets, plan: Plan): Promise<Page<Tweet>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<TweetRecord, Tweet>({
    limit,
    read: async (last, count) =>
      plan.query ? findTweets(plan.query, { below: last?._id ?? (start && oid(start.id)), count }) : [],
    show: (tweets) => showHolding(ctx, tweets, plan.read),
    cursorOf: (tweet) => encodeCursor({ id: String(tweet._id) }),
  });
}

/** `below` bounds what is ranked, so that what is written while somebody pages moves nothing. */
const TopCursor = z.strictObject({ score: z.int(), id: Id, below: Id });

async function topTweets(ctx: Asker, { cursor, limit }: SearchTweets, plan: Plan): Promise<Page<Tweet>> {
  const start = decodeCursor(cursor, TopCursor);
  const piece = { below: start && oid(start.below), count: RANKED };
  const matching = plan.query ? await findTweets(plan.query, piece) : [];
  const below = start?.below ?? String(newId());
  const ranked = matching
    .map(positionOf)
    .sort(byRank)
    .filter((each) => !start || byRank(each, start) > 0);
  return fillPage<Position, Tweet>({
    limit,
    read: async (last, count) => {
      const next = last ? ranked.indexOf(last) + 1 : 0;
      return ranked.slice(next, next + count);
    },
    show: (positions) =>
      showHolding(
        ctx,
        positions.map((each) => each.tweet),
        plan.read,
      ),
    cursorOf: ({ score, id }) => encodeCursor({ score, id, below }),
  });
}

interface Position {
  score: number;
  id: string;
  tweet: TweetRecord;
}

function positionOf(tweet: TweetRecord): Position {
  const { likes, retweets, replies } = tweet.counts;
  return { score: likes + retweets + replies, id: String(tweet._id), tweet };
}

const byRank = (a: Omit<Position, "tweet">, b: Omit<Position, "tweet">): number =>
  b.score - a.score || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** The index finds words in any order; here their order in phrases is looked at. */
async function showHolding(
  ctx: Asker,
  tweets: TweetRecord[],
  { wanted, unwanted }: ReadQuery,
): Promise<(Tweet | null)[]> {
  const shown = await showTweets(ctx, tweets, "feeds");
  return shown.map((tweet) => {
    if (!tweet) return null;
    const text = phraseText(tweet.content);
    const isIn = (phrase: string) => text.includes(phrase);
    return wanted.phrases.every(isIn) && !unwanted.phrases.some(isIn) ? tweet : null;
  });
}

async function indexQuery(ctx: Asker, read: ReadQuery): Promise<TweetQuery | null> {
  const { wanted, unwanted, since, until } = read;
  const names = [wanted, unwanted].flatMap((traits) => [...traits.from, ...traits.to]);
  const users = names.length > 0 ? await findUsersByName(names) : [];
  const cards = await showCards(ctx, users, "profile");
  const ids = new Map(cards.flatMap((card) => (card ? [[usernameKey(card.username), card.id]] : [])));
  if (ctx.viewer) ids.set("me", ctx.viewer.id);
  const people = peopleTerms(wanted, ids);
  const terms = [...people, ...wanted.terms.flat()].filter((term) => term !== null);
  if (people.includes(null) || terms.length + since.length + until.length === 0) return null;
  const others = peopleTerms(unwanted, ids).flatMap((term) => (term ? [[term]] : []));
  return {
    terms: [...new Set(terms)],
    without: [...unwanted.terms.filter((group) => group.length > 0), ...others],
    since,
    until,
  };
}

/** How the index knows who wrote and who is mentioned; null for who is missing or hidden. */
function peopleTerms({ from, to }: Traits, ids: Map<string, string>): (string | null)[] {
  const termOf = (prefix: string) => (name: string) => {
    const id = ids.get(usernameKey(name));
    return id === undefined ? null : prefix + id;
  };
  return [...from.map(termOf("from:")), ...to.map(termOf("@"))];
}
