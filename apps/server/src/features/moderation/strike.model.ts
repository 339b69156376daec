import type { StrikeAction, StrikeTarget } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What moderators did to somebody, as they are told. */
export interface StrikeRecord extends Stored {
  userId: ObjectId;
  action: StrikeAction;
  reason: string;
  /** What it is about, with what it said then. */
  target: StrikeTarget | null;
  until: Date | null;
  /** Who made it. */
  byId: ObjectId;
  createdAt: Date;
  /** It was taken back, or another suspension took its place. */
  revokedAt: Date | null;
  appealUntil: Date;
  /** Digest of the token by which its mail lets who is signed out appeal. */
  tokenHash: string | null;
  appeal: AppealRecord | null;
}

interface AppealRecord {
  text: string;
  createdAt: Date;
  state: "pending" | "upheld" | "overturned";
  note: string;
  decidedAt: Date | null;
  decidedById: ObjectId | null;
}

const schema = schemaOf<StrikeRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  action: { type: String, required: true },
  reason: { type: String, default: "" },
  target: { type: part({ type: { type: String }, id: String, content: String }), default: null },
  until: { type: Date, default: null },
  byId: { type: Schema.Types.ObjectId, required: true },
  createdAt: { type: Date, required: true },
  revokedAt: { type: Date, default: null },
  appealUntil: { type: Date, required: true },
  tokenHash: { type: String, default: null },
  appeal: {
    type: part({
      text: String,
      createdAt: Date,
      state: String,
      note: String,
      decidedAt: Date,
      decidedById: Schema.Types.ObjectId,
    }),
    default: null,
  },
});
schema.index({ userId: 1, _id: -1 });
schema.index({ "target.id": 1 });
schema.index({ tokenHash: 1 }, { partialFilterExpression: { tokenHash: { $type: "string" } } });
schema.index({ "appeal.state": 1, _id: 1 }, { partialFilterExpression: { "appeal.state": "pending" } });

export const StrikeModel = modelOf<StrikeRecord>("Strike", schema, "strikes");
