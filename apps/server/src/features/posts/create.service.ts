import type { ViewerContext } from "../../platform/context";
import { newId, oid, timeOf } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { reportFlagged } from "../filters/filter.service";
import { countForUser } from "../users/user.service";
import { type ReadContent, termsOf } from "./content.service";
import { EntryModel } from "./entry.model";
import { entryAdded, entryKey } from "./entry.service";
import {
  CommentModel,
  type CommentRecord,
  PostModel,
  type PostRecord,
  TweetModel,
  type TweetRecord,
} from "./post.model";
import { notFound, postCreated } from "./post.service";

/** How many levels of answers a thread grows; an answer to the last one is put beside it. */
const LEVELS = 50;

/** Stores a tweet of the viewer and puts it on their timeline. */
export async function storeTweet(ctx: ViewerContext, read: ReadContent): Promise<TweetRecord> {
  const tweet: TweetRecord = { ...newPost(ctx, read), kind: "tweet" };
  const write = async () => {
    await TweetModel.insertMany([tweet]);
    await EntryModel.insertMany([
      { _id: tweet._id, actorId: tweet.authorId, tweetId: tweet._id, kind: "tweet" },
    ]);
    await countForUser(tweet.authorId, { tweets: 1 });
    await ctx.jobs.emit(entryAdded, entryKey({ _id: tweet._id, actorId: tweet.authorId }));
    await tellOfNew(ctx, tweet);
  };
  await inTurn([ctx.viewer.id], () => transaction(write));
  return tweet;
}

interface Answer {
  tweetId: string;
  /** Null when it answers the tweet itself. */
  answered: CommentRecord | null;
  /** Who wrote what it answers. */
  answeredAuthorId: string;
}

/**
 * Stores an answer of the viewer to a tweet, or to a comment under it.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when what is answered is deleted meanwhile
 */
export async function storeComment(
  ctx: ViewerContext,
  read: ReadContent,
  { tweetId, answered, answeredAuthorId }: Answer,
): Promise<CommentRecord> {
  const ancestorIds = answered ? [...answered.ancestorIds, answered._id].slice(0, LEVELS) : [];
  const parentId = ancestorIds.at(-1) ?? null;
  const comment: CommentRecord = {
    ...newPost(ctx, read),
    kind: "comment",
    tweetId: oid(tweetId),
    ancestorIds,
    parentId,
    answeredId: parentId ?? oid(tweetId),
    answeredAuthorId: oid(answeredAuthorId),
    own: answeredAuthorId === ctx.viewer.id,
    standing: 0,
    gone: false,
    hiddenAt: null,
  };
  const write = async () => {
    await countAnswer(comment);
    await CommentModel.insertMany([comment]);
    await tellOfNew(ctx, comment);
  };
  await inTurn([String(comment.answeredId)], () => transaction(write));
  return comment;
}

async function tellOfNew(ctx: ViewerContext, { _id, kind, content }: PostRecord): Promise<void> {
  await ctx.jobs.emit(postCreated, { postId: String(_id) });
  await reportFlagged(ctx, { targetType: kind, targetId: String(_id) }, [content]);
}

async function countAnswer({ parentId, answeredId }: CommentRecord): Promise<void> {
  const counted = parentId
    ? await CommentModel.updateOne(
        { _id: answeredId, gone: false },
        { $inc: { "counts.replies": 1, standing: 1 } },
      )
    : await PostModel.updateOne({ _id: answeredId, deletedAt: null }, { $inc: { "counts.replies": 1 } });
  if (counted.matchedCount === 0) throw notFound(parentId ? "comment" : "tweet");
}

function newPost({ viewer }: ViewerContext, read: ReadContent) {
  const post = { _id: newId(), authorId: oid(viewer.id), ...read };
  return {
    ...post,
    terms: termsOf(post),
    counts: { likes: 0, retweets: 0, replies: 0 },
    version: 0,
    createdAt: new Date(timeOf(post._id)),
    editedAt: null,
    deletedAt: null,
    removedAt: null,
  };
}
