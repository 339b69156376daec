import type { TRPCRouterRecord } from "@trpc/server";
import {
  AddFilter,
  AssignReport,
  AuditEntry,
  ById,
  ByReportId,
  ByUserId,
  CreateAppeal,
  CreateReport,
  DecideAppeal,
  Done,
  Filter,
  FindUsers,
  GetReport,
  ListReports,
  ListStrikesOf,
  ModeratedStrike,
  ModeratedUser,
  NoteReport,
  PageInput,
  pageOf,
  RemovePost,
  ReportCase,
  ReportDetails,
  Reported,
  ResolveReport,
  RevokeStrike,
  SetRole,
  Strike,
  Suspend,
} from "@warble/contracts";
import { answer, anyone, limit, once, roleOf, signedIn } from "../../platform/trpc";
import { requireFresh } from "../auth/session.service";
import { listFilters } from "../filters/filter.service";
import { appeal, decideAppeal, listAppeals } from "./appeal.service";
import { listAudit } from "./audit.service";
import { assignCase, getCase, listCases, noteOnCase, reopenCase } from "./case.service";
import { endSessionsOf, setRole, suspendUser, unsuspendUser } from "./moderation.service";
import { addFilter, dropFilter } from "./operator-filter.service";
import { type Permission, rolesThatMay } from "./permission.service";
import { findPeople } from "./person.service";
import { removeComment, removeTweet, restoreComment, restoreTweet } from "./removal.service";
import { report } from "./report.service";
import { resolveReport } from "./resolve.service";
import { listStrikes, listStrikesOf, revokeStrike } from "./strike.service";

/** For whoever the table of permissions names. */
const reading = (permission: Permission) => roleOf(...rolesThatMay(permission));

/** With a password given lately, so that neither a device left alone nor a stolen token moderates anybody. */
const doing = (permission: Permission) =>
  reading(permission)
    .meta(once)
    .use(async ({ ctx, next }) => {
      await requireFresh(ctx);
      return next();
    });

export const moderation = {
  /**
   * Reports something to the moderators; again while it is looked into is the same report. Fails with SELF_TARGET,
   * USER_NOT_FOUND, TWEET_NOT_FOUND, COMMENT_NOT_FOUND, MESSAGE_NOT_FOUND.
   */
  report: reading("report")
    .meta(once)
    .meta(limit("report"))
    .input(CreateReport)
    .output(answer(Reported))
    .mutation(({ ctx, input }) => report(ctx, input)),

  /** What was reported, all reports on one thing together; for moderators. Fails with FORBIDDEN, BAD_CURSOR. */
  reports: reading("reports")
    .input(ListReports.prefault({}))
    .output(answer(pageOf(ReportCase)))
    .query(({ ctx, input }) => listCases(ctx, input)),

  /**
   * The reports on one thing with their evidence, and what was done and noted about them. Fails with FORBIDDEN,
   * REPORT_NOT_FOUND, BAD_CURSOR.
   */
  getReport: reading("getReport")
    .input(GetReport)
    .output(answer(ReportDetails))
    .query(({ ctx, input }) => getCase(ctx, input)),

  /**
   * Gives what was reported into a moderator's hands. Fails with REAUTH_REQUIRED, REPORT_NOT_FOUND, ALREADY_SETTLED,
   * USER_NOT_FOUND, FORBIDDEN.
   */
  assign: doing("assign")
    .input(AssignReport)
    .output(answer(ReportCase))
    .mutation(({ ctx, input }) => assignCase(ctx, input)),

  /** Notes something for other moderators. Fails with FORBIDDEN, REAUTH_REQUIRED, REPORT_NOT_FOUND. */
  note: doing("note")
    .input(NoteReport)
    .output(answer(ReportCase))
    .mutation(({ ctx, input }) => noteOnCase(ctx, input)),

  /**
   * Resolves what was reported, and does what there is to do about it. Fails with REAUTH_REQUIRED, REPORT_NOT_FOUND,
   * ALREADY_SETTLED, FORBIDDEN, USER_NOT_FOUND, TWEET_NOT_FOUND, COMMENT_NOT_FOUND, MESSAGE_NOT_FOUND.
   */
  resolve: doing("resolve")
    .input(ResolveReport)
    .output(answer(ReportCase))
    .mutation(({ ctx, input }) => resolveReport(ctx, input)),

  /**
   * Takes up again what was resolved; what was done stays. Fails with FORBIDDEN, REAUTH_REQUIRED, REPORT_NOT_FOUND,
   * ALREADY_SETTLED.
   */
  reopen: doing("reopen")
    .input(ByReportId)
    .output(answer(ReportCase))
    .mutation(({ ctx, input }) => reopenCase(ctx, input)),

  /** What moderators did to oneself, the latest first. Fails with BAD_CURSOR. */
  strikes: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(Strike)))
    .query(({ ctx, input }) => listStrikes(ctx, input)),

  /** What moderators did to a user, the latest first; for moderators. Fails with FORBIDDEN, BAD_CURSOR. */
  strikesOf: reading("strikesOf")
    .input(ListStrikesOf)
    .output(answer(pageOf(ModeratedStrike)))
    .query(({ input }) => listStrikesOf(input)),

  /**
   * Takes a strike back and undoes what it did. Fails with REAUTH_REQUIRED, STRIKE_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN, ALREADY_SETTLED.
   */
  revokeStrike: doing("revokeStrike")
    .input(RevokeStrike)
    .output(answer(Done))
    .mutation(({ ctx, input }) => revokeStrike(ctx, input)),

  /**
   * Says something against a strike, once: signed in, or by the token of its mail. Fails with NOT_SIGNED_IN,
   * STRIKE_NOT_FOUND, BAD_TOKEN, ALREADY_SETTLED, FORBIDDEN.
   */
  appeal: anyone
    .meta(once)
    .meta(limit("appeal"))
    .input(CreateAppeal)
    .output(answer(Done))
    .mutation(({ ctx, input }) => appeal(ctx, input)),

  /**
   * The strikes that are appealed against and not decided, the oldest first; for moderators. Fails with FORBIDDEN,
   * BAD_CURSOR.
   */
  appeals: reading("appeals")
    .input(PageInput.prefault({}))
    .output(answer(pageOf(ModeratedStrike)))
    .query(({ input }) => listAppeals(input)),

  /**
   * Decides an appeal against what somebody else did. Fails with REAUTH_REQUIRED, STRIKE_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN, ALREADY_SETTLED.
   */
  decideAppeal: doing("decideAppeal")
    .input(DecideAppeal)
    .output(answer(Done))
    .mutation(({ ctx, input }) => decideAppeal(ctx, input)),

  /**
   * Users by the beginning of their names, whatever hides them from others; for moderators. Fails with FORBIDDEN,
   * BAD_CURSOR.
   */
  users: reading("users")
    .input(FindUsers)
    .output(answer(pageOf(ModeratedUser)))
    .query(({ input }) => findPeople(input)),

  /**
   * Gives a user a role; for administrators. Fails with FORBIDDEN, REAUTH_REQUIRED, USER_NOT_FOUND, LAST_ADMIN.
   */
  setRole: doing("setRole")
    .input(SetRole)
    .output(answer(Done))
    .mutation(({ ctx, input }) => setRole(ctx, input)),

  /**
   * Shuts out a user of a lower role; again changes reason and end. Fails with REAUTH_REQUIRED, USER_NOT_FOUND,
   * SELF_TARGET, FORBIDDEN.
   */
  suspend: doing("suspend")
    .input(Suspend)
    .output(answer(Done))
    .mutation(({ ctx, input }) => suspendUser(ctx, input)),

  /** Lets a suspended user back in. Fails with REAUTH_REQUIRED, USER_NOT_FOUND, SELF_TARGET, FORBIDDEN. */
  unsuspend: doing("unsuspend")
    .input(ByUserId)
    .output(answer(Done))
    .mutation(({ ctx, input }) => unsuspendUser(ctx, input)),

  /**
   * Signs a user out everywhere; for administrators. Fails with REAUTH_REQUIRED, USER_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN.
   */
  endSessions: doing("endSessions")
    .input(ByUserId)
    .output(answer(Done))
    .mutation(({ ctx, input }) => endSessionsOf(ctx, input)),

  /**
   * Takes away the tweet of a user of a lower role. Fails with REAUTH_REQUIRED, TWEET_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN.
   */
  removeTweet: doing("removeTweet")
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => removeTweet(ctx, input)),

  /**
   * Takes away the comment of a user of a lower role. Fails with REAUTH_REQUIRED, COMMENT_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN.
   */
  removeComment: doing("removeComment")
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => removeComment(ctx, input)),

  /**
   * Brings a tweet back that was taken away, as it was. Fails with REAUTH_REQUIRED, TWEET_NOT_FOUND, SELF_TARGET,
   * FORBIDDEN.
   */
  restoreTweet: doing("restoreTweet")
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => restoreTweet(ctx, input)),

  /**
   * Brings a comment back that was taken away, as it was. Fails with REAUTH_REQUIRED, COMMENT_NOT_FOUND,
   * SELF_TARGET, FORBIDDEN.
   */
  restoreComment: doing("restoreComment")
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => restoreComment(ctx, input)),

  /** What people are not to write, or register with; for administrators. Fails with FORBIDDEN, BAD_CURSOR. */
  filters: reading("filters")
    .input(PageInput.prefault({}))
    .output(answer(pageOf(Filter)))
    .query(({ input }) => listFilters(input)),

  /**
   * Has something refused, or reported, within two seconds everywhere; again changes which. Fails with FORBIDDEN,
   * REAUTH_REQUIRED.
   */
  addFilter: doing("addFilter")
    .input(AddFilter)
    .output(answer(Filter))
    .mutation(({ ctx, input }) => addFilter(ctx, input)),

  /** Takes a filter away; it need not be there. Fails with FORBIDDEN, REAUTH_REQUIRED. */
  removeFilter: doing("removeFilter")
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => dropFilter(ctx, input.id)),

  /**
   * What moderators and administrators did, the latest first; for administrators. Fails with FORBIDDEN, BAD_CURSOR.
   */
  audit: reading("audit")
    .input(PageInput.prefault({}))
    .output(answer(pageOf(AuditEntry)))
    .query(({ ctx, input }) => listAudit(ctx, input)),
} satisfies TRPCRouterRecord;
