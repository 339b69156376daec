import mongoose, { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What trends, as it was last worked out. */
export interface TrendBoardRecord extends Stored {
  at: Date;
  trends: TrendRecord[];
}

/** A hashtag that trends, under the hashtag's id. */
export interface TrendRecord extends Stored {
  key: string;
  /** As it is mostly written. */
  tag: string;
  /** How surprising it has been, and when: less from then on. */
  peak: number;
  peakAt: Date;
  /** How many people used it in the last hours. */
  accounts: number;
  /** Some of those who used it last, whom everybody may see. */
  userIds: ObjectId[];
}

const trend = part({
  _id: Schema.Types.ObjectId,
  key: String,
  tag: String,
  peak: Number,
  peakAt: Date,
  accounts: Number,
  userIds: [Schema.Types.ObjectId],
});

/** There is one, under this id. */
export const BOARD: ObjectId = new mongoose.Types.ObjectId("1".repeat(24));

export const TrendBoardModel = modelOf<TrendBoardRecord>(
  "TrendBoard",
  schemaOf<TrendBoardRecord>({
    at: { type: Date, required: true },
    trends: { type: [trend], required: true },
  }),
  "trendBoards",
);
