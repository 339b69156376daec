import { z } from "zod";
import { LIMITS } from "./limits";
import { AuditEntry, ModeratedUser, ModerationReason } from "./moderation";
import { type Page, PageInput, pageOf } from "./page";
import { Id, Time, text } from "./scalar";
import { Entity } from "./tweet";

export const ReportTarget = z.enum(["user", "tweet", "comment", "message"]);
export type ReportTarget = z.infer<typeof ReportTarget>;

export const ReportReason = z.enum([
  "spam",
  "harassment",
  "hate",
  "violence",
  "sexual",
  "selfHarm",
  "impersonation",
  "illegal",
  "other",
]);
export type ReportReason = z.infer<typeof ReportReason>;

/** What to report of what the viewer may see; whom it concerns never learns who has reported it. */
export const CreateReport = z.strictObject({
  targetType: ReportTarget,
  targetId: Id,
  reason: ReportReason,
  note: text(LIMITS.reportNote).trim().default(""),
});
export type CreateReport = z.infer<typeof CreateReport>;

/** The viewer's report; the same one when they report the same thing again while it is looked into. */
export interface Reported {
  id: string;
  createdAt: string;
}
export const Reported: z.ZodType<Reported> = z.strictObject({ id: Id, createdAt: Time });

export const ReportStatus = z.enum(["open", "assigned", "resolved"]);
export type ReportStatus = z.infer<typeof ReportStatus>;

/** `dismiss`: nothing is wrong with it; `remove` takes it away, `suspend` shuts the user out; all but the first make a strike. */
export const Resolution = z.enum(["dismiss", "warn", "remove", "suspend"]);
export type Resolution = z.infer<typeof Resolution>;

/** How the reports on something were resolved. */
export interface Resolved {
  action: Resolution;
  by: ModeratedUser | null;
  /** What the user was told. */
  reason: string;
  /** For moderators. */
  note: string;
  /** What takes it back. */
  strikeId: string | null;
  createdAt: string;
}

/** All open reports on one thing; it has the id of the first of them. */
export interface ReportCase {
  id: string;
  targetType: ReportTarget;
  targetId: string;
  /** Whose it is; null when there is nobody any more. */
  user: ModeratedUser | null;
  status: ReportStatus;
  assignee: ModeratedUser | null;
  reasons: ReportReason[];
  /** How many have reported it. */
  reports: number;
  createdAt: string;
  resolved: Resolved | null;
}
const reportCase = {
  id: Id,
  targetType: ReportTarget,
  targetId: Id,
  user: ModeratedUser.nullable(),
  status: ReportStatus,
  assignee: ModeratedUser.nullable(),
  reasons: z.array(ReportReason),
  reports: z.int().min(1),
  createdAt: Time,
  resolved: z
    .strictObject({
      action: Resolution,
      by: ModeratedUser.nullable(),
      reason: z.string(),
      note: z.string(),
      strikeId: Id.nullable(),
      createdAt: Time,
    })
    .nullable(),
};
export const ReportCase: z.ZodType<ReportCase> = z.strictObject(reportCase);

/** A message as it read when it was reported, or near one that was. */
export interface ReportedMessage {
  id: string;
  number: number;
  senderId: string;
  /** Empty in what is near it, where its sender had deleted it for all. */
  content: string;
  /** What the reported message said before it was edited. */
  earlier: string[];
  createdAt: string;
  reported: boolean;
}
const ReportedMessage: z.ZodType<ReportedMessage> = z.strictObject({
  id: Id,
  number: z.int(),
  senderId: Id,
  content: z.string(),
  earlier: z.array(z.string()),
  createdAt: Time,
  reported: z.boolean(),
});

/** What was reported, as it was at that moment. */
export type Evidence =
  | {
      type: "user";
      username: string;
      displayName: string;
      bio: string;
      location: string;
      website: string | null;
      avatarUrl: string | null;
      bannerUrl: string | null;
    }
  | {
      type: "post";
      content: string;
      entities: Entity[];
      /** Which of its texts: 0 is the first. */
      version: number;
      createdAt: string;
      editedAt: string | null;
    }
  | { type: "message"; messages: ReportedMessage[] };
export const Evidence: z.ZodType<Evidence> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("user"),
    username: z.string(),
    displayName: z.string(),
    bio: z.string(),
    location: z.string(),
    website: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    bannerUrl: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal("post"),
    content: z.string(),
    entities: z.array(Entity),
    version: z.int().min(0),
    createdAt: Time,
    editedAt: Time.nullable(),
  }),
  z.strictObject({ type: z.literal("message"), messages: z.array(ReportedMessage) }),
]);

/** What one user has reported, and how it looked to them. */
export interface Report {
  id: string;
  /** Null when a filter of the operator reported it. */
  reporter: ModeratedUser | null;
  reason: ReportReason;
  note: string;
  evidence: Evidence;
  createdAt: string;
}
export const Report: z.ZodType<Report> = z.strictObject({
  id: Id,
  reporter: ModeratedUser.nullable(),
  reason: ReportReason,
  note: z.string(),
  evidence: Evidence,
  createdAt: Time,
});

/** The reports on something with what they show, and what moderators did and noted, the latest first. */
export interface ReportDetails extends ReportCase {
  all: Page<Report>;
  /** The last hundred at most. */
  history: AuditEntry[];
}
export const ReportDetails: z.ZodType<ReportDetails> = z.strictObject({
  ...reportCase,
  all: pageOf(Report),
  history: z.array(AuditEntry),
});

export const ListReports = PageInput.extend({
  /** `open` is assigned to nobody. */
  status: ReportStatus.optional(),
  assignedToMe: z.boolean().default(false),
  order: z.enum(["newest", "oldest"]).default("newest"),
});
export type ListReports = z.infer<typeof ListReports>;

/** The page is that of its reports. */
export const GetReport = PageInput.extend({ reportId: Id });
export type GetReport = z.infer<typeof GetReport>;

/** Without `to`, the viewer; null is nobody. */
export const AssignReport = z.strictObject({ reportId: Id, to: Id.nullable().optional() });
export type AssignReport = z.infer<typeof AssignReport>;

export const NoteReport = z.strictObject({ reportId: Id, text: text(LIMITS.moderationNote).trim().min(1) });
export type NoteReport = z.infer<typeof NoteReport>;

export const ByReportId = z.strictObject({ reportId: Id });
export type ByReportId = z.infer<typeof ByReportId>;

const note = text(LIMITS.moderationNote).trim().default("");

/** `note` is for moderators; `reason` is what the user is told. */
export const ResolveReport = z
  .strictObject({
    reportId: Id,
    action: Resolution,
    note,
    reason: ModerationReason.optional(),
    /** When a suspension ends by itself; without it, never. */
    until: Time.optional(),
  })
  .refine(({ action, reason }) => action === "dismiss" || reason !== undefined, {
    path: ["reason"],
    message: "must say what the user is told",
  })
  .refine(({ action, until }) => action === "suspend" || until === undefined, {
    path: ["until"],
    message: "must stand with a suspension",
  });
export type ResolveReport = z.infer<typeof ResolveReport>;
