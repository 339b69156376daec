import type { Page, PageInput, UserCard } from "@warble/contracts";
import type { App, ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { findUser } from "../users/user.service";
import { EdgeModel } from "./edge.model";
import { listPeople } from "./edge.service";
import { breakRequest, makeFollow, type Pair } from "./follow-edge.service";
import { logRelationship } from "./relationship.service";

const BATCH = 100;

/** Who has asked to follow the viewer and waits for an answer, the latest first. @throws WarbleError BAD_CURSOR */
export function listFollowRequests(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
): Promise<Page<UserCard>> {
  const after = decodeCursor(cursor, IdCursor)?.id;
  const where = { toId: oid(ctx.viewer.id), kind: "request" as const };
  return listPeople(ctx, { where, show: "fromId", surface: "people", after, limit });
}

/** Lets all follow who wait to follow a user who is not protected any more. */
export async function acceptWaiting(app: App, userId: string): Promise<void> {
  for (;;) {
    const waiting = await EdgeModel.find({ toId: oid(userId), kind: "request" })
      .limit(BATCH)
      .lean();
    const accepted = waiting.map(({ fromId }) =>
      acceptIfOpen(app, { followerId: String(fromId), followeeId: userId }),
    );
    // None is left, or they have become protected again.
    if (!(await Promise.all(accepted)).includes(true)) return;
  }
}

/** Lets somebody follow who has asked to, if whom they asked is not protected by now. @returns whether they do now */
export const acceptIfOpen = (app: App, pair: Pair): Promise<boolean> =>
  inTurn([pair.followerId, pair.followeeId], () =>
    transaction(async () => {
      const followee = await findUser({ id: pair.followeeId });
      if (!followee || followee.protected || !(await breakRequest(app, pair))) return false;
      await makeFollow(app, pair);
      await logRelationship(app, [pair.followerId, pair.followeeId]);
      return true;
    }),
  );
