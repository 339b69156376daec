import {
  type CommentOrTombstone,
  type CommentSort,
  LIMITS,
  type Page,
  type PageInput,
  type Thread,
  type ThreadNode,
} from "@warble/contracts";
import type { PipelineStage } from "mongoose";
import { z } from "zod";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { ANSWER_INDEXES, CommentModel, type CommentRecord } from "./post.model";
import { notFound, type PostKey } from "./post.service";
import { showComments } from "./post.view";

type Asker = Pick<Context, "viewer">;

const Position = z.strictObject({
  order: z.enum(["newest", "oldest", "liked", "thread"]),
  likes: z.int(),
  own: z.boolean(),
  id: z.string().regex(/^[0-9a-f]{24}$/),
});
type Position = z.infer<typeof Position>;

interface Order {
  index: Record<string, 1 | -1>;
  by: Record<string, 1 | -1>;
  /** What comes behind a position, as ranges of the order's index: one range with an $or in it would be scanned. */
  behind: (position: Position) => object[];
}

const ORDERS: Record<Position["order"], Order> = {
  newest: { index: ANSWER_INDEXES.byId, by: { _id: -1 }, behind: ({ id }) => [{ _id: { $lt: oid(id) } }] },
  oldest: { index: ANSWER_INDEXES.byId, by: { _id: 1 }, behind: ({ id }) => [{ _id: { $gt: oid(id) } }] },
  liked: {
    index: ANSWER_INDEXES.byLikes,
    by: { "counts.likes": -1, _id: -1 },
    behind: ({ likes, id }) => [
      { "counts.likes": likes, _id: { $lt: oid(id) } },
      { "counts.likes": { $lt: likes } },
    ],
  },
  // The author's own answers before those of others: what `thread` shows.
  thread: {
    index: ANSWER_INDEXES.ownFirst,
    by: { own: -1, _id: 1 },
    behind: ({ own, id }) => [{ own, _id: { $gt: oid(id) } }, ...(own ? [{ own: false }] : [])],
  },
};

const positionOf = (order: Position["order"], { _id, own, counts }: CommentRecord): Position => ({
  order,
  likes: counts.likes,
  own,
  id: String(_id),
});

/** Before all answers: what a branch of which nothing is shown goes on from. */
const FIRST: Position = { order: "thread", likes: 0, own: true, id: "0".repeat(24) };

/** The direct answers to a tweet or comment, with the tombstones under which answers stand. */
export function listAnswers(
  ctx: Asker,
  answered: PostKey,
  { sort, cursor, limit }: PageInput & { sort: CommentSort },
): Promise<Page<CommentOrTombstone>> {
  const start = decodeCursor(cursor, Position);
  const order = start?.order ?? sort;
  const goesOn = order === sort || (order === "thread" && answered.kind === "comment");
  if (!goesOn) throw new WarbleError("BAD_CURSOR");
  return fillPage<CommentRecord, CommentOrTombstone>({
    limit,
    read: (last, count) => {
      const position = last ? positionOf(order, last) : start;
      return readRanges({ answeredId: oid(answered.id), gone: false }, order, { position, count });
    },
    show: (records) => showPlaces(ctx, records),
    cursorOf: (record) => encodeCursor(positionOf(order, record)),
  });
}

async function readRanges(
  filter: object,
  order: Position["order"],
  { position, count }: { position: Position | undefined; count: number },
): Promise<CommentRecord[]> {
  const { index, by, behind } = ORDERS[order];
  const records: CommentRecord[] = [];
  for (const range of position ? behind(position) : [{}]) {
    const left = count - records.length;
    if (left === 0) break;
    const found = CommentModel.find({ ...filter, ...range })
      .sort(by)
      .limit(left);
    records.push(...(await found.hint(index).lean()));
  }
  return records;
}

/** What stands at these places, in order; null where nothing does that the viewer may know of. */
export async function showPlaces(
  ctx: Asker,
  records: CommentRecord[],
): Promise<(CommentOrTombstone | null)[]> {
  const shown = await showComments(ctx, records);
  return records.map((record, index) => {
    const node = shown[index] ?? null;
    const needed = record.standing > 0 || (record.hiddenAt !== null && record.deletedAt === null);
    return node && "unavailable" in node && !needed ? null : node;
  });
}

interface Branch extends CommentRecord {
  answers?: Branch[];
}

interface Trunk extends Branch {
  ancestors: CommentRecord[];
}

/**
 * A comment with all that it answers and the first of what answers it, in one read however large the thread is.
 * @throws WarbleError COMMENT_NOT_FOUND
 */
export async function showThread(ctx: Asker, id: string): Promise<Thread> {
  const [trunk] = await CommentModel.aggregate<Trunk>(threadPipeline(oid(id)));
  if (!trunk) throw notFound("comment");
  const records = [...trunk.ancestors, ...allOf(trunk)];
  const places = await showPlaces(ctx, records);
  const shown = new Map(records.map((record, index) => [String(record._id), places[index] ?? null]));
  const comment = shown.get(id);
  if (!comment) throw notFound("comment");
  const ancestors = trunk.ancestors
    .sort((a, b) => a.ancestorIds.length - b.ancestorIds.length)
    .flatMap((ancestor) => shown.get(String(ancestor._id)) ?? []);
  return { ancestors, comment, replies: showBranches(trunk, shown) };
}

/** The comment by id, with its ancestors and its first answers, and theirs. */
const threadPipeline = (id: ObjectId): PipelineStage[] => [
  { $match: { _id: id, kind: "comment" } },
  {
    $lookup: {
      from: CommentModel.collection.name,
      localField: "ancestorIds",
      foreignField: "_id",
      as: "ancestors",
    },
  },
  firstAnswers(LIMITS.threadDepth),
];

function firstAnswers(levels: number): PipelineStage.Lookup {
  const deeper = levels > 1 ? [firstAnswers(levels - 1)] : [];
  return {
    $lookup: {
      from: CommentModel.collection.name,
      localField: "_id",
      foreignField: "answeredId",
      pipeline: [
        { $match: { gone: false } },
        { $sort: ORDERS.thread.by },
        { $limit: LIMITS.threadBreadth },
        ...deeper,
      ],
      as: "answers",
    },
  };
}

const allOf = (branch: Branch): CommentRecord[] => [branch, ...(branch.answers ?? []).flatMap(allOf)];

function showBranches(branch: Branch, shown: Map<string, CommentOrTombstone | null>): Page<ThreadNode> {
  const answers = branch.answers ?? [];
  const last = answers.at(-1);
  const end = encodeCursor(last ? positionOf("thread", last) : FIRST);
  return {
    items: answers.flatMap((answer) => {
      const node = shown.get(String(answer._id));
      return node ? { node, replies: showBranches(answer, shown) } : [];
    }),
    nextCursor: branch.standing > answers.length ? end : null,
  };
}

/** Hides a comment, or shows it again. @throws WarbleError COMMENT_NOT_FOUND when it is deleted meanwhile */
export async function setHidden(id: string, hidden: boolean): Promise<void> {
  const { matchedCount } = await CommentModel.updateOne(
    { _id: oid(id), deletedAt: null },
    { $set: { hiddenAt: hidden ? now() : null } },
  );
  if (matchedCount === 0) throw notFound("comment");
}
