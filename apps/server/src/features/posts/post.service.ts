import type { Comment, Tweet, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import { type CommentRecord, postMemory, type TweetRecord } from "./post.model";
import { showComments, showTweets } from "./post.view";

export type { CommentRecord, PostCounts, PostRecord, TweetRecord } from "./post.model";

/** A tweet or comment was written; it holds hashtags or mentions, or not. */
export const postCreated = defineEvent<{
  postId: string;
  kind: PostKey["kind"];
  hashtags: boolean;
  mentions: boolean;
}>("post.created");
/** A tweet or comment was edited; `mentioned` holds the ids of those whom only the new text mentions. */
export const postEdited = defineEvent<{ postId: string; mentioned: string[] }>("post.edited");
/** A tweet or comment was deleted, for good. */
export const postDeleted = defineEvent<{ postId: string }>("post.deleted");
/** A moderator took a tweet or comment away, or brought it back; look which is true. */
export const postTakenDown = defineEvent<{ postId: string }>("post.takenDown");
/** Somebody reacts to a post, or no longer: look which is true. `own` says whether they wrote it. */
type Reacted<Id extends string> = Record<Id | "userId", string> & { own: boolean };
export const postLiked = defineEvent<Reacted<"postId">>("post.liked");
export const postUnliked = defineEvent<Reacted<"postId">>("post.unliked");
export const tweetRetweeted = defineEvent<Reacted<"tweetId">>("tweet.retweeted");
export const tweetUnretweeted = defineEvent<Reacted<"tweetId">>("tweet.unretweeted");

/** Which post is meant. */
export interface PostKey {
  kind: "tweet" | "comment";
  id: string;
}

/** What a post that is missing, deleted or hidden is answered with. */
export const notFound = (kind: PostKey["kind"]): WarbleError =>
  new WarbleError(kind === "tweet" ? "TWEET_NOT_FOUND" : "COMMENT_NOT_FOUND");

/** The records of these tweets and comments, in any order, deleted ones too; the rules are not applied. */
export const findPosts = (ids: ObjectId[]): Promise<(TweetRecord | CommentRecord)[]> =>
  postMemory.findAll(ids.map(String)) as Promise<(TweetRecord | CommentRecord)[]>;

/** The tweet's record, deleted or not; the rules are not applied. */
export async function findTweet(id: string): Promise<TweetRecord | null> {
  const [post] = await findPosts([oid(id)]);
  return post?.kind === "tweet" ? post : null;
}

/** The comment's record, deleted or not; the rules are not applied. */
export async function findComment(id: string): Promise<CommentRecord | null> {
  const [post] = await findPosts([oid(id)]);
  return post?.kind === "comment" ? post : null;
}

/** The tweet as the viewer may see it. @throws WarbleError TWEET_NOT_FOUND */
export async function requireTweet(ctx: Pick<Context, "viewer">, id: string): Promise<Tweet> {
  const record = await findTweet(id);
  const [tweet] = record ? await showTweets(ctx, [record]) : [];
  if (!tweet) throw notFound("tweet");
  return tweet;
}

/** The comment as the viewer may see it. @throws WarbleError COMMENT_NOT_FOUND */
export async function requireComment(ctx: Pick<Context, "viewer">, id: string): Promise<Comment> {
  const record = await findComment(id);
  const [comment] = record ? await showComments(ctx, [record]) : [];
  if (!comment || "unavailable" in comment) throw notFound("comment");
  return comment;
}

/** @throws WarbleError FORBIDDEN unless the viewer wrote it */
export function requireAuthor(ctx: ViewerContext, post: { author: UserCard }): void {
  if (post.author.id !== ctx.viewer.id) throw new WarbleError("FORBIDDEN");
}
