import type { App } from "../../platform/context";
import { newId, type ObjectId, oid } from "../../platform/id";
import { countForUser } from "../users/user.service";
import { EdgeModel, type EdgeRecord } from "./edge.model";
import { followAsked, followed, unfollowed } from "./relationship.service";

type Queue = Pick<App, "jobs">;

/** Who follows, or would like to, and whom. */
export interface Pair {
  followerId: string;
  followeeId: string;
}

const edgeOf = (kind: "follow" | "request", { followerId, followeeId }: Pair) => ({
  kind,
  fromId: oid(followerId),
  toId: oid(followeeId),
});

/** Makes one follow the other, inside a transaction. @returns whether they did not yet */
export async function makeFollow({ jobs }: Queue, pair: Pair): Promise<boolean> {
  const edge = edgeOf("follow", pair);
  if (!(await put(edge))) return false;
  await jobs.emit(followed, pair);
  await count(edge, 1);
  return true;
}

/** Breaks a follow, inside a transaction. @returns whether there was one */
export async function breakFollow({ jobs }: Queue, pair: Pair): Promise<boolean> {
  const edge = edgeOf("follow", pair);
  const { deletedCount } = await EdgeModel.deleteOne(edge);
  if (deletedCount === 0) return false;
  await jobs.emit(unfollowed, pair);
  await count(edge, -1);
  return true;
}

/** Has one ask to follow the other, inside a transaction. @returns whether they had not yet */
export async function makeRequest({ jobs }: Queue, pair: Pair): Promise<boolean> {
  if (!(await put(edgeOf("request", pair)))) return false;
  await jobs.emit(followAsked, pair);
  return true;
}

/** Takes back, or answers, that one asked to follow the other, inside a transaction. @returns whether they had */
export async function breakRequest({ jobs }: Queue, pair: Pair): Promise<boolean> {
  const { deletedCount } = await EdgeModel.deleteOne(edgeOf("request", pair));
  if (deletedCount === 0) return false;
  await jobs.emit(followAsked, pair);
  return true;
}

type Edge = Pick<EdgeRecord, "kind" | "fromId" | "toId">;

async function put(edge: Edge): Promise<boolean> {
  const stored = await EdgeModel.updateOne(edge, { $setOnInsert: { _id: newId() } }, { upsert: true });
  return stored.upsertedCount > 0;
}

/** The counters move last: they are what others contend for, so a transaction holds them as briefly as it can. */
async function count({ fromId, toId }: { fromId: ObjectId; toId: ObjectId }, by: 1 | -1): Promise<void> {
  await countForUser(fromId, { following: by });
  await countForUser(toId, { followers: by });
}
