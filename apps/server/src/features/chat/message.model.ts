import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** One message of a conversation. */
export interface MessageRecord extends Stored {
  conversationId: ObjectId;
  /** 1, 2, 3 ... in the order in which they were stored. */
  number: number;
  senderId: ObjectId;
  /** The sender's own id of it: sent again, it is the same message. */
  clientId: string;
  content: string;
  /** The words that it is found by, as it reads now; none once it is deleted for all. */
  terms: string[];
  /** The message of this conversation that it answers. */
  replyTo: ObjectId | null;
  reactions: { emoji: string; userIds: ObjectId[] }[];
  createdAt: Date;
  editedAt: Date | null;
  /** What it said before it was edited, the first words first: evidence for reports. */
  earlier: string[];
  /** Deleted for all: nobody is shown the content any more, which stays as evidence for reports. */
  deletedAt: Date | null;
  /** A moderator took it away, and may bring it back. */
  removedAt: Date | null;
  /** The members who deleted it from their own view. */
  hiddenFor: ObjectId[];
}

const schema = schemaOf<MessageRecord>({
  conversationId: { type: Schema.Types.ObjectId, required: true },
  number: { type: Number, required: true, min: 1 },
  senderId: { type: Schema.Types.ObjectId, required: true },
  clientId: { type: String, required: true },
  content: { type: String, required: true },
  terms: { type: [String], default: [] },
  replyTo: { type: Schema.Types.ObjectId, default: null },
  reactions: {
    type: [part({ emoji: { type: String, required: true }, userIds: [Schema.Types.ObjectId] })] as never,
    default: [],
  },
  createdAt: { type: Date, required: true },
  editedAt: { type: Date, default: null },
  earlier: { type: [String], default: [] },
  deletedAt: { type: Date, default: null },
  removedAt: { type: Date, default: null },
  hiddenFor: { type: [Schema.Types.ObjectId], default: [] },
});
schema.index({ conversationId: 1, number: 1 }, { unique: true });
schema.index({ senderId: 1, clientId: 1 }, { unique: true });

/** What conversations hold of a word, newest first. */
export const TERM_INDEX = { conversationId: 1, terms: 1, _id: -1 } as const;
schema.index(TERM_INDEX);
// For who takes themselves away with all that is theirs; most messages are in neither.
schema.index({ "reactions.userIds": 1 }, { partialFilterExpression: { "reactions.0": { $exists: true } } });
schema.index({ hiddenFor: 1 }, { partialFilterExpression: { "hiddenFor.0": { $exists: true } } });

export const MessageModel = modelOf<MessageRecord>("Message", schema, "messages");
