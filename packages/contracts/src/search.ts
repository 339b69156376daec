import { z } from "zod";
import type { ReasonTable } from "./error";
import { LIMITS } from "./limits";
import { PageInput } from "./page";
import { Id, Time, text, Username } from "./scalar";
import { UserCard } from "./user";

const Query = text(LIMITS.searchQuery).trim();

export const SearchUsers = PageInput.extend({ query: Query.min(1) });
export type SearchUsers = z.infer<typeof SearchUsers>;

/**
 * What tweets must hold, all of it: words, "phrases", #tags, @names (whom they mention), from:name, to:name,
 * since:2026-01-31 and until:2026-01-31 (days in UTC, or times); and with a - before it, what they must not hold.
 * The same can be said in the fields. The query may be empty when a field says something.
 */
export const SearchTweets = PageInput.extend({
  query: Query,
  /** "top" ranks the newest 500 that match by likes, retweets and comments, then those before them in the same way. */
  sort: z.enum(["newest", "top"]).default("newest"),
  from: Username.optional(),
  /** Whom the tweets mention. */
  to: Username.optional(),
  since: Time.optional(),
  /** Not this moment itself. */
  until: Time.optional(),
});
export type SearchTweets = z.infer<typeof SearchTweets>;

/** What messages must hold, all of it: words, #tags and "phrases"; in one conversation, or in any of the viewer's. */
export const SearchMessages = PageInput.extend({ query: Query.min(1), conversationId: Id.optional() });
export type SearchMessages = z.infer<typeof SearchMessages>;

/** How much a hashtag was used on one day (UTC). */
export interface HashtagDay {
  day: string;
  uses: number;
  /** Distinct people who used it. */
  accounts: number;
}
export const HashtagDay: z.ZodType<HashtagDay> = z.strictObject({
  day: z.iso.date(),
  uses: z.int().min(0),
  accounts: z.int().min(0),
});

/** A hashtag, as it is mostly written, with its last seven days, newest first. */
export interface Hashtag {
  tag: string;
  uses: number;
  history: HashtagDay[];
}
export const Hashtag: z.ZodType<Hashtag> = z.strictObject({
  tag: z.string(),
  uses: z.int().min(0),
  history: z.array(HashtagDay),
});

export const SearchHashtags = PageInput.extend({ query: Query.min(1) });
export type SearchHashtags = z.infer<typeof SearchHashtags>;

/** A hashtag that more people use now than is usual. */
export interface Trend {
  /** As it is mostly written. */
  tag: string;
  /** How many people used it in the last four hours. */
  accounts: number;
  /** How surprising that is against the day before; of what it was at its height, half is left every four hours. */
  score: number;
}
export const Trend: z.ZodType<Trend> = z.strictObject({
  tag: z.string(),
  accounts: z.int().min(0),
  score: z.number().min(0),
});

/** What somebody has begun to type: a # asks for hashtags only, an @ for users only. */
export const Suggest = z.strictObject({ query: Query.min(1) });
export type Suggest = z.infer<typeof Suggest>;

/** The few that fit best. */
export interface Suggestions {
  users: UserCard[];
  hashtags: Hashtag[];
}
export const Suggestions: z.ZodType<Suggestions> = z.strictObject({
  users: z.array(UserCard),
  hashtags: z.array(Hashtag),
});

/** What each may fail with, beside what any call may. */
export const SEARCH_REASONS = {
  "search.users": ["BAD_CURSOR"],
  "search.tweets": ["BAD_CURSOR"],
  "search.hashtags": ["BAD_CURSOR"],
  "search.trends": ["BAD_CURSOR"],
  "search.suggest": [],
} as const satisfies ReasonTable;
