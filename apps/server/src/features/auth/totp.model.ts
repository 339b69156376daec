import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** A user's authenticator app. Its id is the user's. */
export interface TotpRecord extends Stored {
  _id: ObjectId;
  /** What the app and the server share, sealed. */
  secret: string;
  /** When a first code has shown that the app has it. Null: it waits for that, and is not in force. */
  enabledAt: Date | null;
  /** When it is forgotten unless it is enabled; null once it is. */
  expiresAt: Date | null;
  /** The time step of the last code that was taken: of this one and those before none is taken any more. */
  lastStep: number;
  /** Digests of the recovery codes that are left. */
  recoveryCodes: string[];
}

const schema = schemaOf<TotpRecord>({
  secret: { type: String, required: true },
  enabledAt: { type: Date, default: null },
  expiresAt: { type: Date, default: null, expires: 0 },
  lastStep: { type: Number, default: 0 },
  recoveryCodes: { type: [String], default: [] },
});

export const TotpModel = modelOf<TotpRecord>("Totp", schema, "totps");
