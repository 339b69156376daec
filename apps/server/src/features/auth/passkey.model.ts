import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** A passkey of a user. Bytes are base64url. */
export interface PasskeyRecord extends Stored {
  userId: ObjectId;
  name: string;
  credentialId: string;
  /** COSE. */
  publicKey: string;
  /** How often it has signed, as it says itself; many stay at 0. Going back means that there is a copy. */
  counter: number;
  transports: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
}

const schema = schemaOf<PasskeyRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  name: { type: String, required: true },
  credentialId: { type: String, required: true, unique: true },
  publicKey: { type: String, required: true },
  counter: { type: Number, required: true },
  transports: { type: [String], default: [] },
  createdAt: { type: Date, required: true },
  lastUsedAt: { type: Date, default: null },
});
schema.index({ userId: 1, _id: -1 });

export const PasskeyModel = modelOf<PasskeyRecord>("Passkey", schema, "passkeys");
