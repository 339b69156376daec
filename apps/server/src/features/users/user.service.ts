import type { GetUser, UserCounts } from "@warble/contracts";
import { now } from "../../platform/clock";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { searchKeysOf } from "./name.service";
import { type SearchKeys, UserModel, type UserRecord, userMemory } from "./user.model";

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
export const findUsers = (ids: ObjectId[]): Promise<UserRecord[]> => userMemory.findAll(ids.map(String));

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

/** Moves a user's counters, in the transaction of what moved them. */
export const countForUser = (id: ObjectId, change: Partial<UserCounts>): Promise<void> =>
  countForUsers([{ id, change }]);

/** Moves counters of users, in the transaction of what moved them: in one round trip, however many they are. */
export async function countForUsers(all: Count[]): Promise<void> {
  await UserModel.bulkWrite(
    all.map(({ id, change }) => {
      const $inc = Object.fromEntries(Object.entries(change).map(([name, by]) => [`counts.${name}`, by]));
      return { updateOne: { filter: { _id: id }, update: { $inc } } };
    }),
  );
}

/** Sets what has been counted again, in the transaction that counted it. */
export async function setUserCounts(id: ObjectId, counts: Partial<UserCounts>): Promise<void> {
  const $set = Object.fromEntries(Object.entries(counts).map(([name, count]) => [`counts.${name}`, count]));
  await UserModel.updateOne({ _id: id }, { $set });
}

/** Changes fields of a user. @throws WarbleError USER_NOT_FOUND */
export async function changeUser(
  id: string,
  change: Partial<Omit<UserRecord, "_id"> & SearchKeys>,
): Promise<UserRecord> {
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
