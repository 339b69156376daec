import type { Listener } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import type { Stored } from "../../platform/mongo";
import { EntryModel } from "./entry.model";
import { LikeModel } from "./like.model";

const BATCH = 1_000;

/** Takes away the likes and retweets of a post that is deleted. */
export const removeEdges: Listener<{ postId: string }> = async (_app, { postId }) => {
  const id = oid(postId);
  await inBatches(
    () => LikeModel.find({ postId: id }, { _id: 1 }).limit(BATCH).lean(),
    (ids) => LikeModel.deleteMany({ _id: { $in: ids } }),
  );
  await inBatches(
    () => EntryModel.find({ tweetId: id }, { _id: 1 }).limit(BATCH).lean(),
    (ids) => EntryModel.deleteMany({ _id: { $in: ids } }),
  );
};

async function inBatches(
  read: () => Promise<Stored[]>,
  remove: (ids: ObjectId[]) => Promise<unknown>,
): Promise<void> {
  for (let edges = await read(); edges.length > 0; edges = await read()) {
    await remove(edges.map((edge) => edge._id));
  }
}
