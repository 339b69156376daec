import mongoose, { type PipelineStage } from "mongoose";
import { nowMs } from "./clock";
import { type ObjectId, oid } from "./id";
import { JobModel } from "./job-lane";

const PIECE = 500;
/** Small enough to be given out whole, and kept. */
const TOLD = 20;
const LOOKS = 3;
const SETTLE_MS = 60_000;
const POLL_MS = 50;

/** Something that is not as it should be: what, by its id, and how it is. */
export interface Finding {
  id: string;
  how: Record<string, unknown>;
}

/** Some of what an invariant is about. */
interface Piece {
  looked: number;
  /** What of it is off, as the database is at one moment. */
  look: () => Promise<Finding[]>;
}

/** What holds between stored things at any moment, or, where one follows from another, once the queue is empty. */
export interface Invariant {
  /** What holds, in words. */
  name: string;
  pieces: () => AsyncIterable<Piece>;
  /** Makes it hold, by counting again. */
  repair?: (id: string) => Promise<void>;
}

interface Records {
  name: string;
  /** The collection that is looked at. */
  of: string;
  /** Which of its records; all when left out. */
  where?: Record<string, unknown>;
  /** What leaves only the records that are off, with what shows it. */
  off: PipelineStage[];
  repair?: (id: ObjectId) => Promise<void>;
}

/** What holds for every record of a collection. */
export const everyRecord = ({ name, of, where = {}, off, repair }: Records): Invariant => ({
  name,
  pieces: async function* () {
    for (let ids = await idsAfter({ of, where }); ids.length > 0; ids = await idsAfter({ of, where, ids })) {
      const _id = { $in: ids };
      yield { looked: ids.length, look: () => readRows(of, [{ $match: { ...where, _id } }, ...off]) };
    }
  },
  ...(repair && { repair: (id) => repair(oid(id)) }),
});

/** A name that is misspelt would be an empty collection, in which nothing is ever off. */
function collectionOf(name: string): mongoose.Collection {
  const known = Object.values(mongoose.models).find((model) => model.collection.name === name);
  if (!known) throw new Error(`nothing is stored in a collection named ${name}`);
  return known.collection;
}

async function idsAfter({ of, where, ids = [] }: Pick<Records, "of"> & { where: object; ids?: ObjectId[] }) {
  const last = ids.at(-1);
  const behind = last ? [{ _id: { $gt: last } }] : [];
  const rows = await collectionOf(of)
    .find({ $and: [where, ...behind] }, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(PIECE)
    .toArray();
  return rows.map(({ _id }) => _id as ObjectId);
}

/** All of it as it was at one moment, so that what is being written is seen whole or not at all. */
async function readRows(of: string, pipeline: PipelineStage[]): Promise<Finding[]> {
  for (const stage of pipeline) if ("$lookup" in stage) collectionOf(stage.$lookup.from);
  const options = { readConcern: { level: "snapshot" as const }, allowDiskUse: true };
  const rows = await collectionOf(of).aggregate(pipeline, options).toArray();
  return rows.map(({ _id, ...how }) => ({ id: String(_id), how }));
}

/** Where a record's others are. */
interface Others {
  from: string;
  /** Their field that names the record. */
  by: string;
  where?: object;
}

/** Sets `as` to how many others name the record. */
export const counted = (as: string, { from, by, where = {} }: Others): PipelineStage[] => [
  {
    $lookup: {
      from,
      localField: "_id",
      foreignField: by,
      pipeline: [{ $match: where }, { $count: "count" }],
      as,
    },
  },
  { $set: { [as]: { $ifNull: [{ $first: `$${as}.count` }, 0] } } },
];

/** Sets `as` to what there is of the others that name the record and are numbered: how many, their first and last. */
export const numbered = (as: string, { from, by }: Omit<Others, "where">): PipelineStage => ({
  $lookup: {
    from,
    localField: "_id",
    foreignField: by,
    pipeline: [
      {
        $group: { _id: null, count: { $sum: 1 }, first: { $min: "$number" }, last: { $max: "$number" } },
      },
    ],
    as,
  },
});

/** Sets `as` to whatever a field of the record names, by id; for `missing`, or for its first. */
export const named = (as: string, from: string, field: string): PipelineStage => ({
  $lookup: { from, localField: field, foreignField: "_id", as },
});

/** Whether nothing has that name. */
export const missing = (as: string) => ({ $eq: [`$${as}`, []] });

/** Leaves the records for which one of these is true, with what shows it. */
export const offWhere = (any: object[], how: Record<string, unknown> = {}): PipelineStage[] => [
  { $match: { $expr: { $or: any } } },
  { $project: { _id: 1, ...how } },
];

/** Leaves the records of which a field, which is to name something there by its id, names nothing. */
export const namesNothing = (from: string, field: string, how?: Record<string, unknown>): PipelineStage[] => [
  named("named", from, field),
  ...offWhere([missing("named")], how),
];

/** Whether two expressions differ. */
export const differ = (one: unknown, other: unknown) => ({ $ne: [one, other] });

/** How an invariant holds. */
export interface Verdict {
  name: string;
  looked: number;
  off: number;
  repaired: number;
  /** The first of those that are off, those that were repaired among them. */
  findings: (Finding & { repaired: boolean })[];
}

/**
 * Looks whether an invariant holds, a piece at a time. What is off is looked at again once all that was due by then has
 * been done, and only then believed.
 * @param settle waits for that
 */
export async function judge(
  { name, pieces, repair }: Invariant,
  settle: () => Promise<void>,
  repairing = false,
): Promise<Verdict> {
  const verdict: Verdict = { name, looked: 0, off: 0, repaired: 0, findings: [] };
  for await (const piece of pieces()) {
    verdict.looked += piece.looked;
    const off = await lookAgain(piece, await piece.look(), settle);
    if (repairing && repair) for (const { id } of off) await repair(id);
    const left = new Set(
      repairing && repair ? (await piece.look()).map(({ id }) => id) : off.map(({ id }) => id),
    );
    const told = off.map((finding) => ({ ...finding, repaired: !left.has(finding.id) }));
    verdict.off += off.length;
    verdict.repaired += told.filter(({ repaired }) => repaired).length;
    verdict.findings.push(...told.slice(0, TOLD - verdict.findings.length));
  }
  return verdict;
}

async function lookAgain(piece: Piece, first: Finding[], settle: () => Promise<void>): Promise<Finding[]> {
  let off = first;
  for (let look = 1; look < LOOKS && off.length > 0; look++) {
    await settle();
    const before = new Set(off.map(({ id }) => id));
    off = (await piece.look()).filter(({ id }) => before.has(id));
  }
  return off;
}

/** Makes what waits until all that is due at that moment has been done; all its waits together are not long. */
export function settling(): () => Promise<void> {
  let left = SETTLE_MS;
  return async () => {
    const due = {
      lane: { $in: ["events", "timelines"] },
      parkedAt: null,
      runAt: { $lte: new Date(nowMs()) },
    };
    for (; left > 0 && (await JobModel.exists(due)); left -= POLL_MS) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
}
