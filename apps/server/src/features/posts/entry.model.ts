import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/**
 * What a person put on their timeline: a tweet of theirs (the entry has the tweet's id), or a retweet (the entry
 * is the retweet). Timelines are read from here.
 */
export interface EntryRecord extends Stored {
  actorId: ObjectId;
  tweetId: ObjectId;
  kind: "tweet" | "retweet";
}

const schema = schemaOf<EntryRecord>({
  actorId: { type: Schema.Types.ObjectId, required: true },
  tweetId: { type: Schema.Types.ObjectId, required: true },
  kind: { type: String, required: true },
});
schema.index({ actorId: 1, _id: -1 });
schema.index({ tweetId: 1, actorId: 1, kind: 1 }, { unique: true });
schema.index({ tweetId: 1, kind: 1, _id: -1 });

export const EntryModel = modelOf<EntryRecord>("Entry", schema, "entries");
