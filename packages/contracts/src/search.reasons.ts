import type { ReasonTable } from "./error";

/** What each may fail with, beside what any call may. */
export const SEARCH_REASONS = {
  "search.users": ["BAD_CURSOR"],
  "search.tweets": ["BAD_CURSOR"],
  "search.hashtags": ["BAD_CURSOR"],
  "search.trends": ["BAD_CURSOR"],
  "search.suggest": [],
} as const satisfies ReasonTable;
