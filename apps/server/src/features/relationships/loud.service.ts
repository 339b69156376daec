import { type ObjectId, oid } from "../../platform/id";
import { EVERYONE, LoudModel, loudMemory } from "./loud.model";

/** Those whose timelines are read by whoever follows them, instead of being delivered to each. */
export async function loudUsers(): Promise<ObjectId[]> {
  const all = await loudMemory.findAll([EVERYONE]);
  return all.map(({ _id }) => _id);
}

/** Has somebody's timeline be read from now on; what was delivered before stays where it is. */
export async function makeLoud(userId: string): Promise<void> {
  await LoudModel.updateOne({ _id: oid(userId) }, {}, { upsert: true });
}

/** Forgets of somebody who is gone that they were loud. */
export async function forgetLoud(userId: ObjectId): Promise<void> {
  await LoudModel.deleteOne({ _id: userId });
}
