import type { TRPCRouterRecord } from "@trpc/server";
import {
  ById,
  Comment,
  CommentOrTombstone,
  CommentState,
  CreateComment,
  Done,
  ListComments,
  ListReplies,
  pageOf,
  Thread,
  UpdateComment,
} from "@warble/contracts";
import { answer, anyone, limit, once, verified } from "../../platform/trpc";
import { requireComment } from "../posts/post.service";
import { showThread } from "../posts/thread.service";
import {
  createComment,
  deleteComment,
  hideComment,
  likeComment,
  listComments,
  listReplies,
  unhideComment,
  unlikeComment,
  updateComment,
} from "./comment.service";

export const comments = {
  /** The direct comments on a tweet. Fails with TWEET_NOT_FOUND, BAD_CURSOR. */
  list: anyone
    .input(ListComments)
    .output(answer(pageOf(CommentOrTombstone)))
    .query(({ ctx, input }) => listComments(ctx, input)),

  /**
   * The direct answers to a comment; goes on where a page of a thread ended. Fails with COMMENT_NOT_FOUND,
   * BAD_CURSOR.
   */
  replies: anyone
    .input(ListReplies)
    .output(answer(pageOf(CommentOrTombstone)))
    .query(({ ctx, input }) => listReplies(ctx, input)),

  /** A comment with what it answers and the first of what answers it. Fails with COMMENT_NOT_FOUND. */
  thread: anyone
    .input(ById)
    .output(answer(Thread))
    .query(({ ctx, input }) => showThread(ctx, input.id)),

  /** One comment; it outlives its tweet. Fails with COMMENT_NOT_FOUND. */
  get: anyone
    .input(ById)
    .output(answer(Comment))
    .query(({ ctx, input }) => requireComment(ctx, input.id)),

  /**
   * Answers a tweet, or a comment under it. Fails with CONTENT_REFUSED, TWEET_NOT_FOUND, COMMENT_NOT_FOUND when the
   * comment is not under the tweet, BAD_INPUT when the text is blank or too long, or mentions or tags too much.
   */
  create: verified
    .meta(once)
    .meta(limit("comment"))
    .input(CreateComment)
    .output(answer(Comment))
    .mutation(({ ctx, input }) => createComment(ctx, input)),

  /**
   * Gives the viewer's comment another text. Fails with CONTENT_REFUSED, COMMENT_NOT_FOUND, FORBIDDEN, BAD_INPUT,
   * NO_CHANGE.
   */
  update: verified
    .meta(once)
    .meta(limit("comment"))
    .input(UpdateComment)
    .output(answer(Comment))
    .mutation(({ ctx, input }) => updateComment(ctx, input)),

  /** Deletes the viewer's comment; what answers it stays. Fails with COMMENT_NOT_FOUND, FORBIDDEN. */
  delete: verified
    .meta(once)
    .meta(limit("delete"))
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => deleteComment(ctx, input.id)),

  /** Likes a comment; liking it twice is liking it. Fails with COMMENT_NOT_FOUND. */
  like: verified
    .input(ById)
    .output(answer(CommentState))
    .mutation(({ ctx, input }) => likeComment(ctx, input.id)),

  /** Takes a like back; it need not be there. Fails with COMMENT_NOT_FOUND. */
  unlike: verified
    .input(ById)
    .output(answer(CommentState))
    .mutation(({ ctx, input }) => unlikeComment(ctx, input.id)),

  /**
   * Hides a comment under the viewer's tweet from all but who wrote it. Fails with COMMENT_NOT_FOUND, FORBIDDEN for
   * comments under the tweets of others.
   */
  hide: verified
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => hideComment(ctx, input.id)),

  /** Shows a hidden comment again. Fails with COMMENT_NOT_FOUND, FORBIDDEN. */
  unhide: verified
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => unhideComment(ctx, input.id)),
} satisfies TRPCRouterRecord;
