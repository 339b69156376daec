import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** One follows another; the edge is the truth, the counters follow it. */
export interface FollowRecord extends Stored {
  followerId: ObjectId;
  followeeId: ObjectId;
}

const schema = schemaOf<FollowRecord>({
  followerId: { type: Schema.Types.ObjectId, required: true },
  followeeId: { type: Schema.Types.ObjectId, required: true },
});
schema.index({ followerId: 1, followeeId: 1 }, { unique: true });
schema.index({ followeeId: 1, _id: -1 });
schema.index({ followerId: 1, _id: -1 });

export const FollowModel = modelOf<FollowRecord>("Follow", schema, "follows");
