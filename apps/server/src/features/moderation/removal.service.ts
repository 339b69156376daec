import type { AuditAction, Done, RemovePost } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { restorePost } from "../posts/restore.service";
import { recordAction } from "./audit.service";
import { makeStrike, revokeRemovals } from "./strike.service";
import { takeDown } from "./takedown.service";
import { findLower } from "./target.service";

type Kind = "tweet" | "comment";

const DONE: Done = { ok: true };

/** Takes a tweet away from everybody. @throws WarbleError TWEET_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export const removeTweet = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  remove(ctx, "tweet", input);

/** Takes a comment away from everybody. @throws WarbleError COMMENT_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export const removeComment = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  remove(ctx, "comment", input);

/** Brings a tweet back that was taken away. @throws WarbleError TWEET_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export const restoreTweet = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  restore(ctx, "tweet", input);

/** Brings a comment back that was taken away. @throws WarbleError COMMENT_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export const restoreComment = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  restore(ctx, "comment", input);

async function remove(ctx: ViewerContext, kind: Kind, { id, reason }: RemovePost): Promise<Done> {
  await transaction(async () => {
    const { authorId, target } = await takeDown(ctx, { type: kind, id });
    const author = await findLower(ctx, authorId);
    if (author) await makeStrike(ctx, author, { action: "remove", reason, target });
    await record(ctx, { kind, id, reason }, kind === "tweet" ? "removeTweet" : "removeComment");
  });
  return DONE;
}

async function restore(ctx: ViewerContext, kind: Kind, { id, reason }: RemovePost): Promise<Done> {
  await transaction(async () => {
    const { authorId } = await restorePost(ctx, { kind, id });
    await findLower(ctx, authorId);
    await revokeRemovals(id);
    await record(ctx, { kind, id, reason }, kind === "tweet" ? "restoreTweet" : "restoreComment");
  });
  return DONE;
}

const record = (
  ctx: ViewerContext,
  { kind, id, reason }: RemovePost & { kind: Kind },
  action: AuditAction,
): Promise<void> =>
  recordAction({ actorId: oid(ctx.viewer.id), action, targetType: kind, targetId: oid(id), reason });
