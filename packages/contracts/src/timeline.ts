import { z } from "zod";
import { Comment } from "./comment";
import type { ReasonTable } from "./error";
import { PageInput } from "./page";
import { text, Username } from "./scalar";
import { Tweet } from "./tweet";
import { UserCard } from "./user";

/** One entry of a timeline. */
export interface FeedItem {
  tweet: Tweet;
  /** Who brought it here by retweeting; null when the author did by writing it. */
  retweetedBy: UserCard | null;
  /** What the user answered to the tweet or under it, in `timelines.user` with the filter "replies"; else null. */
  comment: Comment | null;
}
export const FeedItem: z.ZodType<FeedItem> = z.strictObject({
  tweet: Tweet,
  retweetedBy: UserCard.nullable(),
  comment: Comment.nullable(),
});

/** Tweets and retweets; comments, each with its tweet; or the tweets that the user likes. */
export const UserTimelineFilter = z.enum(["tweets", "replies", "likes"]);
export type UserTimelineFilter = z.infer<typeof UserTimelineFilter>;

export const UserTimeline = PageInput.extend({
  username: Username,
  filter: UserTimelineFilter.default("tweets"),
});
export type UserTimeline = z.infer<typeof UserTimeline>;

/** A hashtag, with or without its #. */
export const HashtagTimeline = PageInput.extend({ tag: text(100).trim().min(1) });
export type HashtagTimeline = z.infer<typeof HashtagTimeline>;

/** What each may fail with, beside what any call may. */
export const TIMELINE_REASONS = {
  "timelines.home": ["BAD_CURSOR"],
  "timelines.user": ["USER_NOT_FOUND", "BAD_CURSOR"],
  "timelines.hashtag": ["BAD_CURSOR"],
} as const satisfies ReasonTable;
