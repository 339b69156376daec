import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { NOBODY, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { countForUser } from "../users/user.service";
import { EntryModel } from "./entry.model";
import { entryKey, entryRemoved } from "./entry.service";
import { CommentModel, type CommentRecord, PostModel, type PostRecord, type TweetRecord } from "./post.model";
import { notFound, type PostKey, postDeleted } from "./post.service";

/**
 * Deletes a post for good, whoever asks: nobody sees it from now on. Its text stays stored as evidence for reports, and its
 * comments stay; its likes and retweets follow it in a moment.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted already
 */
export async function removePost({ jobs }: Pick<App, "jobs">, key: PostKey): Promise<void> {
  const remove = async () => {
    await takeAway({ jobs }, key, { deletedAt: now() });
    await jobs.emit(postDeleted, { postId: key.id });
  };
  // However many react to it at this moment.
  await inTurn([key.id], () => transaction(remove));
}

/**
 * Has nobody see a post, and nothing count it, from now on; in a transaction.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted already
 */
export async function takeAway(
  { jobs }: Pick<App, "jobs">,
  { kind, id }: PostKey,
  marks: Partial<Pick<PostRecord, "deletedAt" | "removedAt">>,
): Promise<PostRecord> {
  const post = await PostModel.findOneAndUpdate(
    { _id: oid(id), kind, deletedAt: null },
    { $set: marks },
  ).lean<TweetRecord | CommentRecord | null>();
  if (!post) throw notFound(kind);
  if (post.kind === "tweet") {
    await EntryModel.deleteOne({ _id: post._id });
    await jobs.emit(entryRemoved, entryKey({ _id: post._id, actorId: post.authorId }));
    await countForUser(post.authorId, { tweets: -1 });
  } else {
    await leaveThread(post);
  }
  return post;
}

async function leaveThread(comment: CommentRecord): Promise<void> {
  await PostModel.updateOne({ _id: comment.answeredId }, { $inc: { "counts.replies": -1 } });
  // A deleted comment keeps its place while answers stand under it; the last of them takes such places along.
  let last: CommentRecord | null = comment;
  while (last && last.standing === 0) {
    // Whom it answered is of no more use, and may not be kept when they are gone.
    await CommentModel.updateOne({ _id: last._id }, { $set: { gone: true, answeredAuthorId: NOBODY } });
    if (!last.parentId) return;
    const parent: CommentRecord | null = await CommentModel.findOneAndUpdate(
      { _id: last.parentId },
      { $inc: { standing: -1 } },
      { returnDocument: "after" },
    ).lean();
    last = parent?.deletedAt ? parent : null;
  }
}
