import type { NotificationType } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What somebody should know, as stored. */
export interface NotificationRecord extends Stored {
  recipientId: ObjectId;
  type: NotificationType;
  /** Who did it. */
  actorId: ObjectId;
  /** What it is about: a recipient has one of each key. */
  key: string;
  tweetId: ObjectId | null;
  commentId: ObjectId | null;
  conversationId: ObjectId | null;
  createdAt: Date;
  readAt: Date | null;
  /** When its cause went away; it may come back. */
  goneAt: Date | null;
}

const reference = { type: Schema.Types.ObjectId, default: null };

const schema = schemaOf<NotificationRecord>({
  recipientId: { type: Schema.Types.ObjectId, required: true },
  type: { type: String, required: true },
  actorId: { type: Schema.Types.ObjectId, required: true },
  key: { type: String, required: true },
  tweetId: reference,
  commentId: reference,
  conversationId: reference,
  createdAt: { type: Date, required: true },
  readAt: { type: Date, default: null },
  goneAt: { type: Date, default: null },
});
schema.index({ recipientId: 1, key: 1 }, { unique: true });
schema.index({ recipientId: 1, goneAt: 1, _id: -1 });
schema.index({ recipientId: 1, readAt: 1, goneAt: 1, _id: -1 });
schema.index(
  { recipientId: 1, conversationId: 1, _id: -1 },
  { partialFilterExpression: { type: "message" } },
);
schema.index({ actorId: 1 });
schema.index({ tweetId: 1, commentId: 1, goneAt: 1 });

export const NotificationModel = modelOf<NotificationRecord>("Notification", schema, "notifications");
