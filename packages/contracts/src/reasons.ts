import { AUTH_REASONS } from "./auth";
import { CHAT_REASONS } from "./chat.reasons";
import { COMMENT_REASONS } from "./comment";
import type { ErrorReason } from "./error";
import { MODERATION_REASONS } from "./moderation";
import { NOTIFICATION_REASONS } from "./notification";
import { SEARCH_REASONS } from "./search";
import { TIMELINE_REASONS } from "./timeline";
import { TWEET_REASONS } from "./tweet";
import { USER_REASONS } from "./user";

/**
 * What any call may fail with. NOT_SIGNED_IN also comes of a public one when its token is not good, EMAIL_NOT_VERIFIED
 * only of what asks for a verified address; IDEMPOTENCY_MISMATCH and CONFLICT of what comes under a key that stood for
 * something else, or is still being done.
 */
export const COMMON_REASONS = [
  "BAD_INPUT",
  "BAD_REQUEST",
  "TOO_LARGE",
  "NOT_SIGNED_IN",
  "EMAIL_NOT_VERIFIED",
  "IDEMPOTENCY_MISMATCH",
  "CONFLICT",
  "VERSION_SKEW",
  "RATE_LIMITED",
  "BUSY",
  "UNAVAILABLE",
  "INTERNAL",
] as const satisfies readonly ErrorReason[];
export type CommonReason = (typeof COMMON_REASONS)[number];

/** Named, and not spelled out once more, in the declarations of whoever shows it. */
type Reasons = typeof AUTH_REASONS &
  typeof CHAT_REASONS &
  typeof COMMENT_REASONS &
  typeof MODERATION_REASONS &
  typeof NOTIFICATION_REASONS &
  typeof SEARCH_REASONS &
  typeof TIMELINE_REASONS &
  typeof TWEET_REASONS &
  typeof USER_REASONS;

/** What each procedure, and each call of the chat socket, may fail with beside `COMMON_REASONS`. */
export const REASONS: Reasons = {
  ...AUTH_REASONS,
  ...CHAT_REASONS,
  ...COMMENT_REASONS,
  ...MODERATION_REASONS,
  ...NOTIFICATION_REASONS,
  ...SEARCH_REASONS,
  ...TIMELINE_REASONS,
  ...TWEET_REASONS,
  ...USER_REASONS,
};

/** Why this call may fail, beside what any may: `ReasonOf<"tweets.get">` is `"TWEET_NOT_FOUND"`. */
export type ReasonOf<Path extends keyof typeof REASONS> = (typeof REASONS)[Path][number];
