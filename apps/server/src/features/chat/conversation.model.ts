import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What two people have said to each other. */
export interface ConversationRecord extends Stored {
  /** The members' ids in order: one conversation a pair. */
  pairKey: string;
  members: MemberRecord[];
  /** The number of the newest message; 0 before the first. */
  lastNumber: number;
  lastMessageId: ObjectId | null;
  /** When the newest message came, or, before the first, when it was started: lists are ordered by it. */
  lastMessageAt: Date;
}

export interface MemberRecord {
  userId: ObjectId;
  /** Up to which message they have read. */
  readNumber: number;
  /** Up to which message of others they have received; what is read is received, whatever stands here. */
  deliveredNumber: number;
  /** Messages of others after the one that they have read. */
  unread: number;
  /** They wrote in it themselves, so whoever is in it may write to them. */
  hasWritten: boolean;
  /** Until they have, it is a request, and the others learn nothing of them. */
  accepted: boolean;
  /** They left it, or another has only just started it: they are in it again once somebody writes. */
  leftAt: Date | null;
  /** When they last left it: messages up to here are not for them any more. */
  clearedNumber: number;
  muted: boolean;
  /** When that ends by itself; null is never. */
  mutedUntil: Date | null;
}

const count = { type: Number, default: 0, min: 0 };

const schema = schemaOf<ConversationRecord>({
  pairKey: { type: String, required: true, unique: true },
  members: {
    type: [
      part({
        userId: { type: Schema.Types.ObjectId, required: true },
        readNumber: count,
        deliveredNumber: count,
        unread: count,
        hasWritten: { type: Boolean, default: false },
        accepted: { type: Boolean, default: false },
        leftAt: { type: Date, default: null },
        clearedNumber: count,
        muted: { type: Boolean, default: false },
        mutedUntil: { type: Date, default: null },
      }),
    ] as never,
    required: true,
  },
  lastNumber: count,
  lastMessageId: { type: Schema.Types.ObjectId, default: null },
  lastMessageAt: { type: Date, required: true },
});
// A member's list, and their requests.
schema.index({
  "members.userId": 1,
  "members.accepted": 1,
  "members.leftAt": 1,
  lastMessageAt: -1,
  _id: -1,
});
// What a member has not read.
schema.index({ "members.userId": 1, "members.accepted": 1, "members.unread": 1 });

export const ConversationModel = modelOf<ConversationRecord>("Conversation", schema, "conversations");

/** What a conversation is to one of its members; undefined for anybody else. */
export const memberOf = (record: ConversationRecord, userId: string): MemberRecord | undefined =>
  record.members.find((member) => String(member.userId) === userId);
