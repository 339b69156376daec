import type { ReasonTable } from "./error";

/** What each may fail with, beside what any call may. */
export const TWEET_REASONS = {
  "tweets.get": ["TWEET_NOT_FOUND"],
  "tweets.likers": ["TWEET_NOT_FOUND", "BAD_CURSOR"],
  "tweets.retweeters": ["TWEET_NOT_FOUND", "BAD_CURSOR"],
  "tweets.history": ["TWEET_NOT_FOUND", "BAD_CURSOR"],
  "tweets.create": ["CONTENT_REFUSED"],
  "tweets.update": ["TWEET_NOT_FOUND", "FORBIDDEN", "NO_CHANGE", "CONTENT_REFUSED"],
  "tweets.delete": ["TWEET_NOT_FOUND", "FORBIDDEN"],
  "tweets.like": ["TWEET_NOT_FOUND"],
  "tweets.unlike": ["TWEET_NOT_FOUND"],
  "tweets.retweet": ["TWEET_NOT_FOUND", "FORBIDDEN"],
  "tweets.unretweet": ["TWEET_NOT_FOUND"],
  "tweets.muteThread": ["TWEET_NOT_FOUND"],
  "tweets.unmuteThread": [],
} as const satisfies ReasonTable;
