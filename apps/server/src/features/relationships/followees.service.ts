import { nowMs } from "../../platform/clock";
import { NOBODY, type ObjectId, timeOf } from "../../platform/id";
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

/** Some who follow a user, and the edge of the last of them. */
interface Followers {
  userIds: ObjectId[];
  last: ObjectId | undefined;
}

/** The next of those who follow a user, from the first on; an index answers alone, with all of them in one record. */
export async function followersAfter(
  userId: ObjectId,
  { after, count }: { after: ObjectId | undefined; count: number },
): Promise<Followers> {
  const [found] = await EdgeModel.aggregate<Followers>([
    { $match: { toId: userId, kind: "follow", _id: { $gt: after ?? NOBODY } } },
    { $sort: { _id: 1 } },
    { $limit: count },
    { $group: { _id: null, userIds: { $push: "$fromId" }, last: { $last: "$_id" } } },
  ]);
  return found ?? { userIds: [], last: undefined };
}
