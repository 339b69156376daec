import type { Entity } from "@warble/contracts";
import mongoose, { type Model, Schema } from "mongoose";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What tweets and comments share: both live in one collection, so that what is done to either exists once. */
export interface PostRecord extends Stored {
  kind: "tweet" | "comment";
  authorId: ObjectId;
  content: string;
  entities: Entity[];
  /** What it is found by: see `termsOf`. */
  terms: string[];
  counts: PostCounts;
  /** 0 for the first text; each edit adds one. */
  version: number;
  createdAt: Date;
  /** The call under a key that wrote it: it writes once. */
  callId?: ObjectId;
  editedAt: Date | null;
  /** It is shown to nobody from then on, whoever took it away. */
  deletedAt: Date | null;
  /** A moderator took it away: its likes and retweets wait for an undo. */
  removedAt: Date | null;
}

export interface PostCounts {
  likes: number;
  retweets: number;
  /** Direct answers that have not been deleted. */
  replies: number;
}

export interface TweetRecord extends PostRecord {
  kind: "tweet";
}

export interface CommentRecord extends PostRecord {
  kind: "comment";
  tweetId: ObjectId;
  /** From the tweet's direct comment down to the parent; empty for a direct comment. */
  ancestorIds: ObjectId[];
  /** The last of `ancestorIds`, or null. */
  parentId: ObjectId | null;
  /** What it answers: the parent, or else the tweet. */
  answeredId: ObjectId;
  /** Who wrote what it answers. */
  answeredAuthorId: ObjectId;
  /** Whether the author answers themselves. */
  own: boolean;
  /** Direct answers that have a place in the thread: not deleted, or deleted with such answers of their own. */
  standing: number;
  /** Deleted and without a place in the thread. */
  gone: boolean;
  /** Hidden by the author of the tweet. */
  hiddenAt: Date | null;
}

const count = { type: Number, default: 0, min: 0 };

const schema = schemaOf<PostRecord>(
  {
    kind: { type: String, required: true },
    authorId: { type: Schema.Types.ObjectId, required: true },
    content: { type: String, required: true },
    entities: { type: [Schema.Types.Mixed] as never, default: [] },
    terms: { type: [String], default: [] },
    counts: { type: part({ likes: count, retweets: count, replies: count }), default: () => ({}) },
    version: { type: Number, default: 0 },
    createdAt: { type: Date, required: true },
    callId: Schema.Types.ObjectId,
    editedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
    removedAt: { type: Date, default: null },
  },
  { discriminatorKey: "kind" },
);
schema.index({ authorId: 1, kind: 1, _id: -1 });
schema.index(
  { authorId: 1, callId: 1 },
  { unique: true, partialFilterExpression: { callId: { $type: "objectId" } } },
);

/** The order in which posts are looked for by one of their terms, newest first. */
export const TERM_INDEX = { terms: 1, kind: 1, _id: -1 } as const;
schema.index(TERM_INDEX);

/** The orders in which answers are read; each read says which it means, for the planner is easily misled. */
export const ANSWER_INDEXES = {
  byId: { answeredId: 1, _id: -1 },
  byLikes: { answeredId: 1, "counts.likes": -1, _id: -1 },
  ownFirst: { answeredId: 1, own: -1, _id: 1 },
} as const;
for (const keys of Object.values(ANSWER_INDEXES))
  schema.index(keys, { partialFilterExpression: { gone: false } });

/** Whatever is shown, by its id; of comments, too. */
export const postMemory = new Memory<PostRecord>({
  collection: "posts",
  schema,
  most: 40_000,
  keysOf: by("_id"),
  read: (ids) => PostModel.find({ _id: { $in: ids.map(oid) } }).lean(),
});

/** Tweets and comments alike. */
export const PostModel = modelOf<PostRecord>("Post", schema, "posts");

const commentSchema = new Schema<CommentRecord>(
  {
    tweetId: { type: Schema.Types.ObjectId, required: true },
    ancestorIds: { type: [Schema.Types.ObjectId], default: [] },
    parentId: { type: Schema.Types.ObjectId, default: null },
    answeredId: { type: Schema.Types.ObjectId, required: true },
    answeredAuthorId: { type: Schema.Types.ObjectId, required: true },
    own: { type: Boolean, required: true },
    standing: count,
    gone: { type: Boolean, default: false },
    hiddenAt: { type: Date, default: null },
  },
  { _id: false },
);

export const TweetModel = (mongoose.models.Tweet ??
  PostModel.discriminator("Tweet", new Schema({}, { _id: false }), "tweet")) as Model<TweetRecord>;
export const CommentModel = (mongoose.models.Comment ??
  PostModel.discriminator("Comment", commentSchema, "comment")) as Model<CommentRecord>;
