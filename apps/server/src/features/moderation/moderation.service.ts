import type { ByUserId, Done, SetRole, Suspend } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { WarbleError } from "../../platform/error";
import type { ObjectId } from "../../platform/id";
import { afterCommit, transaction } from "../../platform/mongo";
import { endSessions } from "../auth/session.service";
import { changeUser, findUser, findUsersByRole, type UserRecord } from "../users/user.service";
import { mayEnter } from "../visibility/visibility.service";
import { recordAction } from "./audit.service";
import { makeStrike, revokeSuspensions } from "./strike.service";
import { by, requireLower, requireUser } from "./target.service";

const DONE: Done = { ok: true };

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
    await shutOut(ctx, user, { reason, until: end });
    await makeStrike(ctx, user, { action: "suspend", reason, until: end });
    await recordAction({ ...by(ctx, user), action: "suspend", reason });
  });
  return DONE;
}

/** Shuts a user out, in place of a suspension that is in force; in a transaction. */
export async function shutOut(
  ctx: ViewerContext,
  user: UserRecord,
  suspension: { reason: string; until: Date | null },
): Promise<void> {
  await revokeSuspensions(user._id);
  await changeUser(String(user._id), { suspension });
  await endSessions(ctx, user._id);
}

/** Lets a suspended user back in. @throws WarbleError USER_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export async function unsuspendUser(ctx: ViewerContext, { userId }: ByUserId): Promise<Done> {
  await transaction(async () => {
    const user = await requireLower(ctx, userId);
    if (!user.suspension) return;
    await changeUser(userId, { suspension: null });
    await revokeSuspensions(user._id);
    await recordAction({ ...by(ctx, user), action: "unsuspend", reason: "" });
  });
  return DONE;
}

/** Signs a user out everywhere. @throws WarbleError USER_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export async function endSessionsOf(ctx: ViewerContext, { userId }: ByUserId): Promise<Done> {
  await transaction(async () => {
    const user = await requireLower(ctx, userId);
    await endSessions(ctx, user._id);
    await recordAction({ ...by(ctx, user), action: "endSessions", reason: "" });
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
