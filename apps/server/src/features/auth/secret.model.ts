import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

export type SecretKind = "verifyEmail" | "resetCode" | "resetTicket" | "changeEmail";

/** Something that only its owner was told, and that works once; a user has one of a kind at most. */
export interface SecretRecord extends Stored {
  userId: ObjectId;
  kind: SecretKind;
  hash: string;
  /** How often it has been guessed at. */
  attempts: number;
  expiresAt: Date;
  /** The address that a change of address leads to. */
  email: string | null;
  /** The session that asked for that. */
  sessionId: ObjectId | null;
}

const schema = schemaOf<SecretRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  kind: { type: String, required: true },
  hash: { type: String, required: true },
  attempts: { type: Number, default: 0 },
  // Only cleans: whether a secret still holds is asked in every query.
  expiresAt: { type: Date, required: true, expires: 0 },
  email: { type: String, default: null },
  sessionId: { type: Schema.Types.ObjectId, default: null },
});
schema.index({ userId: 1, kind: 1 }, { unique: true });
schema.index({ kind: 1, hash: 1 });

export const SecretModel = modelOf<SecretRecord>("Secret", schema, "secrets");
