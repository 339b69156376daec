import type { ObjectId } from "../../platform/id";
import { EdgeModel } from "./edge.model";

/** Whom a user follows, in any order. */
export async function followeesOf(userId: ObjectId): Promise<ObjectId[]> {
  const edges = await EdgeModel.find({ fromId: userId, kind: "follow" }, { _id: 0, toId: 1 }).lean();
  return edges.map((edge) => edge.toId);
}
