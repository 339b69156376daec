import { z } from "zod";
import type { ReasonTable } from "./error";
import { Id, Time } from "./scalar";
import { UserCard } from "./user";

export const NotificationType = z.enum([
  "mention",
  "reply",
  "like",
  "retweet",
  "follow",
  "followRequest",
  "message",
]);
export type NotificationType = z.infer<typeof NotificationType>;

/** Something that somebody did and the viewer should know. */
export interface Notification {
  id: string;
  type: NotificationType;
  actor: UserCard;
  tweetId: string | null;
  commentId: string | null;
  conversationId: string | null;
  createdAt: string;
  read: boolean;
}
export const Notification: z.ZodType<Notification> = z.strictObject({
  id: Id,
  type: NotificationType,
  actor: UserCard,
  tweetId: Id.nullable(),
  commentId: Id.nullable(),
  conversationId: Id.nullable(),
  createdAt: Time,
  read: z.boolean(),
});

/** How many are unread. */
export interface UnreadCount {
  count: number;
  /** True when there are more than `count` says; it stops at 100. */
  more: boolean;
}
export const UnreadCount: z.ZodType<UnreadCount> = z.strictObject({
  count: z.int().min(0),
  more: z.boolean(),
});

/** How many notifications are unread, and where that count stands. */
export interface UnreadNotifications extends UnreadCount {
  /** Give it to `stream`: nothing is missed between this count and the stream. */
  lastEventId: string;
}
export const UnreadNotifications: z.ZodType<UnreadNotifications> = z.strictObject({
  count: z.int().min(0),
  more: z.boolean(),
  lastEventId: z.string(),
});

/** Marks this notification and all older ones as read. */
export const MarkRead = z.strictObject({ upTo: Id });
export type MarkRead = z.infer<typeof MarkRead>;

/** Something between the viewer and this user has changed, by either of them: `user.viewer` is how it is now. */
export interface RelationshipChange {
  type: "relationship";
  user: UserCard;
}
export const RelationshipChange: z.ZodType<RelationshipChange> = z.strictObject({
  type: z.literal("relationship"),
  user: UserCard,
});

/** What a stream brings, told apart by its `type`. */
export type StreamEvent = Notification | RelationshipChange;
export const StreamEvent: z.ZodType<StreamEvent> = z.union([Notification, RelationshipChange]);

/** Where to go on: the id of the last event that was seen. */
export const StreamInput = z.strictObject({
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/, "must be an event number")
    .nullish(),
});
export type StreamInput = z.infer<typeof StreamInput>;

/** What each may fail with, beside what any call may. */
export const NOTIFICATION_REASONS = {
  "notifications.list": ["BAD_CURSOR"],
  "notifications.unreadCount": [],
  "notifications.markRead": [],
  "notifications.markAllRead": [],
  "notifications.stream": ["RESYNC"],
} as const satisfies ReasonTable;
