import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { countForUser, findUser } from "../users/user.service";
import { EntryModel } from "./entry.model";
import { entryAdded, entryKey } from "./entry.service";
import { CommentModel, type CommentRecord, PostModel, type PostRecord, type TweetRecord } from "./post.model";
import { notFound, type PostKey, postTakenDown } from "./post.service";
import { takeAway } from "./remove.service";

/**
 * Has nobody see a post until it is restored: its likes and retweets stay stored, and so does what was told of it.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted already
 */
export const takeDownPost = ({ jobs }: Pick<App, "jobs">, key: PostKey): Promise<PostRecord> =>
  transaction(async () => {
    const at = now();
    const post = await takeAway({ jobs }, key, { deletedAt: at, removedAt: at });
    await jobs.emit(postTakenDown, { postId: key.id });
    return post;
  });

/**
 * Brings a post back as it was when it was taken down.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is not taken down, or its author has deleted their account
 */
export const restorePost = ({ jobs }: Pick<App, "jobs">, { kind, id }: PostKey): Promise<PostRecord> =>
  transaction(async () => {
    const removed = { _id: oid(id), kind, removedAt: { $ne: null } };
    const post = await PostModel.findOne(removed).lean<TweetRecord | CommentRecord | null>();
    const author = post && (await findUser({ id: String(post.authorId) }));
    if (!post || !author || author.deletedAt) throw notFound(kind);
    await PostModel.updateOne(removed, { $set: { deletedAt: null, removedAt: null } });
    if (post.kind === "tweet") {
      await EntryModel.insertMany([
        { _id: post._id, actorId: post.authorId, tweetId: post._id, kind: "tweet" },
      ]);
      await jobs.emit(entryAdded, entryKey({ _id: post._id, actorId: post.authorId }));
      await countForUser(post.authorId, { tweets: 1 });
    } else {
      await returnToThread(post);
    }
    await jobs.emit(postTakenDown, { postId: id });
    return post;
  });

async function returnToThread(comment: CommentRecord): Promise<void> {
  await PostModel.updateOne({ _id: comment.answeredId }, { $inc: { "counts.replies": 1 } });
  // It takes its place again, if it had lost it, and with it those above it take theirs.
  let back: CommentRecord | null = comment;
  while (back?.gone) {
    const answered = await PostModel.findOne({ _id: back.answeredId }, { authorId: 1 }).lean();
    const answeredAuthorId = answered?.authorId ?? back.answeredAuthorId;
    await CommentModel.updateOne({ _id: back._id }, { $set: { gone: false, answeredAuthorId } });
    if (!back.parentId) return;
    back = await CommentModel.findOneAndUpdate({ _id: back.parentId }, { $inc: { standing: 1 } }).lean();
  }
}
