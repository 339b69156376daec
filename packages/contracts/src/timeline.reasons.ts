import type { ReasonTable } from "./error";

/** What each may fail with, beside what any call may. */
export const TIMELINE_REASONS = {
  "timelines.home": ["BAD_CURSOR"],
  "timelines.user": ["USER_NOT_FOUND", "BAD_CURSOR"],
  "timelines.hashtag": ["BAD_CURSOR"],
} as const satisfies ReasonTable;
