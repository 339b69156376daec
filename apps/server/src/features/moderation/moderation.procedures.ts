import type { TRPCRouterRecord } from "@trpc/server";
import {
  AuditEntry,
  Done,
  PageInput,
  pageOf,
  RemovePost,
  SetRole,
  Suspend,
  Unsuspend,
} from "@warble/contracts";
import { answer, roleOf } from "../../platform/trpc";
import { requireFresh } from "../auth/session.service";
import { listAudit } from "./audit.service";
import { removeComment, removeTweet, setRole, suspendUser, unsuspendUser } from "./moderation.service";

const admin = roleOf("admin");
const moderator = roleOf("moderator", "admin");

/** With a password given lately, so that neither a device left alone nor a stolen token moderates anybody. */
const fresh = (role: typeof admin) =>
  role.use(async ({ ctx, next }) => {
    await requireFresh(ctx);
    return next();
  });

export const moderation = {
  /** Gives a user a role; for administrators. Fails with REAUTH_REQUIRED, USER_NOT_FOUND, LAST_ADMIN. */
  setRole: fresh(admin)
    .input(SetRole)
    .output(answer(Done))
    .mutation(({ ctx, input }) => setRole(ctx, input)),

  /** Shuts out a user of a lower role; again changes reason and end. Fails with REAUTH_REQUIRED, USER_NOT_FOUND, SELF_TARGET, FORBIDDEN. */
  suspend: fresh(moderator)
    .input(Suspend)
    .output(answer(Done))
    .mutation(({ ctx, input }) => suspendUser(ctx, input)),

  /** Lets a suspended user back in. Fails with REAUTH_REQUIRED, USER_NOT_FOUND, SELF_TARGET, FORBIDDEN. */
  unsuspend: fresh(moderator)
    .input(Unsuspend)
    .output(answer(Done))
    .mutation(({ ctx, input }) => unsuspendUser(ctx, input)),

  /** Takes a tweet away, whoever wrote it. Fails with REAUTH_REQUIRED, TWEET_NOT_FOUND. */
  removeTweet: fresh(moderator)
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => removeTweet(ctx, input)),

  /** Takes a comment away, whoever wrote it. Fails with REAUTH_REQUIRED, COMMENT_NOT_FOUND. */
  removeComment: fresh(moderator)
    .input(RemovePost)
    .output(answer(Done))
    .mutation(({ ctx, input }) => removeComment(ctx, input)),

  /** What moderators and administrators did, the latest first; for administrators. Fails with BAD_CURSOR. */
  audit: admin
    .input(PageInput.prefault({}))
    .output(answer(pageOf(AuditEntry)))
    .query(({ ctx, input }) => listAudit(ctx, input)),
} satisfies TRPCRouterRecord;
