import type { FollowState, ListByUsername, Page, UserCard } from "@warble/contracts";
import type { App, Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { getUser } from "../users/profile.service";
import { countForUser } from "../users/user.service";
import { EdgeModel, type EdgeRecord } from "./edge.model";
import { listPeople } from "./edge.service";
import { followed, logRelationship, STRANGERS, showRelationship, unfollowed } from "./relationship.service";

/** Has the viewer follow a user. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export const followUser = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    const edge = edgeOf(ctx.viewer.id, id);
    const stored = await EdgeModel.updateOne(edge, { $setOnInsert: { _id: newId() } }, { upsert: true });
    if (stored.upsertedCount === 0) return;
    await ctx.jobs.emit(followed, { followerId: ctx.viewer.id, followeeId: id });
    await count(edge, 1);
    await logRelationship(ctx, [ctx.viewer.id, id]);
  });

/** Has the viewer no longer follow a user. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export const unfollowUser = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    if (await breakEdge(ctx, ctx.viewer.id, id)) await logRelationship(ctx, [ctx.viewer.id, id]);
  });

/** Has a user no longer follow the viewer; they are not told. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export const removeFollower = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    if (await breakEdge(ctx, id, ctx.viewer.id))
      await logRelationship(ctx, [ctx.viewer.id, id], [ctx.viewer.id]);
  });

/** Takes away all edges of a user who is removed, each with the other's counter: what is left when it fails, the next try takes. */
export async function removeFollows(app: App, userId: ObjectId): Promise<void> {
  for (;;) {
    const edge = await EdgeModel.findOne({
      $or: [
        { fromId: userId, kind: "follow" },
        { toId: userId, kind: "follow" },
      ],
    }).lean();
    if (!edge) return;
    const [followerId, followeeId] = [String(edge.fromId), String(edge.toId)];
    const breakIt = () => breakEdge(app, followerId, followeeId);
    await inTurn([followerId, followeeId], () => transaction(breakIt));
  }
}

/** Who follows a user, the latest first. @throws WarbleError USER_NOT_FOUND, BAD_CURSOR */
export const listFollowers = (ctx: Context, input: ListByUsername): Promise<Page<UserCard>> =>
  listEdges(ctx, input, { of: "toId", show: "fromId" });

/** Whom a user follows, the latest first. @throws WarbleError USER_NOT_FOUND, BAD_CURSOR */
export const listFollowing = (ctx: Context, input: ListByUsername): Promise<Page<UserCard>> =>
  listEdges(ctx, input, { of: "fromId", show: "toId" });

type End = "fromId" | "toId";

async function listEdges(
  ctx: Context,
  { username, cursor, limit }: ListByUsername,
  ends: { of: End; show: End },
): Promise<Page<UserCard>> {
  const after = decodeCursor(cursor, IdCursor)?.id;
  const user = await getUser(ctx, { username });
  if (user.viewer?.blocking) return { items: [], nextCursor: null };
  const where = { [ends.of]: oid(user.id), kind: "follow" as const };
  return listPeople(ctx, { where, show: ends.show, surface: "people", after, limit });
}

type Edge = Pick<EdgeRecord, "kind" | "fromId" | "toId">;

const edgeOf = (followerId: string, followeeId: string): Edge => ({
  kind: "follow",
  fromId: oid(followerId),
  toId: oid(followeeId),
});

/** Does `act` about a user whom the viewer may see, and answers where it has led. */
async function withOther(ctx: ViewerContext, id: string, act: () => Promise<void>): Promise<FollowState> {
  if (id === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
  // Both people's counters move: on one node in turn, rather than in conflict and over again.
  return inTurn([ctx.viewer.id, id], () =>
    transaction(async () => {
      const { viewer: before } = await getUser(ctx, { id });
      if (before?.blocking) throw new WarbleError("BLOCKING");
      await act();
      const { viewer, counts } = await getUser(ctx, { id });
      return { viewer: viewer ?? showRelationship(STRANGERS), counts };
    }),
  );
}

/** Breaks a follow, inside a transaction. @returns whether there was one */
export async function breakEdge(
  { jobs }: Pick<App, "jobs">,
  followerId: string,
  followeeId: string,
): Promise<boolean> {
  const edge = edgeOf(followerId, followeeId);
  const { deletedCount } = await EdgeModel.deleteOne(edge);
  if (deletedCount === 0) return false;
  await jobs.emit(unfollowed, { followerId, followeeId });
  await count(edge, -1);
  return true;
}

/** The counters move last: they are what others contend for, so a transaction holds them as briefly as it can. */
async function count({ fromId, toId }: Edge, by: 1 | -1): Promise<void> {
  await countForUser(fromId, { following: by });
  await countForUser(toId, { followers: by });
}
