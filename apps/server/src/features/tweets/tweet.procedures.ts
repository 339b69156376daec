import type { TRPCRouterRecord } from "@trpc/server";
import {
  ById,
  CreateTweet,
  Done,
  ListById,
  MuteThread,
  pageOf,
  Tweet,
  TweetState,
  TweetVersion,
  UpdateTweet,
  UserCard,
} from "@warble/contracts";
import { answer, anyone, limit, once, verified } from "../../platform/trpc";
import { unmuteThread } from "../mutes/mute.service";
import { requireTweet } from "../posts/post.service";
import {
  createTweet,
  deleteTweet,
  likeTweet,
  listTweetLikers,
  listTweetRetweeters,
  listTweetVersions,
  muteTweetThread,
  retweetTweet,
  unlikeTweet,
  unretweetTweet,
  updateTweet,
} from "./tweet.service";

export const tweets = {
  /** One tweet. Fails with TWEET_NOT_FOUND. */
  get: anyone
    .input(ById)
    .output(answer(Tweet))
    .query(({ ctx, input }) => requireTweet(ctx, input.id)),

  /** Who likes a tweet, the latest first. Fails with TWEET_NOT_FOUND, BAD_CURSOR. */
  likers: anyone
    .input(ListById)
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listTweetLikers(ctx, input)),

  /** Who retweeted a tweet, the latest first. Fails with TWEET_NOT_FOUND, BAD_CURSOR. */
  retweeters: anyone
    .input(ListById)
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listTweetRetweeters(ctx, input)),

  /** What a tweet says and said, newest first. Fails with TWEET_NOT_FOUND, BAD_CURSOR. */
  history: anyone
    .input(ListById)
    .output(answer(pageOf(TweetVersion)))
    .query(({ ctx, input }) => listTweetVersions(ctx, input)),

  /**
   * Writes a tweet. Fails with CONTENT_REFUSED, BAD_INPUT when it is blank or too long, or mentions or tags too
   * much.
   */
  create: verified
    .meta(once)
    .meta(limit("tweet"))
    .input(CreateTweet)
    .output(answer(Tweet))
    .mutation(({ ctx, input }) => createTweet(ctx, input)),

  /**
   * Gives the viewer's tweet another text. Fails with CONTENT_REFUSED, TWEET_NOT_FOUND, FORBIDDEN, BAD_INPUT,
   * NO_CHANGE.
   */
  update: verified
    .meta(once)
    .meta(limit("tweet"))
    .input(UpdateTweet)
    .output(answer(Tweet))
    .mutation(({ ctx, input }) => updateTweet(ctx, input)),

  /** Deletes the viewer's tweet; the comments under it stay. Fails with TWEET_NOT_FOUND, FORBIDDEN. */
  delete: verified
    .meta(once)
    .meta(limit("delete"))
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => deleteTweet(ctx, input.id)),

  /** Likes a tweet; liking it twice is liking it. Fails with TWEET_NOT_FOUND. */
  like: verified
    .input(ById)
    .output(answer(TweetState))
    .mutation(({ ctx, input }) => likeTweet(ctx, input.id)),

  /** Takes a like back; it need not be there. Fails with TWEET_NOT_FOUND. */
  unlike: verified
    .input(ById)
    .output(answer(TweetState))
    .mutation(({ ctx, input }) => unlikeTweet(ctx, input.id)),

  /** Puts a tweet on one's own timeline, once. Fails with TWEET_NOT_FOUND, FORBIDDEN for a protected author's. */
  retweet: verified
    .meta(limit("tweet"))
    .input(ById)
    .output(answer(TweetState))
    .mutation(({ ctx, input }) => retweetTweet(ctx, input.id)),

  /** Takes a retweet back; it need not be there. Fails with TWEET_NOT_FOUND. */
  unretweet: verified
    .input(ById)
    .output(answer(TweetState))
    .mutation(({ ctx, input }) => unretweetTweet(ctx, input.id)),

  /**
   * Has a tweet and what stands under it no longer come to the viewer unasked, for good or until then. Fails with
   * TWEET_NOT_FOUND, BAD_INPUT.
   */
  muteThread: verified
    .meta(limit("follow"))
    .input(MuteThread)
    .output(answer(Done))
    .mutation(({ ctx, input }) => muteTweetThread(ctx, input)),

  /** Takes the mute of a thread back; it need not be there. */
  unmuteThread: verified
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => unmuteThread(ctx, input.id)),
} satisfies TRPCRouterRecord;
