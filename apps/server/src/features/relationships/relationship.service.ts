import type { Relationship } from "@warble/contracts";
import type { App } from "../../platform/context";
import { defineEvent } from "../../platform/events";
import type { ObjectId } from "../../platform/id";
import { FollowModel } from "./follow.model";

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

/** What stands between the viewer and each of these users, by their id, in one read of each kind of edge. */
export async function relationshipsOf(
  viewerId: ObjectId,
  userIds: ObjectId[],
): Promise<Map<string, Relationship>> {
  const edges = await FollowModel.find({
    $or: [
      { followerId: viewerId, followeeId: { $in: userIds } },
      { followeeId: viewerId, followerId: { $in: userIds } },
    ],
  }).lean();
  const relationships = new Map(userIds.map((id) => [String(id), { ...STRANGERS }]));
  for (const { followerId, followeeId } of edges) {
    const mine = followerId.equals(viewerId);
    const relationship = relationships.get(String(mine ? followeeId : followerId));
    if (relationship) relationship[mine ? "following" : "followedBy"] = true;
  }
  return relationships;
}
