import { defineEvent } from "../../platform/events";
import { compareIds, type ObjectId } from "../../platform/id";
import { EntryModel, type EntryRecord, LATEST, latestMemory, retweetMemory } from "./entry.model";
import { entriesOf, newerFirst, type Piece } from "./feed.service";
import type { PostRecord, TweetRecord } from "./post.model";

/** Which entry of whose timeline. */
export interface EntryKey {
  entryId: string;
  actorId: string;
}

/** Something came onto somebody's timeline; look whether it is still there. */
export const entryAdded = defineEvent<EntryKey>("entry.added");
/** It is no longer there, unless it has come back. */
export const entryRemoved = defineEvent<EntryKey>("entry.removed");

export const entryKey = ({ _id, actorId }: Pick<EntryRecord, "_id" | "actorId">): EntryKey => ({
  entryId: String(_id),
  actorId: String(actorId),
});

/** The entry, while it is on a timeline. */
export const findEntry = (id: ObjectId): Promise<EntryRecord | null> => EntryModel.findById(id).lean();

/** What these few people put on their timelines, newest first; the latest of it is at hand. */
export async function latestOf(actorIds: ObjectId[], piece: Piece): Promise<EntryRecord[]> {
  const lists = await latestMemory.find(actorIds.map(String));
  const kept = [...lists.values()].map((entries) => ({
    goesOn: entries.length === LATEST,
    older: entries.filter(({ _id }) => !piece.below || compareIds(_id, piece.below) < 0),
  }));
  if (kept.some(({ goesOn, older }) => goesOn && older.length < piece.count))
    return entriesOf(actorIds, piece);
  return kept
    .flatMap(({ older }) => older)
    .sort(newerFirst)
    .slice(0, piece.count);
}

/** Of tweets with more retweets than this, not all are read. */
const FEW = 200;

const hasFew = ({ counts }: PostRecord): boolean => counts.retweets <= FEW;

/**
 * The retweets of these tweets that may concern somebody: all of those that have few, and of the others those by these
 * people, who are only asked for then.
 */
export async function retweetsOf(
  tweets: TweetRecord[],
  by: () => Promise<ObjectId[]>,
): Promise<EntryRecord[]> {
  const some = tweets.filter(({ counts }) => counts.retweets > 0);
  const many = some.filter((tweet) => !hasFew(tweet)).map(({ _id }) => _id);
  const [few, others] = await Promise.all([
    retweetMemory.findAll(some.filter(hasFew).map(({ _id }) => String(_id))),
    many.length > 0
      ? EntryModel.find({ tweetId: { $in: many }, actorId: { $in: await by() }, kind: "retweet" }).lean()
      : [],
  ]);
  return [...few, ...others];
}

/** Which of these tweets a user has retweeted, by their ids. */
export async function retweetedBy(userId: ObjectId, tweets: TweetRecord[]): Promise<Set<string>> {
  const entries = await retweetsOf(tweets, async () => [userId]);
  return new Set(
    entries.filter(({ actorId }) => actorId.equals(userId)).map(({ tweetId }) => String(tweetId)),
  );
}
