import type { Done, RemovePost, Role, SetRole, Suspend, Unsuspend } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { afterCommit, transaction } from "../../platform/mongo";
import { endSessions } from "../auth/session.service";
import { removePost } from "../posts/remove.service";
import { changeUser, findUser, findUsersByRole, type UserRecord } from "../users/user.service";
import { mayEnter } from "../visibility/visibility.service";
import { recordAction } from "./audit.service";

const DONE: Done = { ok: true };
const RANK: Record<Role, number> = { user: 0, moderator: 1, admin: 2 };

/** Gives a user a role; it counts from their next call on. @throws WarbleError USER_NOT_FOUND, LAST_ADMIN */
export async function setRole(ctx: ViewerContext, { userId, role }: SetRole): Promise<Done> {
  await transaction(async () => {
    const user = await requireUser(userId);
    if (user.role === role) return;
    await recordAction({ ...by(ctx, user), action: "setRole", reason: `${user.role} -> ${role}` });
    if (user.role === "admin") await requireOtherAdmin(user._id);
    await changeUser(userId, { role });
    afterCommit(() => ctx.channels.closeUser(userId));
  });
  return DONE;
}

/**
 * Shuts a user out, for good or until a moment: signed out everywhere at once, and hidden with all they wrote.
 * @throws WarbleError USER_NOT_FOUND, SELF_TARGET, FORBIDDEN, BAD_INPUT
 */
export async function suspendUser(ctx: ViewerContext, { userId, reason, until }: Suspend): Promise<Done> {
  const end = endOf(until);
  await transaction(async () => {
    const user = await requireLower(ctx, userId);
    await changeUser(userId, { suspension: { reason, until: end } });
    await endSessions(ctx, user._id);
    await recordAction({ ...by(ctx, user), action: "suspend", reason });
  });
  return DONE;
}

/** Lets a suspended user back in. @throws WarbleError USER_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export async function unsuspendUser(ctx: ViewerContext, { userId }: Unsuspend): Promise<Done> {
  await transaction(async () => {
    const user = await requireLower(ctx, userId);
    if (!user.suspension) return;
    await changeUser(userId, { suspension: null });
    await recordAction({ ...by(ctx, user), action: "unsuspend", reason: "" });
  });
  return DONE;
}

/** Takes a tweet away, whoever wrote it. @throws WarbleError TWEET_NOT_FOUND */
export const removeTweet = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  removeAndRecord(ctx, "tweet", input);

/** Takes a comment away, whoever wrote it. @throws WarbleError COMMENT_NOT_FOUND */
export const removeComment = (ctx: ViewerContext, input: RemovePost): Promise<Done> =>
  removeAndRecord(ctx, "comment", input);

async function removeAndRecord(
  ctx: ViewerContext,
  kind: "tweet" | "comment",
  { id, reason }: RemovePost,
): Promise<Done> {
  await transaction(async () => {
    await removePost(ctx, { kind, id });
    await recordAction({
      actorId: oid(ctx.viewer.id),
      action: kind === "tweet" ? "removeTweet" : "removeComment",
      targetType: kind,
      targetId: oid(id),
      reason,
    });
  });
  return DONE;
}

/**
 * Makes a user an administrator without asking anybody: what the command on the server does.
 * @returns whether it changed anything
 * @throws WarbleError USER_NOT_FOUND
 */
export const makeAdmin = (username: string): Promise<boolean> =>
  transaction(async () => {
    const user = await findUser({ username });
    if (!user) throw new WarbleError("USER_NOT_FOUND");
    if (user.role === "admin") return false;
    await changeUser(String(user._id), { role: "admin" });
    await recordAction({
      actorId: null,
      action: "setRole",
      targetType: "user",
      targetId: user._id,
      reason: `${user.role} -> admin`,
    });
    return true;
  });

const by = (ctx: ViewerContext, user: UserRecord) => ({
  actorId: oid(ctx.viewer.id),
  targetType: "user" as const,
  targetId: user._id,
});

/** Moderation looks behind the rules: whom it has hidden it must still find. */
async function requireUser(userId: string): Promise<UserRecord> {
  const user = await findUser({ id: userId });
  if (!user) throw new WarbleError("USER_NOT_FOUND");
  return user;
}

async function requireLower({ viewer }: ViewerContext, userId: string): Promise<UserRecord> {
  if (userId === viewer.id) throw new WarbleError("SELF_TARGET");
  const user = await requireUser(userId);
  if (RANK[user.role] >= RANK[viewer.role]) throw new WarbleError("FORBIDDEN");
  return user;
}

/** Takes the role from somebody who leaves, in a transaction. @throws WarbleError LAST_ADMIN */
export async function giveUpRole({ _id, role }: UserRecord): Promise<void> {
  if (role === "user") return;
  const user = { targetType: "user" as const, targetId: _id };
  await recordAction({ actorId: _id, action: "setRole", ...user, reason: `${role} -> user` });
  if (role === "admin") await requireOtherAdmin(_id);
  await changeUser(String(_id), { role: "user" });
}

/** Two demotions at once cannot both pass: each has taken the next number of the audit log before. */
async function requireOtherAdmin(userId: ObjectId): Promise<void> {
  const admins = await findUsersByRole("admin");
  const others = admins.filter((admin) => !admin._id.equals(userId) && mayEnter(admin));
  if (others.length === 0) throw new WarbleError("LAST_ADMIN");
}
