import { z } from "zod";
import type { ReasonTable } from "./error";
import { PageInput } from "./page";
import { Id, Time } from "./scalar";
import { UserCard } from "./user";

const span = { start: z.int().min(0), end: z.int().min(0) };

/** A part of a text that means something; offsets are UTF-16 units into `content`. */
export type Entity =
  | { type: "mention"; start: number; end: number; userId: string; username: string }
  | { type: "hashtag"; start: number; end: number; tag: string }
  | { type: "url"; start: number; end: number; url: string };
export const Entity: z.ZodType<Entity> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("mention"), ...span, userId: Id, username: z.string() }),
  z.strictObject({ type: z.literal("hashtag"), ...span, tag: z.string() }),
  z.strictObject({ type: z.literal("url"), ...span, url: z.string() }),
]);

/** How many of each a tweet has. */
export interface TweetCounts {
  likes: number;
  retweets: number;
  comments: number;
}
export const TweetCounts: z.ZodType<TweetCounts> = z.strictObject({
  likes: z.int().min(0),
  retweets: z.int().min(0),
  comments: z.int().min(0),
});

/** What the viewer has done to a tweet. */
export interface TweetViewer {
  liked: boolean;
  retweeted: boolean;
}
export const TweetViewer: z.ZodType<TweetViewer> = z.strictObject({
  liked: z.boolean(),
  retweeted: z.boolean(),
});

/** Why something would not have come to the viewer unasked: they mute who wrote it, its thread, or a word in it. */
export const Flag = z.enum(["mutedAuthor", "mutedThread", "mutedWord"]);
export type Flag = z.infer<typeof Flag>;

/** A tweet, as the viewer may see it. */
export interface Tweet {
  id: string;
  author: UserCard;
  content: string;
  entities: Entity[];
  createdAt: string;
  editedAt: string | null;
  counts: TweetCounts;
  /** Null when nobody is signed in. */
  viewer: TweetViewer | null;
  flags: Flag[];
}
export const Tweet: z.ZodType<Tweet> = z.strictObject({
  id: Id,
  author: UserCard,
  content: z.string(),
  entities: z.array(Entity),
  createdAt: Time,
  editedAt: Time.nullable(),
  counts: TweetCounts,
  viewer: TweetViewer.nullable(),
  flags: z.array(Flag),
});

/** Where liking or retweeting has led. */
export interface TweetState {
  viewer: TweetViewer;
  counts: TweetCounts;
}
export const TweetState: z.ZodType<TweetState> = z.strictObject({ viewer: TweetViewer, counts: TweetCounts });

/** What a tweet said once; version 0 is the first. */
export interface TweetVersion {
  version: number;
  content: string;
  entities: Entity[];
  createdAt: string;
}
export const TweetVersion: z.ZodType<TweetVersion> = z.strictObject({
  version: z.int().min(0),
  content: z.string(),
  entities: z.array(Entity),
  createdAt: Time,
});

/** The text of a tweet or comment; weight, mentions and hashtags are checked after parsing. */
export const Content = z
  .string()
  .max(5000)
  .refine(
    (content) => content.isWellFormed() && !content.includes("\0"),
    "must be well-formed text without NUL",
  );

export const CreateTweet = z.strictObject({ content: Content });
export type CreateTweet = z.infer<typeof CreateTweet>;
export const UpdateTweet = z.strictObject({ id: Id, content: Content });
export type UpdateTweet = z.infer<typeof UpdateTweet>;
export const ListById = PageInput.extend({ id: Id });
export type ListById = z.infer<typeof ListById>;

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
