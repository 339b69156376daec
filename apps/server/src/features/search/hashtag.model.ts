import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** A hashtag that has been used, and in how many posts it stands now. */
export interface HashtagRecord extends Stored {
  key: string;
  /** What the key begins with: its first letter, its first two ... so that the most used come first by index. */
  beginnings: string[];
  uses: number;
}

const hashtagSchema = schemaOf<HashtagRecord>({
  key: { type: String, required: true, unique: true },
  beginnings: { type: [String], required: true },
  uses: { type: Number, default: 0, min: 0 },
});
hashtagSchema.index({ beginnings: 1, uses: -1, _id: 1 });

export const HashtagModel = modelOf<HashtagRecord>("Hashtag", hashtagSchema, "hashtags");

/** The hashtags of one post, under the post's id, as they were counted. */
export interface HashtagUseRecord extends Stored {
  userId: ObjectId;
  /** The day of the post in UTC: 2026-01-31. */
  day: string;
  /** The four hours of that day in which it was written, by the first of them: 0, 4 ... 20. */
  hour: number;
  tags: { key: string; tag: string }[];
  /** Which text of the post was counted: grows with each edit, and with deletion. */
  version: number;
  /** How often it was counted. */
  counted: number;
}

const useSchema = schemaOf<HashtagUseRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  day: { type: String, required: true },
  hour: { type: Number, required: true },
  tags: { type: [part({ key: String, tag: String })], default: [] },
  version: { type: Number, required: true },
  counted: { type: Number, default: 0 },
});
// With who it was, so that people are counted by the index alone.
useSchema.index({ "tags.key": 1, _id: -1, userId: 1 });
useSchema.index({ userId: 1, day: 1 });

export const HashtagUseModel = modelOf<HashtagUseRecord>("HashtagUse", useSchema, "hashtagUses");

/** How much a hashtag was used on one day. */
export interface HashtagDayRecord extends Stored, DayCounts {
  key: string;
  day: string;
}

/** How often it was used, and by how many people: all day, and in each four hours of it, by the first of them. */
export interface DayCounts {
  uses: number;
  accounts: number;
  hours: { [hour: string]: number };
}

const daySchema = schemaOf<HashtagDayRecord>({
  key: { type: String, required: true },
  day: { type: String, required: true },
  uses: { type: Number, required: true },
  accounts: { type: Number, required: true },
  hours: { type: Schema.Types.Mixed as never, required: true },
});
daySchema.index({ key: 1, day: -1 }, { unique: true });
daySchema.index({ day: 1, accounts: -1 });

export const HashtagDayModel = modelOf<HashtagDayRecord>("HashtagDay", daySchema, "hashtagDays");
