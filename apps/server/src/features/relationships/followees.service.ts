import { nowMs } from "../../platform/clock";
import { idAt, type ObjectId, timeOf } from "../../platform/id";
import { EdgeModel, followMemory, LATELY_MS } from "./edge.model";
import { loudUsers } from "./loud.service";

/** Whom a user follows, in any order. */
export async function followeesOf(userId: ObjectId): Promise<ObjectId[]> {
  const edges = await EdgeModel.find({ fromId: userId, kind: "follow" }, { _id: 0, toId: 1 }).lean();
  return edges.map((edge) => edge.toId);
}

/** Whom of those that a user follows their inbox may lack: the loud, and those followed only lately. */
export async function undeliveredFolloweesOf(userId: ObjectId): Promise<ObjectId[]> {
  const loud = new Set((await loudUsers()).map(String));
  const edges = await followMemory.findAll([String(userId)]);
  const lately = nowMs() - LATELY_MS;
  return edges
    .filter(({ _id, toId }) => timeOf(_id) > lately || loud.has(String(toId)))
    .map(({ toId }) => toId);
}

/** Whether one follows the other. */
export const isFollowing = async (followerId: ObjectId, followeeId: ObjectId): Promise<boolean> =>
  (await EdgeModel.exists({ fromId: followerId, kind: "follow", toId: followeeId })) !== null;

/** A follower, and where they stand in the list. */
interface Follower {
  edgeId: ObjectId;
  userId: ObjectId;
}

/** The next of those who follow a user, from the first on; an index answers alone. */
export async function followersAfter(
  userId: ObjectId,
  { after, count }: { after: ObjectId | undefined; count: number },
): Promise<Follower[]> {
  const edges = await EdgeModel.find(
    { toId: userId, kind: "follow", _id: { $gt: after ?? idAt(new Date(0)) } },
    { fromId: 1 },
  )
    .sort({ _id: 1 })
    .limit(count)
    .lean();
  return edges.map(({ _id, fromId }) => ({ edgeId: _id, userId: fromId }));
}
