import mongoose from "mongoose";
import { oid } from "../src/platform/id";

const HEX = /^[0-9a-f]{24}$/;

/** The stored rows that match, by hex ids where ids are meant; for what no call shows. */
export function rowsIn(collection: string, where: object): Promise<object[]> {
  return mongoose.connection
    .collection(collection)
    .find(withIds(where) as object)
    .toArray();
}

/** What is in a user's log, the oldest first. */
export const eventsIn = (userId: string, type?: string): Promise<object[]> =>
  mongoose.connection
    .collection("events")
    .find({ userId: oid(userId), ...(type && { type }) })
    .sort({ number: 1 })
    .toArray();

function withIds(value: unknown): unknown {
  if (typeof value === "string" && HEX.test(value)) return oid(value);
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withIds(each)]));
}
