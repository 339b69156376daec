import type { Page, SearchTweets, Tweet } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import type { Stored } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { type TweetQuery, tweetFinder } from "../posts/find.service";
import type { TweetRecord } from "../posts/post.service";
import { showTweets } from "../posts/post.view";
import { findUsersByName, usernameKey } from "../users/user.service";
import { showCards } from "../users/user.view";
import { topTweets } from "./top-tweets.service";
import { lookThrough, PIECES, type Plan } from "./tweet-plan.service";
import { type ReadQuery, readQuery, type Traits } from "./tweet-query.service";

type Asker = Pick<Context, "viewer">;

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
  return (input.sort === "top" ? topTweets : newestTweets)(ctx, input, {
    read,
    find: query && tweetFinder(query),
  });
}

function newestTweets(ctx: Asker, { cursor, limit }: SearchTweets, plan: Plan): Promise<Page<Tweet>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<TweetRecord, Tweet, Stored>({
    limit,
    rounds: PIECES,
    read: async (last, count) => {
      const { tweets, rest } = await lookThrough(plan, {
        below: last?._id ?? (start && oid(start.id)),
        count,
      });
      return { rows: tweets, rest: rest && { _id: rest } };
    },
    show: (tweets) => showTweets(ctx, tweets, "feeds"),
    cursorOf: (place) => encodeCursor({ id: String(place._id) }),
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
