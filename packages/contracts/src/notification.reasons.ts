import type { ReasonTable } from "./error";

/** What each may fail with, beside what any call may. */
export const NOTIFICATION_REASONS = {
  "notifications.list": ["BAD_CURSOR"],
  "notifications.unreadCount": [],
  "notifications.markRead": [],
  "notifications.markAllRead": [],
  "notifications.stream": ["RESYNC"],
} as const satisfies ReasonTable;
