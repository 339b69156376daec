import type { ModeratedUser } from "@warble/contracts";
import type { ObjectId } from "../../platform/id";
import { findUsers, type UserRecord } from "../users/user.service";
import { isSuspended } from "../visibility/visibility.service";
import { StrikeModel } from "./strike.model";

/** These users by id, whatever hides them from others. */
export async function loadPeople(ids: ObjectId[]): Promise<Map<string, ModeratedUser>> {
  const people = ids.length > 0 ? await showPeople(await findUsers(ids)) : [];
  return new Map(people.map((person) => [person.id, person]));
}

/** Users as moderators see them, in order. */
export async function showPeople(users: UserRecord[]): Promise<ModeratedUser[]> {
  const strikes = await countStrikes(users.map((user) => user._id));
  return users.map((user) => ({
    id: String(user._id),
    username: user.username,
    displayName: user.displayName,
    role: user.role,
    emailVerified: user.emailVerified,
    suspension: isSuspended(user) ? showSuspension(user) : null,
    deactivated: user.deactivatedAt !== null,
    deleted: user.deletedAt !== null,
    strikes: strikes.get(String(user._id)) ?? 0,
    createdAt: user.createdAt.toISOString(),
  }));
}

const showSuspension = ({ suspension }: UserRecord): ModeratedUser["suspension"] =>
  suspension && { reason: suspension.reason, until: suspension.until?.toISOString() ?? null };

async function countStrikes(userIds: ObjectId[]): Promise<Map<string, number>> {
  const counts = await StrikeModel.aggregate<{ _id: ObjectId; count: number }>([
    { $match: { userId: { $in: userIds }, revokedAt: null } },
    { $group: { _id: "$userId", count: { $sum: 1 } } },
  ]);
  return new Map(counts.map(({ _id, count }) => [String(_id), count]));
}
