import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { NOBODY, type ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { EntryModel } from "./entry.model";
import { LikeModel } from "./like.model";
import { CommentModel, PostModel, type PostRecord } from "./post.model";
import { notFound, postDeleted } from "./post.service";
import { removePost } from "./remove.service";
import { VersionModel } from "./version.model";

const BATCH = 50;
const KINDS = { $in: ["tweet" as const, "comment" as const] };

/** Some of what a user wrote, deleted by now or not. */
export const somePostsBy = (authorId: ObjectId): Promise<PostRecord[]> =>
  PostModel.find({ authorId, kind: KINDS }).limit(BATCH).lean();

/** Deletes a post for good, unless it is deleted already. */
export async function ensureRemoved(app: App, post: PostRecord): Promise<void> {
  const { _id, kind, deletedAt } = post;
  if (post.removedAt) await forbidRestoring(app, _id);
  if (deletedAt) return;
  const id = String(_id);
  await removePost(app, { kind, id }).catch((error: unknown) => {
    const isGone = error instanceof WarbleError && error.reason === notFound(kind).reason;
    if (!isGone) throw error;
  });
}

/** What was taken down is deleted for good: its likes and retweets go, too. */
const forbidRestoring = ({ jobs }: App, _id: ObjectId): Promise<void> =>
  transaction(async () => {
    await PostModel.updateOne({ _id }, { $set: { removedAt: null } });
    await jobs.emit(postDeleted, { postId: String(_id) });
  });

/**
 * Takes from posts what they said and who wrote them; their places stay, for what others answered there. What a moderator
 * has brought back or taken down at this moment stays the user's, to be deleted once more.
 */
export async function emptyPosts(ids: ObjectId[]): Promise<void> {
  const forGood = { _id: { $in: ids }, deletedAt: { $ne: null }, removedAt: null };
  await VersionModel.deleteMany({ postId: { $in: ids } });
  const nobodys = { $set: { answeredAuthorId: NOBODY } };
  await CommentModel.updateMany({ answeredId: { $in: ids }, gone: false }, nobodys);
  const nothing = { authorId: NOBODY, content: "", entities: [], terms: [], version: 0, editedAt: null };
  await PostModel.updateMany(forGood, { $set: nothing });
}

/** Makes some of the mentions of a user plain text. @returns whether there may be more */
export async function removeSomeMentions(_app: App, userId: ObjectId): Promise<boolean> {
  const term = `@${userId}`;
  const posts = await PostModel.find({ terms: term, kind: KINDS }, { _id: 1 }).limit(BATCH).lean();
  const ids = posts.map(({ _id }) => _id);
  const mention = { entities: { type: "mention", userId: String(userId) } };
  await VersionModel.updateMany({ postId: { $in: ids } }, { $pull: mention });
  await PostModel.updateMany({ _id: { $in: ids } }, { $pull: { ...mention, terms: term } });
  return posts.length > 0;
}

/** Takes away some of a user's likes, with the posts' counters. @returns whether there may be more */
export async function removeSomeLikes(_app: App, userId: ObjectId): Promise<boolean> {
  const likes = await LikeModel.find({ userId }).limit(BATCH).lean();
  for (const { _id, postId } of likes) await uncounting(postId, "likes", () => LikeModel.deleteOne({ _id }));
  return likes.length > 0;
}

/** Takes away some of a user's retweets, with the tweets' counters. @returns whether there may be more */
export async function removeSomeRetweets(_app: App, actorId: ObjectId): Promise<boolean> {
  const entries = await EntryModel.find({ actorId, kind: "retweet" }).limit(BATCH).lean();
  for (const { _id, tweetId } of entries)
    await uncounting(tweetId, "retweets", () => EntryModel.deleteOne({ _id }));
  return entries.length > 0;
}

/** Removes an edge, and counts it no longer, unless somebody else has just done so. */
const uncounting = (
  postId: ObjectId,
  name: "likes" | "retweets",
  remove: () => Promise<{ deletedCount: number }>,
): Promise<void> =>
  inTurn([String(postId)], () =>
    transaction(async () => {
      const { deletedCount } = await remove();
      if (deletedCount === 0) return;
      await PostModel.updateOne({ _id: postId }, { $inc: { [`counts.${name}`]: -1 } });
    }),
  );
