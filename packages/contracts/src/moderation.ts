import { z } from "zod";
import { Id, Time, text } from "./scalar";
import { Role, UserCard } from "./user";

export const SetRole = z.strictObject({ userId: Id, role: Role });
export type SetRole = z.infer<typeof SetRole>;
export const Suspend = z.strictObject({
  userId: Id,
  /** Shown to the suspended user. */
  reason: text(500).trim().min(1),
  /** When it ends by itself; without it, never. */
  until: Time.optional(),
});
export type Suspend = z.infer<typeof Suspend>;
export const Unsuspend = z.strictObject({ userId: Id });
export type Unsuspend = z.infer<typeof Unsuspend>;

/** Which tweet or comment to take away. */
export const RemovePost = z.strictObject({
  id: Id,
  /** For the audit log. */
  reason: text(500).trim().default(""),
});
export type RemovePost = z.infer<typeof RemovePost>;

/** What a moderator or administrator did. */
export const AuditAction = z.enum(["setRole", "suspend", "unsuspend", "removeTweet", "removeComment"]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditTarget = z.enum(["user", "tweet", "comment"]);
export type AuditTarget = z.infer<typeof AuditTarget>;

/** One row of the audit log, which only grows. */
export interface AuditEntry {
  id: string;
  /** Null when it was the command on the server. */
  actor: UserCard | null;
  action: AuditAction;
  targetType: AuditTarget;
  targetId: string;
  /** Why, or what it changed; empty where the action says all. */
  reason: string;
  createdAt: string;
}
export const AuditEntry: z.ZodType<AuditEntry> = z.strictObject({
  id: Id,
  actor: UserCard.nullable(),
  action: AuditAction,
  targetType: AuditTarget,
  targetId: Id,
  reason: z.string(),
  createdAt: Time,
});
