import type {
  Comment,
  CommentOrTombstone,
  CommentState,
  CreateComment,
  Done,
  ListComments,
  ListReplies,
  Page,
  UpdateComment,
} from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { remembering } from "../../platform/memory";
import { readContent } from "../posts/content.service";
import { storeComment } from "../posts/create.service";
import { editPost } from "../posts/edit.service";
import { likePost, unlikePost } from "../posts/like.service";
import {
  type CommentRecord,
  findComment,
  findTweet,
  notFound,
  requireAuthor,
  requireComment,
  requireTweet,
} from "../posts/post.service";
import { showCommentCounts, showComments } from "../posts/post.view";
import { removePost } from "../posts/remove.service";
import { listAnswers, setHidden, showPlaces } from "../posts/thread.service";
import { loadCards } from "../users/user.view";

/** The direct comments on a tweet. @throws WarbleError TWEET_NOT_FOUND, BAD_CURSOR */
export async function listComments(ctx: Context, input: ListComments): Promise<Page<CommentOrTombstone>> {
  await requireTweet(ctx, input.tweetId);
  return listAnswers(ctx, { kind: "tweet", id: input.tweetId }, input);
}

/** The direct answers to a comment. @throws WarbleError COMMENT_NOT_FOUND, BAD_CURSOR */
export async function listReplies(ctx: Context, input: ListReplies): Promise<Page<CommentOrTombstone>> {
  const record = await findComment(input.id);
  const [place] = record ? await showPlaces(ctx, [record]) : [];
  if (!record || !place) throw notFound("comment");
  return listAnswers(ctx, { kind: "comment", id: input.id }, input);
}

/**
 * Answers a tweet, or a comment under it.
 * @throws WarbleError TWEET_NOT_FOUND; COMMENT_NOT_FOUND when the comment is not under the tweet; BAD_INPUT
 */
export async function createComment(ctx: ViewerContext, input: CreateComment): Promise<Comment> {
  const tweet = await requireTweet(ctx, input.tweetId);
  const answered =
    input.parentId === undefined ? null : await requireAnswered(ctx, input.tweetId, input.parentId);
  const record = await storeComment(ctx, await readContent(ctx, input.content), {
    tweetId: input.tweetId,
    answered,
    answeredAuthorId: answered ? String(answered.authorId) : tweet.author.id,
  });
  const [comment] = await remembering(() => showComments(ctx, [record]));
  if (!comment || "unavailable" in comment) throw notFound("comment");
  return comment;
}

async function requireAnswered(ctx: Context, tweetId: string, id: string): Promise<CommentRecord> {
  const record = await findComment(id);
  const [shown] = record ? await showComments(ctx, [record]) : [];
  if (!record || !shown || "unavailable" in shown || shown.tweetId !== tweetId) throw notFound("comment");
  return record;
}

/** @throws WarbleError COMMENT_NOT_FOUND, FORBIDDEN, BAD_INPUT, NO_CHANGE */
export async function updateComment(ctx: ViewerContext, { id, content }: UpdateComment): Promise<Comment> {
  requireAuthor(ctx, await requireComment(ctx, id));
  await editPost(ctx, { kind: "comment", id }, content);
  return requireComment(ctx, id);
}

/** @throws WarbleError COMMENT_NOT_FOUND, FORBIDDEN */
export async function deleteComment(ctx: ViewerContext, id: string): Promise<Done> {
  requireAuthor(ctx, await requireComment(ctx, id));
  await removePost(ctx, { kind: "comment", id });
  return { ok: true };
}

/** @throws WarbleError COMMENT_NOT_FOUND */
export async function likeComment(ctx: ViewerContext, id: string): Promise<CommentState> {
  await requireComment(ctx, id);
  const counts = await likePost(ctx, { kind: "comment", id });
  return { viewer: { liked: true }, counts: showCommentCounts(counts) };
}

/** @throws WarbleError COMMENT_NOT_FOUND */
export async function unlikeComment(ctx: ViewerContext, id: string): Promise<CommentState> {
  await requireComment(ctx, id);
  const counts = await unlikePost(ctx, { kind: "comment", id });
  return { viewer: { liked: false }, counts: showCommentCounts(counts) };
}

/** Hides a comment under the viewer's tweet from all but who wrote it. @throws WarbleError COMMENT_NOT_FOUND, FORBIDDEN */
export async function hideComment(ctx: ViewerContext, id: string): Promise<Done> {
  await requireTweetAuthor(ctx, id);
  await setHidden(id, true);
  return { ok: true };
}

/** Shows a hidden comment again. @throws WarbleError COMMENT_NOT_FOUND, FORBIDDEN */
export async function unhideComment(ctx: ViewerContext, id: string): Promise<Done> {
  await requireTweetAuthor(ctx, id);
  await setHidden(id, false);
  return { ok: true };
}

/** The tweet's author keeps a say over comments that are hidden from them; to others those do not exist. */
async function requireTweetAuthor(ctx: ViewerContext, id: string): Promise<void> {
  const comment = await findComment(id);
  const tweet = comment && (await findTweet(String(comment.tweetId)));
  if (!comment || !tweet?.authorId.equals(ctx.viewer.id)) {
    await requireComment(ctx, id);
    throw new WarbleError("FORBIDDEN");
  }
  const cards = await loadCards(ctx, [comment.authorId], "posts");
  if (comment.deletedAt || !cards.has(String(comment.authorId))) throw notFound("comment");
}
