import type { ObjectId } from "../../platform/id";
import { FollowModel } from "./follow.model";

/** Whom a user follows, in any order. */
export async function followeesOf(userId: ObjectId): Promise<ObjectId[]> {
  const edges = await FollowModel.find({ followerId: userId }, { _id: 0, followeeId: 1 }).lean();
  return edges.map((edge) => edge.followeeId);
}
