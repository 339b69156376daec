import type { ListById, Page, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { listCards } from "../users/user.view";
import { EntryModel, type EntryRecord } from "./entry.model";
import { entryAdded, entryKey, entryRemoved } from "./entry.service";
import { type PostCounts, tweetRetweeted, tweetUnretweeted } from "./post.service";
import { type Between, reactions } from "./reaction.service";

const react = reactions({
  counter: "retweets",
  find: findRetweets,
  insert: (retweets) =>
    EntryModel.insertMany(
      retweets.map(({ _id, userId, post }) => ({ _id, actorId: userId, tweetId: post._id, kind: "retweet" })),
      { lean: true },
    ),
  remove: (ids) => EntryModel.deleteMany({ _id: { $in: ids } }),
  tell: async ({ jobs }, { _id, userId, post }, isThere) => {
    await jobs.emit(isThere ? entryAdded : entryRemoved, entryKey({ _id, actorId: userId }));
    await jobs.emit(isThere ? tweetRetweeted : tweetUnretweeted, {
      tweetId: String(post._id),
      userId: String(userId),
      own: post.authorId.equals(userId),
    });
  },
});

/**
 * Puts a tweet on the viewer's timeline, whether or not it is there already; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND when it is deleted meanwhile
 */
export const storeRetweet = (ctx: ViewerContext, id: string): Promise<PostCounts> =>
  react({ ctx, post: { kind: "tweet", id }, wanted: true });

/**
 * Takes a tweet off the viewer's timeline, whether or not it is there; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND when it is deleted meanwhile
 */
export const removeRetweet = (ctx: ViewerContext, id: string): Promise<PostCounts> =>
  react({ ctx, post: { kind: "tweet", id }, wanted: false });

/** The retweets of these tweets by these people. */
export async function findRetweets(userIds: ObjectId[], tweetIds: ObjectId[]): Promise<Between[]> {
  const entries = await EntryModel.find({
    tweetId: { $in: tweetIds },
    actorId: { $in: userIds },
    kind: "retweet",
  }).lean();
  return entries.map(({ _id, actorId, tweetId }) => ({ _id, userId: actorId, postId: tweetId }));
}

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
