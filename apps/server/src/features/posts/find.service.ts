import { idAt, type ObjectId } from "../../platform/id";
import type { Piece } from "./feed.service";
import { postMemory, TweetModel, type TweetRecord } from "./post.model";

/** What tweets are looked for by; all of it must be so. */
export interface TweetQuery {
  /** Every one of these: see `termsOf`. */
  terms: string[];
  /** None of these groups in full. */
  without?: string[][];
  since?: Date[];
  /** Not these moments themselves. */
  until?: Date[];
}

/** The records of these tweets, in any order, deleted ones too; the rules are not applied. */
export async function findTweetsById(ids: ObjectId[]): Promise<TweetRecord[]> {
  const posts = await postMemory.findAll(ids.map(String));
  return posts.filter((post): post is TweetRecord => post.kind === "tweet");
}

/** The tweets that match, newest first; the rules are not applied. */
export function findTweets(query: TweetQuery, { below, count }: Piece): Promise<TweetRecord[]> {
  const { terms, without = [], since = [], until = [] } = query;
  return TweetModel.find({
    $and: [
      { kind: "tweet", deletedAt: null },
      ...(terms.length > 0 ? [{ terms: { $all: terms } }] : []),
      ...without.map((group) => ({ $nor: [{ terms: { $all: group } }] })),
      ...since.map((moment) => ({ _id: { $gte: idAt(moment) } })),
      ...until.map((moment) => ({ _id: { $lt: idAt(moment) } })),
      ...(below ? [{ _id: { $lt: below } }] : []),
    ],
  })
    .sort({ _id: -1 })
    .limit(count)
    .lean<TweetRecord[]>();
}
