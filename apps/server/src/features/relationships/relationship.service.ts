import type { Relationship } from "@warble/contracts";
import { batch } from "../../platform/batch";
import type { App } from "../../platform/context";
import { defineEvent } from "../../platform/events";
import type { ObjectId } from "../../platform/id";
import { inTransaction } from "../../platform/mongo";
import { FollowModel, type FollowRecord } from "./follow.model";

/** The edge appeared; look whether it is still there. */
export const followed = defineEvent<{ followerId: string; followeeId: string }>("user.followed");
/** The edge disappeared. */
export const unfollowed = defineEvent<{ followerId: string; followeeId: string }>("user.unfollowed");

/** The event in a user's log that says that something between them and another user has changed. */
export const RELATIONSHIP = "relationship";

/** Tells those of the two who may know of it, as the last thing in the transaction that changes it. */
export const logRelationship = (
  { events }: Pick<App, "events">,
  between: [string, string],
  told: string[] = between,
): Promise<void> => events.append(told, RELATIONSHIP, { between });

/** What stands between two people who have nothing to do with each other. */
export const STRANGERS: Relationship = {
  following: false,
  followedBy: false,
  requested: false,
  blocking: false,
  muting: false,
};

interface Asked {
  viewerId: ObjectId;
  userIds: ObjectId[];
}

const MOST_ASKED = 32;

const findEdges = batch<Asked, FollowRecord[]>(async (all) => {
  const edges = await readEdges(all);
  return all.map(({ viewerId }) =>
    edges.filter(({ followerId, followeeId }) => followerId.equals(viewerId) || followeeId.equals(viewerId)),
  );
}, MOST_ASKED);

const readEdges = (all: readonly Asked[]): Promise<FollowRecord[]> =>
  FollowModel.find({
    $or: all.flatMap(({ viewerId, userIds }) => [
      { followerId: viewerId, followeeId: { $in: userIds } },
      { followeeId: viewerId, followerId: { $in: userIds } },
    ]),
  }).lean();

/** What stands between the viewer and each of these users, by their id, in one read of each kind of edge. */
export async function relationshipsOf(
  viewerId: ObjectId,
  userIds: ObjectId[],
): Promise<Map<string, Relationship>> {
  const asked = { viewerId, userIds };
  const edges = inTransaction() ? await readEdges([asked]) : await findEdges(asked);
  const relationships = new Map(userIds.map((id) => [String(id), { ...STRANGERS }]));
  for (const { followerId, followeeId } of edges) {
    const mine = followerId.equals(viewerId);
    const relationship = relationships.get(String(mine ? followeeId : followerId));
    if (relationship) relationship[mine ? "following" : "followedBy"] = true;
  }
  return relationships;
}
