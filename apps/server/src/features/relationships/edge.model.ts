import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

const KINDS = ["follow", "request", "block", "mute"] as const;
export type EdgeKind = (typeof KINDS)[number];

/** What one user has decided about another, or asked of them; the edge is the truth, counters follow it. */
export interface EdgeRecord extends Stored {
  kind: EdgeKind;
  fromId: ObjectId;
  toId: ObjectId;
  /** When it ends by itself; null is never. */
  until: Date | null;
  /** Of a mute: what of the user is muted; null is all. */
  only: "retweets" | null;
}

const schema = schemaOf<EdgeRecord>({
  kind: { type: String, enum: KINDS, required: true },
  fromId: { type: Schema.Types.ObjectId, required: true },
  toId: { type: Schema.Types.ObjectId, required: true },
  until: { type: Date, default: null },
  only: { type: String, default: null },
});
schema.index({ fromId: 1, kind: 1, toId: 1 }, { unique: true });
schema.index({ fromId: 1, kind: 1, _id: -1 });
schema.index({ toId: 1, kind: 1, _id: -1 });
schema.index({ kind: 1, _id: -1 });

export const EdgeModel = modelOf<EdgeRecord>("Edge", schema, "edges");

/** All kinds, for a query that an index is to serve. */
export const EVERY_KIND = { $in: KINDS };
