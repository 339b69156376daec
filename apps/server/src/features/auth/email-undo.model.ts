import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** An address that a user has left, and may have back for a while. Ids tell which was left first. */
export interface EmailUndoRecord extends Stored {
  userId: ObjectId;
  email: string;
  /** A digest of what was mailed there. */
  hash: string;
  expiresAt: Date;
}

const schema = schemaOf<EmailUndoRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  email: { type: String, required: true },
  hash: { type: String, required: true, unique: true },
  // Only cleans: whether it still holds is asked in every query.
  expiresAt: { type: Date, required: true, expires: 0 },
});
schema.index({ userId: 1, _id: 1 });

export const EmailUndoModel = modelOf<EmailUndoRecord>("EmailUndo", schema, "emailUndos");
