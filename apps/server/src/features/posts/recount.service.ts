import type { ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { setUserCounts } from "../users/user.service";
import { EntryModel } from "./entry.model";
import { LikeModel } from "./like.model";
import { CommentModel, type CommentRecord, PostModel, TweetModel } from "./post.model";

/** Sets the number of a user's tweets to what is counted. */
export const recountTweets = (authorId: ObjectId): Promise<void> =>
  transaction(async () => {
    const tweets = await TweetModel.countDocuments({ authorId, kind: "tweet", deletedAt: null });
    await setUserCounts(authorId, { tweets });
  });

/** Sets a post's counters to what is counted. */
export const recountPost = (id: ObjectId): Promise<void> =>
  transaction(async () => {
    const likes = await LikeModel.countDocuments({ postId: id });
    const retweets = await EntryModel.countDocuments({ tweetId: id, kind: "retweet" });
    const replies = await CommentModel.countDocuments({ answeredId: id, gone: false, deletedAt: null });
    await PostModel.updateOne({ _id: id }, { $set: { counts: { likes, retweets, replies } } });
  });

/** Gives a comment the place in its thread that it should have, and those above it theirs. */
export const replaceInThread = (id: ObjectId): Promise<void> =>
  transaction(async () => {
    let next: ObjectId | null = id;
    while (next) {
      const standing: number = await CommentModel.countDocuments({ answeredId: next, gone: false });
      const comment: CommentRecord | null = await CommentModel.findOne({ _id: next }).lean();
      if (!comment) return;
      const gone = comment.deletedAt !== null && standing === 0;
      await CommentModel.updateOne({ _id: next }, { $set: { standing, gone } });
      next = comment.parentId;
    }
  });
