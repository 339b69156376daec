import type { ObjectId } from "../../platform/id";
import { spellingsOf, typosIn } from "./name.service";
import { UserModel, type UserRecord } from "./user.model";

const EXACT = 40;
const FRIENDS = 60;
const BEGINNING = 60;
const MISSPELT = 40;

const LAST = "\u{10ffff}";

/**
 * Users whose names have, begin with, or nearly are these words, each once and in any order: 200 at most, among
 * them the most followed of the exact ones and those of `friends`. The rules are not applied.
 */
export async function findUsersLike(words: string[], friends: ObjectId[]): Promise<UserRecord[]> {
  const beginning = words.map((word) => ({ names: { $elemMatch: { $gte: word, $lt: word + LAST } } }));
  const misspelt = words.map((word, index) =>
    typosIn(word) > 0 ? { spellings: { $in: spellingsOf(word) } } : { ...beginning[index] },
  );
  const found = await Promise.all([
    UserModel.find({ names: { $all: words } })
      .sort({ "counts.followers": -1 })
      .limit(EXACT)
      .lean(),
    friends.length > 0
      ? UserModel.find({ $and: [{ _id: { $in: friends } }, ...beginning] })
          .limit(FRIENDS)
          .lean()
      : [],
    UserModel.find({ $and: beginning }).limit(BEGINNING).lean(),
    words.some((word) => typosIn(word) > 0) ? UserModel.find({ $and: misspelt }).limit(MISSPELT).lean() : [],
  ]);
  return [...new Map(found.flat().map((user) => [String(user._id), user])).values()];
}
