import { Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What somebody mutes that is no person: a word or phrase, or a tweet with all that stands under it. */
export interface MuteRecord extends Stored {
  userId: ObjectId;
  kind: "word" | "thread";
  /** The phrase in one spelling, or the tweet's id: a user has one of each. */
  key: string;
  /** The phrase as it was given; of a thread, none. */
  word: string;
  /** The words of the phrase as posts are found by them. */
  terms: string[];
  /** When it ends by itself; null is never. */
  until: Date | null;
}

const schema = schemaOf<MuteRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  kind: { type: String, required: true },
  key: { type: String, required: true },
  word: { type: String, default: "" },
  terms: { type: [String], default: [] },
  // Only cleans: whether a mute still holds is asked in every query.
  until: { type: Date, default: null, expires: 0 },
});
schema.index({ userId: 1, kind: 1, key: 1 }, { unique: true });
schema.index({ userId: 1, kind: 1, _id: -1 });

/** All that somebody mutes, by their id. */
export const muteMemory = new Memory<MuteRecord>({
  collection: "mutes",
  schema,
  most: 50_000,
  keysOf: by("userId"),
  read: (userIds) => MuteModel.find({ userId: { $in: userIds.map(oid) } }).lean(),
});

export const MuteModel = modelOf<MuteRecord>("Mute", schema, "mutes");
