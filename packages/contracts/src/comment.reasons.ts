import type { ReasonTable } from "./error";

/** What each may fail with, beside what any call may. */
export const COMMENT_REASONS = {
  "comments.list": ["TWEET_NOT_FOUND", "BAD_CURSOR"],
  "comments.replies": ["COMMENT_NOT_FOUND", "BAD_CURSOR"],
  "comments.thread": ["COMMENT_NOT_FOUND"],
  "comments.get": ["COMMENT_NOT_FOUND"],
  "comments.create": ["TWEET_NOT_FOUND", "COMMENT_NOT_FOUND", "CONTENT_REFUSED"],
  "comments.update": ["COMMENT_NOT_FOUND", "FORBIDDEN", "NO_CHANGE", "CONTENT_REFUSED"],
  "comments.delete": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
  "comments.like": ["COMMENT_NOT_FOUND"],
  "comments.unlike": ["COMMENT_NOT_FOUND"],
  "comments.hide": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
  "comments.unhide": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
} as const satisfies ReasonTable;
