import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What a user signs in with. Its id is the user's. */
export interface AccountRecord extends Stored {
  _id: ObjectId;
  email: string;
  /** The address in lower case. Many may claim it; one has proved it. */
  emailKey: string;
  /** As in the user's record: here so that an index holds what is promised. */
  emailVerified: boolean;
  passwordHash: string;
  createdAt: Date;
  signedInAt: Date | null;
  /** When sessions were last ended: a sign-in at that moment conflicts with it, and looks again. */
  sessionsEndedAt: Date | null;
  /** When an authenticator app or a passkey was added or removed last. */
  factorsChangedAt: Date | null;
}

const schema = schemaOf<AccountRecord>({
  email: { type: String, required: true },
  emailKey: { type: String, required: true },
  emailVerified: { type: Boolean, default: false },
  passwordHash: { type: String, required: true },
  createdAt: { type: Date, required: true },
  signedInAt: { type: Date, default: null },
  sessionsEndedAt: { type: Date, default: null },
  factorsChangedAt: { type: Date, default: null },
});
schema.index({ emailKey: 1 }, { unique: true, partialFilterExpression: { emailVerified: true } });
schema.index({ emailKey: 1, emailVerified: -1, _id: 1 });

export const AccountModel = modelOf<AccountRecord>("Account", schema, "accounts");
