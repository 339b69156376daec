import type { App } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { EdgeModel, type EdgeRecord, EVERY_KIND } from "./edge.model";
import { breakFollow, breakRequest } from "./follow-edge.service";

const BATCH = 50;

/** Takes away some of a user's edges and of those that lead to them, with the others' counters. @returns whether there may be more */
export async function removeSomeEdges(app: App, userId: ObjectId): Promise<boolean> {
  const theirs = {
    $or: [
      { fromId: userId, kind: EVERY_KIND },
      { toId: userId, kind: EVERY_KIND },
    ],
  };
  const edges: EdgeRecord[] = await EdgeModel.find(theirs).limit(BATCH).lean();
  for (const edge of edges) await remove(app, edge);
  return edges.length > 0;
}

async function remove(app: App, { _id, kind, fromId, toId }: EdgeRecord): Promise<void> {
  const pair = { followerId: String(fromId), followeeId: String(toId) };
  await inTurn([pair.followerId, pair.followeeId], () =>
    transaction(async () => {
      if (kind === "follow") await breakFollow(app, pair);
      else if (kind === "request") await breakRequest(app, pair);
      else await EdgeModel.deleteOne({ _id });
    }),
  );
}
