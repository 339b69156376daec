import type { GroupRole } from "@warble/contracts";
import { Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What two people, or the members of a group, have said to each other. */
export interface ConversationRecord extends Stored {
  kind: "direct" | "group";
  /** Of a group. */
  title: string | null;
  /** The members' ids in order: one direct conversation a pair. A group has none. */
  pairKey?: string;
  /** Who made a group, with their own id of it: made again, it is the same one. */
  madeAs?: string;
  /** Of a group, those who joined first come first; who leaves it is not among them any more. */
  members: MemberRecord[];
  /** The number of the newest message; 0 before the first. */
  lastNumber: number;
  lastMessageId: ObjectId | null;
  /** When the newest message came, or, before the first, when it was started: lists are ordered by it. */
  lastMessageAt: Date;
}

export interface MemberRecord {
  userId: ObjectId;
  /** In a group. */
  role: GroupRole;
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
  /** When they last left it, or joined a group: messages up to here are not for them. */
  clearedNumber: number;
  muted: boolean;
  /** When that ends by itself; null is never. */
  mutedUntil: Date | null;
}

const count = { type: Number, default: 0, min: 0 };

const schema = schemaOf<ConversationRecord>({
  kind: { type: String, default: "direct" },
  title: { type: String, default: null },
  pairKey: { type: String },
  madeAs: { type: String },
  members: {
    type: [
      part({
        userId: { type: Schema.Types.ObjectId, required: true },
        role: { type: String, default: "member" },
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
schema.index({ pairKey: 1 }, { unique: true, partialFilterExpression: { pairKey: { $exists: true } } });
schema.index({ madeAs: 1 }, { unique: true, partialFilterExpression: { madeAs: { $exists: true } } });

/** A member's list, and their requests, in order. */
export const LIST_INDEX = {
  "members.userId": 1,
  "members.accepted": 1,
  "members.leftAt": 1,
  lastMessageAt: -1,
  _id: -1,
} as const;
schema.index(LIST_INDEX);
// What a member has not read.
schema.index({ "members.userId": 1, "members.accepted": 1, "members.unread": 1 });

export const ConversationModel = modelOf<ConversationRecord>("Conversation", schema, "conversations");

/** Somebody who has just come into a conversation. */
export const newMember = (userId: string, as: Partial<MemberRecord>): MemberRecord => ({
  userId: oid(userId),
  role: "member",
  accepted: false,
  readNumber: 0,
  deliveredNumber: 0,
  unread: 0,
  hasWritten: false,
  leftAt: null,
  clearedNumber: 0,
  muted: false,
  mutedUntil: null,
  ...as,
});

/** The ids of all members. */
export const idsOf = ({ members }: Pick<ConversationRecord, "members">): string[] =>
  members.map(({ userId }) => String(userId));

/** What a conversation is to one of its members; undefined for anybody else. */
export const memberOf = (record: ConversationRecord, userId: string): MemberRecord | undefined =>
  record.members.find((member) => String(member.userId) === userId);
