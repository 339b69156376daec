import { z } from "zod";
import type { ReasonTable } from "./error";
import { LIMITS } from "./limits";
import { PageInput } from "./page";
import { Id, Time, text } from "./scalar";
import { Role, UserCard } from "./user";

/** Why something was done, as the user is told whom it concerns. */
export const ModerationReason = text(LIMITS.moderationReason).trim().min(1);

export const SetRole = z.strictObject({ userId: Id, role: Role });
export type SetRole = z.infer<typeof SetRole>;
export const Suspend = z.strictObject({
  userId: Id,
  /** Shown to the suspended user. */
  reason: ModerationReason,
  /** When it ends by itself; without it, never. */
  until: Time.optional(),
});
export type Suspend = z.infer<typeof Suspend>;
export const ByUserId = z.strictObject({ userId: Id });
export type ByUserId = z.infer<typeof ByUserId>;

/** Which tweet or comment to take away, or to bring back. */
export const RemovePost = z.strictObject({
  id: Id,
  /** For the audit log; of what is taken away, its author is told. */
  reason: text(LIMITS.moderationReason).trim().default(""),
});
export type RemovePost = z.infer<typeof RemovePost>;

/** Somebody as moderators find them, whatever hides them from others. */
export interface ModeratedUser {
  id: string;
  username: string;
  displayName: string;
  role: Role;
  emailVerified: boolean;
  /** Null when they are not shut out now. */
  suspension: Suspension | null;
  deactivated: boolean;
  /** They have deleted their account, and it is being taken away. */
  deleted: boolean;
  /** Strikes that have not been taken back. */
  strikes: number;
  createdAt: string;
}
interface Suspension {
  reason: string;
  /** Null is for good. */
  until: string | null;
}
export const ModeratedUser: z.ZodType<ModeratedUser> = z.strictObject({
  id: Id,
  username: z.string(),
  displayName: z.string(),
  role: Role,
  emailVerified: z.boolean(),
  suspension: z.strictObject({ reason: z.string(), until: Time.nullable() }).nullable(),
  deactivated: z.boolean(),
  deleted: z.boolean(),
  strikes: z.int().min(0),
  createdAt: Time,
});

/** The beginning of a username, or of a word of a display name. */
export const FindUsers = PageInput.extend({ query: text(LIMITS.searchQuery).trim().min(1) });
export type FindUsers = z.infer<typeof FindUsers>;

/** What a filter looks at: words in what people write, or the domains of e-mail addresses with all below them. */
export const FilterKind = z.enum(["word", "emailDomain"]);
export type FilterKind = z.infer<typeof FilterKind>;

/** `reject` refuses it; `flag` takes it and reports it to the moderators. */
export const FilterAction = z.enum(["reject", "flag"]);
export type FilterAction = z.infer<typeof FilterAction>;

const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** A word or phrase, found however it is written; it is never a pattern. The same one again changes its action. */
export const AddFilter = z
  .strictObject({
    kind: FilterKind,
    value: text(LIMITS.filter).trim().min(1),
    action: FilterAction,
  })
  .refine(({ kind, value }) => kind !== "emailDomain" || DOMAIN.test(value), {
    path: ["value"],
    message: "must be a domain, such as example.com",
  })
  .refine(({ kind, value }) => kind !== "word" || /[\p{L}\p{N}]/u.test(value), {
    path: ["value"],
    message: "must hold a letter or digit",
  });
export type AddFilter = z.infer<typeof AddFilter>;

/** Something that people are not to write, or register with. */
export interface Filter {
  id: string;
  kind: FilterKind;
  value: string;
  action: FilterAction;
  createdAt: string;
}
export const Filter: z.ZodType<Filter> = z.strictObject({
  id: Id,
  kind: FilterKind,
  value: z.string(),
  action: FilterAction,
  createdAt: Time,
});

/** What a moderator or administrator did. */
export const AuditAction = z.enum([
  "setRole",
  "suspend",
  "unsuspend",
  "removeTweet",
  "removeComment",
  "restoreTweet",
  "restoreComment",
  "revokeStrike",
  "endSessions",
  "assign",
  "note",
  "resolve",
  "reopen",
  "decideAppeal",
  "addFilter",
  "removeFilter",
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditTarget = z.enum(["user", "tweet", "comment", "report", "strike", "filter"]);
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

/** What each may fail with, beside what any call may. */
export const MODERATION_REASONS = {
  "moderation.report": [
    "SELF_TARGET",
    "USER_NOT_FOUND",
    "TWEET_NOT_FOUND",
    "COMMENT_NOT_FOUND",
    "MESSAGE_NOT_FOUND",
  ],
  "moderation.reports": ["FORBIDDEN", "BAD_CURSOR"],
  "moderation.getReport": ["FORBIDDEN", "REPORT_NOT_FOUND", "BAD_CURSOR"],
  "moderation.assign": [
    "FORBIDDEN",
    "REAUTH_REQUIRED",
    "REPORT_NOT_FOUND",
    "ALREADY_SETTLED",
    "USER_NOT_FOUND",
  ],
  "moderation.note": ["FORBIDDEN", "REAUTH_REQUIRED", "REPORT_NOT_FOUND"],
  "moderation.resolve": [
    "FORBIDDEN",
    "REAUTH_REQUIRED",
    "REPORT_NOT_FOUND",
    "ALREADY_SETTLED",
    "USER_NOT_FOUND",
    "TWEET_NOT_FOUND",
    "COMMENT_NOT_FOUND",
    "MESSAGE_NOT_FOUND",
  ],
  "moderation.reopen": ["FORBIDDEN", "REAUTH_REQUIRED", "REPORT_NOT_FOUND", "ALREADY_SETTLED"],
  "moderation.strikes": ["BAD_CURSOR"],
  "moderation.strikesOf": ["FORBIDDEN", "BAD_CURSOR"],
  "moderation.revokeStrike": [
    "FORBIDDEN",
    "REAUTH_REQUIRED",
    "STRIKE_NOT_FOUND",
    "SELF_TARGET",
    "ALREADY_SETTLED",
  ],
  "moderation.appeal": ["STRIKE_NOT_FOUND", "BAD_TOKEN", "ALREADY_SETTLED", "FORBIDDEN"],
  "moderation.appeals": ["FORBIDDEN", "BAD_CURSOR"],
  "moderation.decideAppeal": [
    "FORBIDDEN",
    "REAUTH_REQUIRED",
    "STRIKE_NOT_FOUND",
    "SELF_TARGET",
    "ALREADY_SETTLED",
  ],
  "moderation.users": ["FORBIDDEN", "BAD_CURSOR"],
  "moderation.setRole": ["FORBIDDEN", "REAUTH_REQUIRED", "USER_NOT_FOUND", "LAST_ADMIN"],
  "moderation.suspend": ["FORBIDDEN", "REAUTH_REQUIRED", "USER_NOT_FOUND", "SELF_TARGET"],
  "moderation.unsuspend": ["FORBIDDEN", "REAUTH_REQUIRED", "USER_NOT_FOUND", "SELF_TARGET"],
  "moderation.endSessions": ["FORBIDDEN", "REAUTH_REQUIRED", "USER_NOT_FOUND", "SELF_TARGET"],
  "moderation.removeTweet": ["FORBIDDEN", "REAUTH_REQUIRED", "TWEET_NOT_FOUND", "SELF_TARGET"],
  "moderation.removeComment": ["FORBIDDEN", "REAUTH_REQUIRED", "COMMENT_NOT_FOUND", "SELF_TARGET"],
  "moderation.restoreTweet": ["FORBIDDEN", "REAUTH_REQUIRED", "TWEET_NOT_FOUND", "SELF_TARGET"],
  "moderation.restoreComment": ["FORBIDDEN", "REAUTH_REQUIRED", "COMMENT_NOT_FOUND", "SELF_TARGET"],
  "moderation.filters": ["FORBIDDEN", "BAD_CURSOR"],
  "moderation.addFilter": ["FORBIDDEN", "REAUTH_REQUIRED"],
  "moderation.removeFilter": ["FORBIDDEN", "REAUTH_REQUIRED"],
  "moderation.audit": ["FORBIDDEN", "BAD_CURSOR"],
} as const satisfies ReasonTable;
