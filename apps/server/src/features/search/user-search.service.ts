import { foldText, Id, type Page, type SearchUsers, type UserCard } from "@warble/contracts";
import { z } from "zod";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { decodeCursor, encodeCursor } from "../../platform/page";
import { followeesOf } from "../relationships/followees.service";
import { typosBetween, typosIn } from "../users/name.service";
import { showCards } from "../users/user.view";
import { findUsersLike, type NamedUser } from "../users/user-search.service";

const WORDS = 4;
const FRIENDS = 1_000;

/** What a user is ranked by, the first that differs decides; the smaller, the further up. */
const Rank = z.strictObject({
  /** 0: this username; 1: all words are names; 2: all begin names; 3: some are mistyped. */
  distance: z.int(),
  strangers: z.int(),
  unknown: z.int(),
  id: Id,
});
type Rank = z.infer<typeof Rank>;

interface Hit {
  card: UserCard;
  rank: Rank;
}

/**
 * Users by the beginning of their names, typos forgiven: the closest match first, then those the viewer follows,
 * then those who are followed most. @throws WarbleError BAD_CURSOR
 */
export async function searchUsers(
  ctx: Pick<Context, "viewer">,
  { query, cursor, limit }: SearchUsers,
): Promise<Page<UserCard>> {
  const start = decodeCursor(cursor, Rank);
  const words = wordsOf(query);
  if (words.length === 0) return { items: [], nextCursor: null };
  const friends = ctx.viewer ? await followeesOf(oid(ctx.viewer.id)) : [];
  const users = await findUsersLike(words, friends.slice(0, FRIENDS));
  const cards = await showCards(ctx, users, "people");
  const hits = users
    .flatMap((user, index) => hitOf(words, user, cards[index] ?? null))
    .sort((a, b) => compare(a.rank, b.rank))
    .filter((hit) => !start || compare(hit.rank, start) > 0);
  const last = hits[limit - 1];
  return {
    items: hits.slice(0, limit).map((hit) => hit.card),
    nextCursor: last && hits.length > limit ? encodeCursor(last.rank) : null,
  };
}

const wordsOf = (query: string): string[] =>
  foldText(query)
    .split(/[^\p{L}\p{M}\p{N}_]+/u)
    .filter(Boolean)
    .slice(0, WORDS);

function hitOf(words: string[], user: NamedUser, card: UserCard | null): Hit[] {
  const distance = distanceOf(words, user);
  if (!card || distance === null) return [];
  const rank = {
    distance,
    strangers: card.viewer?.following ? 0 : 1,
    unknown: -user.counts.followers,
    id: card.id,
  };
  return [{ card, rank }];
}

function distanceOf(words: string[], { usernameKey, names }: NamedUser): number | null {
  if (words.length === 1 && words[0] === usernameKey) return 0;
  if (words.every((word) => names.includes(word))) return 1;
  const begins = (word: string) => names.some((name) => name.startsWith(word));
  if (words.every(begins)) return 2;
  const nearly = (word: string) => names.some((name) => typosBetween(word, name) <= typosIn(word));
  return words.every((word) => begins(word) || nearly(word)) ? 3 : null;
}

const compare = (a: Rank, b: Rank): number =>
  a.distance - b.distance ||
  a.strangers - b.strangers ||
  a.unknown - b.unknown ||
  (a.id < b.id ? -1 : +(a.id > b.id));
