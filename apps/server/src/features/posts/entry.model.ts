import { Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
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

/** So many of each person's newest entries are kept: two pages of the usual length. */
export const LATEST = 41;

/** What each did last, newest first, by who did it. */
export const latestMemory = new Memory<EntryRecord>({
  collection: "entries",
  schema,
  most: 100_000,
  keysOf: by("actorId"),
  read: async (keys) =>
    (
      await Promise.all(
        keys.map((id) =>
          EntryModel.find({ actorId: oid(id) }, null, { sort: { _id: -1 }, limit: LATEST }).lean(),
        ),
      )
    ).flat(),
});

/** All retweets of a tweet, by its id: for tweets that have few. */
export const retweetMemory = new Memory<EntryRecord>({
  collection: "entries",
  schema,
  most: 100_000,
  keysOf: by("tweetId"),
  read: (keys) => EntryModel.find({ tweetId: { $in: keys.map(oid) }, kind: "retweet" }).lean(),
});

export const EntryModel = modelOf<EntryRecord>("Entry", schema, "entries");
