import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** Somebody likes a tweet or comment. */
export interface LikeRecord extends Stored {
  userId: ObjectId;
  postId: ObjectId;
  kind: "tweet" | "comment";
}

const schema = schemaOf<LikeRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  postId: { type: Schema.Types.ObjectId, required: true },
  kind: { type: String, required: true },
});
schema.index({ userId: 1, postId: 1 }, { unique: true });
schema.index({ postId: 1, _id: -1 });
schema.index({ userId: 1, kind: 1, _id: -1 });

export const LikeModel = modelOf<LikeRecord>("Like", schema, "likes");
