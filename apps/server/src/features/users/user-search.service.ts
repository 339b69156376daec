import type { ObjectId } from "../../platform/id";
import { BEGINNING, spellingsOf, typosIn } from "./name.service";
import { NAME_INDEXES, type SearchKeys, UserModel, type UserRecord } from "./user.model";

const EXACT = 40;
const FRIENDS = 60;
const BEGIN = 60;
const MISSPELT = 40;
/** Of those whom one word fits, so many are looked through for the others. */
const LOOKED = 1_000;

const LAST = "\u{10ffff}";

/** A user and what their names are. */
export type NamedUser = UserRecord & Pick<SearchKeys, "names">;

/**
 * Users whose names have, begin with, or nearly are these words, each once and in any order: 200 at most, among
 * them the most followed of the exact ones, those of `friends`, and the most followed of those that begin so, if that is
 * short. The rules are not applied.
 */
export async function findUsersLike(words: string[], friends: ObjectId[]): Promise<NamedUser[]> {
  // The longest word fits the fewest people, as a rule.
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const found = await Promise.all([
    look(longestFirst.map(isName), EXACT),
    friends.length > 0 ? look([isOneOf(friends), ...longestFirst.map(beginsAs)], FRIENDS) : [],
    look(longestFirst.map(beginsAs), BEGIN),
    longestFirst.some((word) => typosIn(word) > 0) ? look(longestFirst.map(isNearly), MISSPELT) : [],
  ]);
  return [...new Map(found.flat().map((user) => [String(user._id), user])).values()];
}

/** What a name is to be, and the index that finds it. */
interface Fit {
  by: keyof typeof NAME_INDEXES | "_id";
  where: object;
  /** One place in the index, where the most followed come first. */
  ranked?: boolean;
}

const isOneOf = (ids: ObjectId[]): Fit => ({ by: "_id", where: { _id: { $in: ids } } });

const isName = (word: string): Fit => ({ by: "names", where: { names: word }, ranked: true });

const beginsAs = (word: string): Fit =>
  [...word].length <= BEGINNING
    ? { by: "beginnings", where: { beginnings: word }, ranked: true }
    : { by: "names", where: { names: { $elemMatch: { $gte: word, $lt: word + LAST } } } };

const isNearly = (word: string): Fit =>
  typosIn(word) > 0 ? { by: "spellings", where: { spellings: { $in: spellingsOf(word) } } } : beginsAs(word);

/** People whom all of it fits, among the first of those whom the first of it fits. */
async function look([first, ...others]: Fit[], count: number): Promise<NamedUser[]> {
  if (!first) return [];
  const rest = others.map(({ where }) => where);
  return UserModel.aggregate<NamedUser>([
    { $match: first.where },
    ...(first.ranked ? [{ $sort: { "counts.followers": -1 as const } }] : []),
    { $limit: LOOKED },
    ...(rest.length > 0 ? [{ $match: { $and: rest } }] : []),
    { $limit: count },
    { $project: { beginnings: 0, spellings: 0 } },
  ]).hint(first.by === "_id" ? { _id: 1 } : NAME_INDEXES[first.by]);
}
