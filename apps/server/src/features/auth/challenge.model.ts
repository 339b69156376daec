import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What a passkey has to sign, once. */
export interface ChallengeRecord extends Stored {
  challenge: string;
  /** Who adds a passkey; null when somebody signs in with one, who may be anybody. */
  userId: ObjectId | null;
  expiresAt: Date;
}

const schema = schemaOf<ChallengeRecord>({
  challenge: { type: String, required: true, unique: true },
  userId: { type: Schema.Types.ObjectId, default: null },
  // Only cleans: whether a challenge still holds is asked when it is taken.
  expiresAt: { type: Date, required: true, expires: 0 },
});
schema.index({ userId: 1 });

export const ChallengeModel = modelOf<ChallengeRecord>("Challenge", schema, "challenges");
