import { compareIds, type ObjectId } from "../../platform/id";
import type { Stored } from "../../platform/mongo";
import { EntryModel, type EntryRecord } from "./entry.model";
import { LikeModel, type LikeRecord } from "./like.model";
import { CommentModel, type CommentRecord, PostModel, type PostRecord } from "./post.model";

export type { EntryRecord } from "./entry.model";

/** A piece of a list that is ordered by id, newest first. */
export interface Piece {
  /** Only what is older than this. */
  below: ObjectId | undefined;
  count: number;
}

/** So many people's entries the database merges in order; for more it would read and sort all they ever did. */
const MERGED = 200;

/** What these people put on their timelines, newest first. */
export async function entriesOf(actorIds: ObjectId[], { below, count }: Piece): Promise<EntryRecord[]> {
  const parts: Promise<EntryRecord[]>[] = [];
  for (let start = 0; start < actorIds.length; start += MERGED) {
    const some = { $in: actorIds.slice(start, start + MERGED) };
    parts.push(EntryModel.find({ actorId: some, ...older(below) }, null, newest(count)).lean());
  }
  const entries = (await Promise.all(parts)).flat();
  return entries.sort(newerFirst).slice(0, count);
}

/** What a user answered, newest first. */
export const commentsBy = (authorId: ObjectId, { below, count }: Piece): Promise<CommentRecord[]> =>
  CommentModel.find(
    { authorId, kind: "comment", deletedAt: null, ...older(below) },
    null,
    newest(count),
  ).lean<CommentRecord[]>();

/** What a user wrote that is not deleted, newest first. */
export const postsBy = (
  authorId: ObjectId,
  kind: PostRecord["kind"],
  { below, count }: Piece,
): Promise<PostRecord[]> =>
  PostModel.find({ authorId, kind, deletedAt: null, ...older(below) }, null, newest(count)).lean();

/** All that a user likes, the latest like first. */
export const allLikesBy = (userId: ObjectId, { below, count }: Piece): Promise<LikeRecord[]> =>
  LikeModel.find({ userId, ...older(below) }, null, newest(count)).lean();

/** Which tweets a user likes, the latest like first. */
export const likesBy = (userId: ObjectId, { below, count }: Piece): Promise<LikeRecord[]> =>
  LikeModel.find({ userId, kind: "tweet", ...older(below) }, null, newest(count)).lean();

const older = (below: ObjectId | undefined) => (below ? { _id: { $lt: below } } : {});
const newest = (limit: number) => ({ sort: { _id: -1 as const }, limit });

/** The order of lists. */
export const newerFirst = (a: Stored, b: Stored): number => compareIds(b._id, a._id);
