import { type FindUsers, foldText, type ModeratedUser, type Page } from "@warble/contracts";
import { z } from "zod";
import { decodeCursor, encodeCursor } from "../../platform/page";
import { findUsersLike, type NamedUser } from "../users/user-search.service";
import { showPeople } from "./person.view";

const WORDS = 4;
const Position = z.strictObject({ distance: z.int(), name: z.string() });
type Position = z.infer<typeof Position>;

/** Users by the beginning of their names, typos forgiven, whatever hides them from others. @throws WarbleError BAD_CURSOR */
export async function findPeople({ query, cursor, limit }: FindUsers): Promise<Page<ModeratedUser>> {
  const start = decodeCursor(cursor, Position);
  const words = foldText(query)
    .split(/[^\p{L}\p{M}\p{N}_]+/u)
    .filter(Boolean)
    .slice(0, WORDS);
  if (words.length === 0) return { items: [], nextCursor: null };
  const found = (await findUsersLike(words, []))
    .map((user) => ({ user, position: positionOf(words, user) }))
    .sort((a, b) => compare(a.position, b.position))
    .filter(({ position }) => !start || compare(position, start) > 0);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: await showPeople(shown.map(({ user }) => user)),
    nextCursor: last && found.length > limit ? encodeCursor(last.position) : null,
  };
}

/** Whoever has this very username comes first, then whose names begin so. */
function positionOf(words: string[], { usernameKey, names }: NamedUser): Position {
  const begins = words.every((word) => names.some((name) => name.startsWith(word)));
  const distance = words.length === 1 && words[0] === usernameKey ? 0 : begins ? 1 : 2;
  return { distance, name: usernameKey };
}

const compare = (a: Position, b: Position): number =>
  a.distance - b.distance || (a.name < b.name ? -1 : +(a.name > b.name));
