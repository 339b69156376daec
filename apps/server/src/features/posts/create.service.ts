import type { Entity } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { inGroups } from "../../platform/group";
import { newId, oid, timeOf } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { reportFlagged } from "../filters/filter.service";
import { countForUsers } from "../users/user.service";
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

/** A tweet that may be stored. */
interface Draft {
  ctx: ViewerContext;
  tweet: TweetRecord;
}

const store = inGroups<Draft, TweetRecord>({
  // All that one person writes moves their counter.
  turnsOf: ({ tweet }) => [String(tweet.authorId)],
  write: (drafts) => transaction(() => storeAll(drafts)),
});

async function storeAll(drafts: Draft[]): Promise<TweetRecord[]> {
  const tweets = drafts.map(({ tweet }) => tweet);
  await TweetModel.insertMany(tweets, { lean: true });
  await EntryModel.insertMany(
    tweets.map(({ _id, authorId }) => ({ _id, actorId: authorId, tweetId: _id, kind: "tweet" })),
    { lean: true },
  );
  await countForUsers(tweets.map(({ authorId }) => ({ id: authorId, change: { tweets: 1 } })));
  for (const { ctx, tweet } of drafts) {
    // Who is mentioned waits for it, who has it on their timeline does not.
    await tellOfNew(ctx, tweet);
    await ctx.jobs.emit(entryAdded, entryKey({ _id: tweet._id, actorId: tweet.authorId }));
  }
  return tweets;
}

/** A tweet of the viewer as it is to be stored. */
export const newTweet = (ctx: ViewerContext, read: ReadContent): TweetRecord => ({
  ...newPost(ctx, read),
  kind: "tweet",
});

/** Stores a tweet of the viewer and puts it on their timeline. @returns the one that the same call has stored before, if it has */
export const storeTweet = (ctx: ViewerContext, tweet: TweetRecord): Promise<TweetRecord> =>
  onceStored(tweet, () => store({ ctx, tweet }));

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
    await CommentModel.insertMany([comment], { lean: true });
    await tellOfNew(ctx, comment);
  };
  return onceStored(comment, async () => {
    await inTurn([String(comment.answeredId)], () => transaction(write));
    return comment;
  });
}

/** Stores a post, unless the call that writes it has done so before its node died, or lost the database. */
async function onceStored<Post extends PostRecord>(post: Post, write: () => Promise<Post>): Promise<Post> {
  try {
    return await write();
  } catch (error) {
    const { authorId, callId } = post;
    const stored =
      callId && isDuplicate(error) ? await PostModel.findOne({ authorId, callId }).lean<Post>() : null;
    if (!stored) throw error;
    return stored;
  }
}

async function tellOfNew(ctx: ViewerContext, { _id, kind, content, entities }: PostRecord): Promise<void> {
  const holds = (type: Entity["type"]) => entities.some((entity) => entity.type === type);
  const held = { hashtags: holds("hashtag"), mentions: holds("mention") };
  await ctx.jobs.emit(postCreated, { postId: String(_id), kind, ...held });
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

function newPost({ viewer, callId }: ViewerContext, read: ReadContent) {
  const post = { _id: newId(), authorId: oid(viewer.id), ...read, ...(callId && { callId }) };
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
