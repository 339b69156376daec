import type { FollowState, ListByUsername, Page, User, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { transaction } from "../../platform/mongo";
import { decodeCursor, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { getUser, requireListed } from "../users/profile.service";
import { listPeople } from "./edge.service";
import { breakFollow, breakRequest, makeFollow, makeRequest } from "./follow-edge.service";
import { logRelationship, STRANGERS, showRelationship } from "./relationship.service";

/** Has the viewer follow a user, or, where that user is protected, ask to. @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING */
export const followUser = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async (user) => {
    if (user.viewer?.following) return;
    const pair = { followerId: ctx.viewer.id, followeeId: id };
    const changed = user.protected ? await makeRequest(ctx, pair) : await makeFollow(ctx, pair);
    if (changed) await logRelationship(ctx, [ctx.viewer.id, id]);
  });

/** Has the viewer no longer follow a user, nor ask to. @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING */
export const unfollowUser = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    const pair = { followerId: ctx.viewer.id, followeeId: id };
    const broken = [await breakFollow(ctx, pair), await breakRequest(ctx, pair)];
    if (broken.includes(true)) await logRelationship(ctx, [ctx.viewer.id, id]);
  });

/** Has a user no longer follow the viewer; they are not told. @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING */
export const removeFollower = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    if (await breakFollow(ctx, { followerId: id, followeeId: ctx.viewer.id }))
      await logRelationship(ctx, [ctx.viewer.id, id], [ctx.viewer.id]);
  });

/** Has a user who asked to follow the viewer do so; who has not asked does not. @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING */
export const acceptFollow = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    const pair = { followerId: id, followeeId: ctx.viewer.id };
    if (!(await breakRequest(ctx, pair))) return;
    await makeFollow(ctx, pair);
    await logRelationship(ctx, [ctx.viewer.id, id]);
  });

/** Has a user who asked to follow the viewer not do so. @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING */
export const rejectFollow = (ctx: ViewerContext, id: string): Promise<FollowState> =>
  withOther(ctx, id, async () => {
    if (await breakRequest(ctx, { followerId: id, followeeId: ctx.viewer.id }))
      await logRelationship(ctx, [ctx.viewer.id, id]);
  });

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
  const { user, isEmpty } = await requireListed(ctx, username);
  if (isEmpty) return { items: [], nextCursor: null };
  const where = { [ends.of]: user._id, kind: "follow" as const };
  return listPeople(ctx, { where, show: ends.show, surface: "people", after, limit });
}

/** Does `act` about a user whom the viewer may see, and answers where it has led. */
async function withOther(
  ctx: ViewerContext,
  id: string,
  act: (user: User) => Promise<void>,
): Promise<FollowState> {
  if (id === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
  // Both people's counters move: on one node in turn, rather than in conflict and over again.
  return inTurn([ctx.viewer.id, id], () =>
    transaction(async () => {
      const user = await getUser(ctx, { id });
      if (user.viewer?.blocking) throw new WarbleError("BLOCKING");
      await act(user);
      const { viewer, counts } = await getUser(ctx, { id });
      return { viewer: viewer ?? showRelationship(STRANGERS), counts };
    }),
  );
}
