import type { GetUser, UserCounts } from "@warble/contracts";
import { batchById } from "../../platform/batch";
import { now } from "../../platform/clock";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { atCommit } from "../../platform/mongo";
import { searchKeysOf } from "./name.service";
import { UserModel, type UserRecord } from "./user.model";

export type { UserRecord } from "./user.model";

/** The key by which a username is unique and looked up. */
export const usernameKey = (username: string): string => username.toLowerCase();

/** Stores a new person. Fails as a duplicate when the username is taken. */
export async function createUser(username: string, displayName: string): Promise<UserRecord> {
  const [user] = await UserModel.insertMany([
    {
      _id: newId(),
      username,
      usernameKey: usernameKey(username),
      displayName,
      ...searchKeysOf(username, displayName),
      createdAt: now(),
    },
  ]);
  if (!user) throw new Error("the user was not stored");
  return user.toObject();
}

/** The user's record, whoever asks; the rules are not applied. */
export async function findUser(by: GetUser): Promise<UserRecord | null> {
  if ("username" in by) return UserModel.findOne({ usernameKey: usernameKey(by.username) }).lean();
  const [user] = await findUsers([oid(by.id)]);
  return user ?? null;
}

/** The records of these users, in any order; the rules are not applied. */
export const findUsers = batchById<UserRecord>((ids) => UserModel.find({ _id: { $in: ids } }).lean());

/** The records of the users with these names, in any order; the rules are not applied. */
export const findUsersByName = (usernames: string[]): Promise<UserRecord[]> =>
  UserModel.find({ usernameKey: { $in: usernames.map(usernameKey) } }).lean();

/** The records of all who have this role; the rules are not applied. */
export const findUsersByRole = (role: "moderator" | "admin"): Promise<UserRecord[]> =>
  UserModel.find({ role }).lean();

/** A user's counters, and by how much they move. */
interface Count {
  id: ObjectId;
  change: Partial<UserCounts>;
}

/** Moves a user's counters, in the transaction of what moved them: at its end, with all others that it moves. */
export const countForUser = (id: ObjectId, change: Partial<UserCounts>): Promise<void> =>
  atCommit(moveCounts, [{ id, change }]);

async function moveCounts(all: Count[]): Promise<void> {
  const sums = new Map<string, Map<string, number>>();
  for (const { id, change } of all) {
    const sum = sums.get(String(id)) ?? new Map<string, number>();
    for (const [name, by] of Object.entries(change))
      sum.set(`counts.${name}`, (sum.get(`counts.${name}`) ?? 0) + by);
    sums.set(String(id), sum);
  }
  await UserModel.bulkWrite(
    [...sums].map(([id, sum]) => ({
      updateOne: { filter: { _id: oid(id) }, update: { $inc: Object.fromEntries(sum) } },
    })),
  );
}

/** Sets what has been counted again, in the transaction that counted it. */
export async function setUserCounts(id: ObjectId, counts: Partial<UserCounts>): Promise<void> {
  const $set = Object.fromEntries(Object.entries(counts).map(([name, count]) => [`counts.${name}`, count]));
  await UserModel.updateOne({ _id: id }, { $set });
}

/** Changes fields of a user. @throws WarbleError USER_NOT_FOUND */
export async function changeUser(id: string, change: Partial<Omit<UserRecord, "_id">>): Promise<UserRecord> {
  const user = await UserModel.findByIdAndUpdate(
    oid(id),
    { $set: change },
    { returnDocument: "after" },
  ).lean();
  if (!user) throw new WarbleError("USER_NOT_FOUND");
  return user;
}

/** Takes a user away; what refers to them shows nobody from then on. */
export async function removeUser(id: ObjectId): Promise<void> {
  await UserModel.deleteOne({ _id: id });
}
