import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { findUser, type UserRecord } from "../users/user.service";
import { RANK } from "./permission.service";

/** Moderation looks behind the rules: whom it has hidden it must still find. @throws WarbleError USER_NOT_FOUND */
export async function requireUser(userId: string): Promise<UserRecord> {
  const user = await findUser({ id: userId });
  if (!user) throw new WarbleError("USER_NOT_FOUND");
  return user;
}

/** Somebody whom the viewer may act on. @throws WarbleError USER_NOT_FOUND, SELF_TARGET, FORBIDDEN */
export async function requireLower(ctx: ViewerContext, userId: string): Promise<UserRecord> {
  if (userId === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
  const user = await requireUser(userId);
  if (RANK[user.role] >= RANK[ctx.viewer.role]) throw new WarbleError("FORBIDDEN");
  return user;
}

/** The author of something that the viewer may act on; null when there is none any more. @throws WarbleError SELF_TARGET, FORBIDDEN */
export async function findLower(ctx: ViewerContext, userId: ObjectId): Promise<UserRecord | null> {
  const user = await findUser({ id: String(userId) });
  return user && requireLower(ctx, String(user._id));
}

/** What the audit log says of an action of the viewer on a user. */
export const by = (ctx: ViewerContext, user: UserRecord) => ({
  actorId: oid(ctx.viewer.id),
  targetType: "user" as const,
  targetId: user._id,
});
