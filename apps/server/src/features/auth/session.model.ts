import { Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** One signed-in device: the family of all its refresh tokens. */
export interface SessionRecord extends Stored {
  userId: ObjectId;
  device: string;
  /** Where it was used last: an address, or an IPv6 network. */
  network: string;
  userAgent: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  /** When its password was last given: what a step-up looks at. */
  authenticatedAt: Date;
  /** What its refresh tokens are derived from. */
  seed: string;
  /** Which of its refresh tokens is the current one. */
  generation: number;
  /** When the current one was made. */
  rotatedAt: Date;
  revokedAt: Date | null;
}

const schema = schemaOf<SessionRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  device: { type: String, default: "" },
  network: { type: String, required: true },
  userAgent: { type: String, default: "" },
  createdAt: { type: Date, required: true },
  lastUsedAt: { type: Date, required: true },
  expiresAt: { type: Date, required: true, expires: 0 },
  authenticatedAt: { type: Date, required: true },
  seed: { type: String, required: true },
  generation: { type: Number, default: 0 },
  rotatedAt: { type: Date, required: true },
  revokedAt: { type: Date, default: null },
});
// For what asks which sessions ended just now; a date is in it, null is not.
schema.index({ revokedAt: 1 }, { partialFilterExpression: { revokedAt: { $gt: new Date(0) } } });
schema.index({ userId: 1, revokedAt: 1, lastUsedAt: -1, _id: -1 });

/** What signed-in calls look at of a session. */
type SessionHold = Pick<SessionRecord, "_id" | "userId" | "lastUsedAt" | "expiresAt" | "revokedAt">;
const HOLD = { userId: 1, lastUsedAt: 1, expiresAt: 1, revokedAt: 1 };

/** Whether sessions hold, by their id. */
export const sessionMemory = new Memory<SessionHold, SessionRecord>({
  collection: "sessions",
  schema,
  most: 100_000,
  keysOf: by("_id"),
  tags: ["_id", "userId"],
  read: (ids) => SessionModel.find({ _id: { $in: ids.map(oid) } }, HOLD).lean(),
});

export const SessionModel = modelOf<SessionRecord>("Session", schema, "sessions");
