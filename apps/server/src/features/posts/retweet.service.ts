import type { ListById, Page, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { listCards } from "../users/user.view";
import { EntryModel, type EntryRecord } from "./entry.model";
import { entryAdded, entryKey, entryRemoved } from "./entry.service";
import { countsOf, moveCount, type PostCounts, tweetRetweeted, tweetUnretweeted } from "./post.service";

/**
 * Puts a tweet on the viewer's timeline, whether or not it is there already; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND when it is deleted meanwhile
 */
export function storeRetweet(ctx: ViewerContext, id: string): Promise<PostCounts> {
  const [edge, tweet] = [edgeOf(ctx, id), { kind: "tweet", id } as const];
  return inTransactionOn(id, async () => {
    if (await EntryModel.exists(edge)) return countsOf(tweet);
    const counts = await moveCount(tweet, "retweets", 1);
    const entry = { _id: newId(), ...edge };
    await EntryModel.insertMany([entry]);
    await ctx.jobs.emit(entryAdded, entryKey(entry));
    await ctx.jobs.emit(tweetRetweeted, { tweetId: id, userId: ctx.viewer.id });
    return counts;
  });
}

/**
 * Takes a tweet off the viewer's timeline, whether or not it is there; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND when it is deleted meanwhile
 */
export function removeRetweet(ctx: ViewerContext, id: string): Promise<PostCounts> {
  const [edge, tweet] = [edgeOf(ctx, id), { kind: "tweet", id } as const];
  return inTransactionOn(id, async () => {
    const entry = await EntryModel.findOneAndDelete(edge).lean();
    if (!entry) return countsOf(tweet);
    const counts = await moveCount(tweet, "retweets", -1);
    await ctx.jobs.emit(entryRemoved, entryKey(entry));
    await ctx.jobs.emit(tweetUnretweeted, { tweetId: id, userId: ctx.viewer.id });
    return counts;
  });
}

const edgeOf = ({ viewer }: ViewerContext, id: string) => ({
  tweetId: oid(id),
  actorId: oid(viewer.id),
  kind: "retweet" as const,
});

// All who retweet one tweet move its counter: on one node in turn, rather than in conflict and over again.
const inTransactionOn = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  inTurn([id], () => transaction(work));

/** Whether this tweet is on this user's timeline as a retweet. */
export const hasRetweeted = async (actorId: ObjectId, tweetId: ObjectId): Promise<boolean> =>
  (await EntryModel.exists({ tweetId, actorId, kind: "retweet" })) !== null;

/** Who retweeted a tweet, the latest first. */
export function listRetweeters(
  ctx: Pick<Context, "viewer">,
  { id, cursor, limit }: ListById,
): Promise<Page<UserCard>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<EntryRecord, UserCard>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return EntryModel.find({
        tweetId: oid(id),
        kind: "retweet",
        ...(before && { _id: { $lt: before } }),
      })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: (entries) =>
      listCards(
        ctx,
        entries.map((entry) => entry.actorId),
      ),
    cursorOf: (entry) => encodeCursor({ id: String(entry._id) }),
  });
}
