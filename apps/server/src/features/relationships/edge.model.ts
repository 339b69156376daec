import { Schema } from "mongoose";
import { nowMs } from "../../platform/clock";
import { distinct, idAt, type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";
import { EVERYONE, loudMemory } from "./loud.model";

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

/** What is between two people, for reads of pairs to say: the other way round lie all who follow one of them. */
export const PAIR_INDEX = { fromId: 1, kind: 1, toId: 1 } as const;
schema.index(PAIR_INDEX, { unique: true });
schema.index({ fromId: 1, kind: 1, _id: -1 });
schema.index({ toId: 1, kind: 1, _id: -1, fromId: 1 });
schema.index({ kind: 1, _id: -1 });

/** All kinds, for a query that an index is to serve. */
export const EVERY_KIND = { $in: KINDS };

/** Under which key it is found what stands between two people. */
export const pairKey = (one: string, other: string): string => `${one} ${other}`;

const pairOf = (key: string) => key.split(" ").map(oid) as [ObjectId, ObjectId];

/** What stands between two people in either direction, by `pairKey`. */
export const pairMemory = new Memory<EdgeRecord>({
  collection: "edges",
  schema,
  most: 200_000,
  keysOf: ({ fromId, toId }) => (fromId && toId ? [pairKey(fromId, toId), pairKey(toId, fromId)] : []),
  read: (keys) => readPairs(keys.map(pairOf)),
});

/** However many ask, it has two branches. */
function readPairs(pairs: [ObjectId, ObjectId][]): Promise<EdgeRecord[]> {
  const viewers = { $in: distinct(pairs.map(([viewer]) => viewer)) };
  const users = { $in: distinct(pairs.map(([, user]) => user)) };
  return EdgeModel.find({
    $or: [
      { fromId: viewers, kind: EVERY_KIND, toId: users },
      { fromId: users, kind: EVERY_KIND, toId: viewers },
    ],
  })
    .hint(PAIR_INDEX)
    .lean();
}

/** For so long a follow is read where it is not delivered yet. */
export const LATELY_MS = 10 * 60_000;

/** The follows that home cannot leave to the inbox, by who follows: of the loud, and those made lately. */
export const followMemory = new Memory<EdgeRecord>({
  collection: "edges",
  schema,
  most: 50_000,
  keysOf: by("fromId"),
  dependsOn: "loudUsers",
  read: async (keys) => {
    const follows = { fromId: { $in: keys.map(oid) }, kind: "follow" } as const;
    const loud = await loudMemory.findAll([EVERYONE]);
    const late = { ...follows, _id: { $gt: idAt(new Date(nowMs() - LATELY_MS)) } };
    const among = { ...follows, toId: { $in: loud.map(({ _id }) => _id) } };
    return EdgeModel.find(loud.length > 0 ? { $or: [late, among] } : late).lean();
  },
});

export const EdgeModel = modelOf<EdgeRecord>("Edge", schema, "edges");
