import type { MuteUser, Page, PageInput, Relationship, UserCard } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { WarbleError } from "../../platform/error";
import { newId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { findUser, type UserRecord } from "../users/user.service";
import { canSee } from "../visibility/visibility.service";
import { EdgeModel, type EdgeRecord } from "./edge.model";
import { listPeople } from "./edge.service";
import { breakFollow, breakRequest } from "./follow-edge.service";
import { logRelationship, showRelationship, type Ties, tiesBetween } from "./relationship.service";

type Kind = "block" | "mute";

/**
 * Has the viewer and a user hidden from each other, and their follows and requests broken. Who is blocked is not told,
 * and may be blocked back. @throws WarbleError SELF_TARGET, USER_NOT_FOUND
 */
export const blockUser = (ctx: ViewerContext, id: string): Promise<Relationship> =>
  decide(ctx, id, async (ties) => {
    await requireThere(ctx, id, ties);
    const broken = [await breakBonds(ctx, ctx.viewer.id, id), await breakBonds(ctx, id, ctx.viewer.id)];
    if (!(await setEdge(ctx, id, { kind: "block" })) && !broken.includes(true)) return;
    await logRelationship(ctx, [ctx.viewer.id, id], broken.includes(true) ? undefined : [ctx.viewer.id]);
  });

/** Breaks what one has to do with the other. @returns whether it was there */
async function breakBonds(ctx: ViewerContext, followerId: string, followeeId: string): Promise<boolean> {
  const pair = { followerId, followeeId };
  const broken = [await breakFollow(ctx, pair), await breakRequest(ctx, pair)];
  return broken.includes(true);
}

/** Takes a block back; follows stay broken. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export const unblockUser = (ctx: ViewerContext, id: string): Promise<Relationship> =>
  takeBack(ctx, id, "block");

/**
 * Has what a user writes and does, or only what they retweet, no longer come to the viewer unasked, for good or until
 * then; the user never learns.
 * @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BAD_INPUT
 */
export async function muteUser(ctx: ViewerContext, { id, until, only }: MuteUser): Promise<Relationship> {
  const end = endOf(until);
  return decide(ctx, id, async (ties) => {
    await requireThere(ctx, id, ties);
    if (await setEdge(ctx, id, { kind: "mute", until: end, only: only ?? null }))
      await logRelationship(ctx, [ctx.viewer.id, id], [ctx.viewer.id]);
  });
}

/** Takes a mute back. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export const unmuteUser = (ctx: ViewerContext, id: string): Promise<Relationship> =>
  takeBack(ctx, id, "mute");

/** Whom the viewer blocks, the latest first. @throws WarbleError BAD_CURSOR */
export const listBlocked = (ctx: ViewerContext, input: PageInput): Promise<Page<UserCard>> =>
  listEdges(ctx, input, { kind: "block" });

/** Whom the viewer mutes now, the latest first. @throws WarbleError BAD_CURSOR */
export const listMuted = (ctx: ViewerContext, input: PageInput): Promise<Page<UserCard>> =>
  listEdges(ctx, input, { kind: "mute", $or: [{ until: null }, { until: { $gt: now() } }] });

/** Does `act` about a user, in turn with whatever else concerns the two, and answers where it has led. */
async function decide(
  ctx: ViewerContext,
  id: string,
  act: (ties: Ties) => Promise<void>,
): Promise<Relationship> {
  if (id === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
  return inTurn([ctx.viewer.id, id], () =>
    transaction(async () => {
      await act(await tiesBetween(ctx.viewer.id, id));
      return showRelationship(await tiesBetween(ctx.viewer.id, id));
    }),
  );
}

const takeBack = (ctx: ViewerContext, id: string, kind: Kind): Promise<Relationship> =>
  decide(ctx, id, async (ties) => {
    const edge = { kind, fromId: oid(ctx.viewer.id), toId: oid(id) };
    const { deletedCount } = await EdgeModel.deleteOne(edge);
    if (deletedCount === 0) return void (await requireThere(ctx, id, ties));
    await logRelationship(ctx, [ctx.viewer.id, id], [ctx.viewer.id]);
  });

/** Who blocks the viewer is there to be blocked and reported, too. @throws WarbleError USER_NOT_FOUND */
export async function requireThere({ viewer }: ViewerContext, id: string, ties: Ties): Promise<UserRecord> {
  const owner = await findUser({ id });
  if (!owner || !canSee({ viewer, owner, ties: { ...ties, blockedBy: false } }, "profile"))
    throw new WarbleError("USER_NOT_FOUND");
  return owner;
}

/** @returns whether this changes anything */
async function setEdge(
  { viewer }: ViewerContext,
  id: string,
  { kind, until = null, only = null }: { kind: Kind } & Partial<Pick<EdgeRecord, "until" | "only">>,
): Promise<boolean> {
  const edge = { kind, fromId: oid(viewer.id), toId: oid(id) };
  const stored = await EdgeModel.updateOne(
    edge,
    { $set: { until, only }, $setOnInsert: { _id: newId() } },
    { upsert: true },
  );
  return stored.upsertedCount + stored.modifiedCount > 0;
}

function listEdges(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
  which: { kind: Kind; $or?: object[] },
): Promise<Page<UserCard>> {
  const after = decodeCursor(cursor, IdCursor)?.id;
  const where = { fromId: oid(ctx.viewer.id), ...which };
  return listPeople(ctx, { where, show: "toId", surface: "profile", after, limit });
}
