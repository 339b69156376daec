import { randomBytes } from "node:crypto";
import mongoose from "mongoose";
import { nowMs } from "./clock";

/** An id as it is stored. */
export type ObjectId = mongoose.Types.ObjectId;

// What is kept in memory is looked up by the hex of its ids again and again.
mongoose.Types.ObjectId.cacheHexString = true;

const COUNTER_MAX = 0xffff;

let lastMs = 0;
let counter = 0;

/**
 * A new id that sorts by the database's clock to the millisecond, and by call within one node: six bytes of
 * milliseconds, two of a counter, four random. (The driver's own ids sort by second only.)
 */
export function newId(): ObjectId {
  const ms = Math.max(nowMs(), counter < COUNTER_MAX ? lastMs : lastMs + 1);
  counter = ms === lastMs ? counter + 1 : 0;
  lastMs = ms;
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(counter, 6);
  randomBytes(4).copy(bytes, 8);
  return new mongoose.Types.ObjectId(bytes);
}

/** Whose it is when its user is gone: nobody has this id. */
export const NOBODY: ObjectId = new mongoose.Types.ObjectId("0".repeat(24));

/** The smallest id of the moment `at`: all ids made before it sort below. */
export function idAt(at: Date): ObjectId {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(Math.max(0, at.getTime()), 0, 6);
  return new mongoose.Types.ObjectId(bytes);
}

/** The moment at which an id was made, in milliseconds. */
export const timeOf = (id: ObjectId): number => Number.parseInt(id.toHexString().slice(0, 12), 16);

/** An id from the wire as it is stored; the contract has checked its form. */
export const oid = (id: string): ObjectId => new mongoose.Types.ObjectId(id);

/** Below zero when the first is older. */
export const compareIds = (one: ObjectId, other: ObjectId): number => Buffer.compare(one.id, other.id);

/** Each of these ids once. */
export const distinct = (ids: ObjectId[]): ObjectId[] => [
  ...new Map(ids.map((id) => [String(id), id])).values(),
];
