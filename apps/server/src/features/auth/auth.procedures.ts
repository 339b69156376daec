import type { TRPCRouterRecord } from "@trpc/server";
import {
  ById,
  ByToken,
  ChangePassword,
  ConfirmPassword,
  Done,
  Login,
  Me,
  PageInput,
  pageOf,
  Refresh,
  Register,
  RequestEmailChange,
  RequestPasswordReset,
  ResetPassword,
  ResetTicket,
  Session,
  SignedIn,
  Tokens,
  VerifyPasswordResetCode,
} from "@warble/contracts";
import { oid } from "../../platform/id";
import { answer, anyone, hashes, limit, once, signedIn } from "../../platform/trpc";
import { requireHolder } from "./account.service";
import { showMe } from "./account.view";
import { confirmEmailChange, requestEmailChange, undoEmailChange } from "./email-change.service";
import { factors } from "./factor.procedures";
import { login } from "./login.service";
import { changePassword, confirmPassword } from "./password.service";
import { register } from "./registration.service";
import { requestPasswordReset, resetPassword, verifyPasswordResetCode } from "./reset.service";
import { listSessions, logout, logoutOthers, refreshSession, revokeSession } from "./session.service";
import { resendVerification, verifyEmail } from "./verification.service";

export const auth = {
  /** The signed-in user. */
  me: signedIn.output(answer(Me)).query(async ({ ctx }) => showMe(await requireHolder(oid(ctx.viewer.id)))),

  /** The devices that one is signed in on, the last used first. Fails with BAD_CURSOR. */
  sessions: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(Session)))
    .query(({ ctx, input }) => listSessions(ctx, input)),

  /**
   * Registers; a mail brings the link that verifies the address. The answer never tells whether the address is
   * known. Fails with USERNAME_TAKEN, WEAK_PASSWORD, ADDRESS_REFUSED, CONTENT_REFUSED.
   */
  register: anyone
    .meta(once)
    .meta(limit("register"))
    .meta(hashes)
    .input(Register)
    .output(answer(Done))
    .mutation(({ ctx, input }) => register(ctx, input)),

  /** Verifies an e-mail address by the token of the mailed link, once. Fails with BAD_TOKEN. */
  verifyEmail: anyone
    .meta(once)
    .meta(limit("guess"))
    .input(ByToken)
    .output(answer(Done))
    .mutation(({ input }) => verifyEmail(input.token)),

  /** Mails a new verification link; the one before is dead from then on. Fails with NO_CHANGE. */
  resendVerification: signedIn
    .meta(once)
    .meta(limit("mail"))
    .output(answer(Done))
    .mutation(({ ctx }) => resendVerification(ctx)),

  /**
   * Signs in by username or verified e-mail address; SECOND_FACTOR_REQUIRED asks for a code, or a passkey, too.
   * Fails with BAD_CREDENTIALS, BAD_CODE, BAD_PASSKEY, ACCOUNT_SUSPENDED.
   */
  login: anyone
    .meta(limit("login"))
    .meta(hashes)
    .input(Login)
    .output(answer(SignedIn))
    .mutation(({ ctx, input }) => login(ctx, input)),

  /** Exchanges a refresh token for the next pair of tokens. */
  refresh: anyone
    .input(Refresh)
    .output(answer(Tokens))
    .mutation(({ ctx, input }) => refreshSession(ctx, input.refreshToken)),

  /** Signs out the device that asks. */
  logout: signedIn.output(answer(Done)).mutation(({ ctx }) => logout(ctx)),

  /** Signs out every device but the one that asks. */
  logoutOthers: signedIn.output(answer(Done)).mutation(({ ctx }) => logoutOthers(ctx)),

  /** Signs out one of one's devices. Fails with SESSION_NOT_FOUND. */
  revokeSession: signedIn
    .meta(once)
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => revokeSession(ctx, input.id)),

  /** Mails a six-digit code, if somebody has this address; the answer never tells. */
  requestPasswordReset: anyone
    .meta(once)
    .meta(limit("mail"))
    .meta(hashes)
    .input(RequestPasswordReset)
    .output(answer(Done))
    .mutation(({ ctx, input }) => requestPasswordReset(ctx, input.email)),

  /** Exchanges a mailed code for the ticket that `resetPassword` takes; five tries a code. Fails with BAD_CODE. */
  verifyPasswordResetCode: anyone
    .meta(limit("guess"))
    .meta(hashes)
    .input(VerifyPasswordResetCode)
    .output(answer(ResetTicket))
    .mutation(({ ctx, input }) => verifyPasswordResetCode(ctx, input)),

  /**
   * Sets a new password and signs out every device; sign in with it afterwards. Fails with BAD_TOKEN, WEAK_PASSWORD,
   * CONFLICT.
   */
  resetPassword: anyone
    .meta(once)
    .meta(limit("guess"))
    .meta(hashes)
    .input(ResetPassword)
    .output(answer(Done))
    .mutation(({ ctx, input }) => resetPassword(ctx, input)),

  /**
   * Replaces one's password and signs out every other device. Fails with BAD_CREDENTIALS, NO_CHANGE, WEAK_PASSWORD,
   * CONFLICT.
   */
  changePassword: signedIn
    .meta(once)
    .meta(limit("guess"))
    .meta(hashes)
    .input(ChangePassword)
    .output(answer(Done))
    .mutation(({ ctx, input }) => changePassword(ctx, input)),

  /**
   * Gives one's password again: for five minutes this device may do what was refused without. Fails with
   * BAD_CREDENTIALS.
   */
  confirmPassword: signedIn
    .meta(limit("guess"))
    .meta(hashes)
    .input(ConfirmPassword)
    .output(answer(Done))
    .mutation(({ ctx, input }) => confirmPassword(ctx, input.password)),

  /**
   * Mails a link to another address of one's own, and a notice to the one so far; the link changes it. Fails with
   * BAD_CREDENTIALS, NO_CHANGE, ADDRESS_REFUSED, CONFLICT.
   */
  requestEmailChange: signedIn
    .meta(once)
    .meta(limit("guess"))
    .meta(hashes)
    .input(RequestEmailChange)
    .output(answer(Done))
    .mutation(({ ctx, input }) => requestEmailChange(ctx, input)),

  /**
   * Changes the address by the token of the mailed link, once, and signs out every device but the one that asked.
   * Fails with BAD_TOKEN.
   */
  confirmEmailChange: anyone
    .meta(once)
    .meta(limit("guess"))
    .input(ByToken)
    .output(answer(Done))
    .mutation(({ ctx, input }) => confirmEmailChange(ctx, input.token)),

  /**
   * Puts the address back by the token that it was mailed, within a week: every device and the password are out.
   * Fails with BAD_TOKEN, CONFLICT.
   */
  undoEmailChange: anyone
    .meta(once)
    .meta(limit("guess"))
    .meta(hashes)
    .input(ByToken)
    .output(answer(Done))
    .mutation(({ ctx, input }) => undoEmailChange(ctx, input.token)),

  ...factors,
} satisfies TRPCRouterRecord;
