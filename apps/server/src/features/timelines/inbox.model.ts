import mongoose, { type Model, Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What is kept ready for somebody's home, under their id; there is none for who is away. */
export interface InboxRecord extends Stored {
  /** When they looked at home, to the hour. */
  seenAt: Date;
  /** Since when it holds all that it should; null while it is being filled. */
  filledAt: Date | null;
  /** Entries that are older are not in it; null: it goes back to the beginning. */
  floor: ObjectId | null;
}

const schema = schemaOf<InboxRecord>({
  seenAt: { type: Date, required: true },
  filledAt: { type: Date, default: null },
  floor: { type: Schema.Types.ObjectId, default: null },
});
// A fan-out asks of many whether they are there, and is answered by the index alone.
schema.index({ _id: 1, seenAt: 1 });

/** Inboxes by whose they are. */
export const inboxMemory = new Memory<InboxRecord>({
  collection: "inboxes",
  schema,
  most: 40_000,
  keysOf: by("_id"),
  read: (ids) => InboxModel.find({ _id: { $in: ids.map(oid) } }).lean(),
});

export const InboxModel = modelOf<InboxRecord>("Inbox", schema, "inboxes");

/** An entry in somebody's inbox. */
export interface InboxEntryRecord {
  /** See `inboxKey`. */
  _id: mongoose.mongo.Binary;
  actorId: ObjectId;
  tweetId: ObjectId;
  kind: "tweet" | "retweet";
}

const entrySchema = new Schema<InboxEntryRecord>(
  {
    _id: { type: Buffer, required: true },
    actorId: { type: Schema.Types.ObjectId, required: true },
    tweetId: { type: Schema.Types.ObjectId, required: true },
    kind: { type: String, required: true },
  },
  { strict: "throw", versionKey: false },
);

export const InboxEntryModel = (mongoose.models.InboxEntry ??
  mongoose.model("InboxEntry", entrySchema, "inboxEntries")) as Model<InboxEntryRecord>;

/** Whose inbox, then which entry: so that one index finds an inbox in order, and an entry is in it once. */
export const inboxKey = (userId: ObjectId, entryId: ObjectId): mongoose.mongo.Binary =>
  new mongoose.mongo.Binary(Buffer.concat([userId.id, entryId.id]));

/** The entry that a key names. */
export const entryIdIn = (key: mongoose.mongo.Binary): ObjectId =>
  new mongoose.Types.ObjectId(Buffer.from(key.buffer.subarray(12, 24)));
