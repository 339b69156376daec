import { randomInt } from "node:crypto";
import type { Done, ResetPassword, ResetTicket, VerifyPasswordResetCode } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId } from "../../platform/id";
import { queueMail } from "../../platform/mailer";
import { transaction } from "../../platform/mongo";
import { requireStrong } from "../../platform/password-strength";
import { findUser, usernameKey } from "../users/user.service";
import {
  changeAccount,
  emailKey,
  findAccountByEmail,
  mailTo,
  namesOfHolder,
  proveAddress,
  requireHolder,
} from "./account.service";
import { showPasswordChanged, showResetCode } from "./auth-mail.view";
import { forgetGuesses } from "./guess.service";
import { mayMail } from "./mail-count.service";
import { consume, dropSecrets, findSecret, makeSecret, storeSecret, takeAttempt } from "./secret.service";
import { endSessions } from "./session.service";
import { provingAddress } from "./verification.service";

const CODE_END = 1_000_000;

/** Mails a code to an address, if it is somebody's; the answer and the work are the same if it is nobody's. */
export async function requestPasswordReset(ctx: Context, email: string): Promise<Done> {
  const account = await findAccountByEmail(email);
  const user = await findUser({ id: String(account?._id ?? newId()) });
  const code = String(randomInt(CODE_END)).padStart(6, "0");
  const hash = await ctx.passwords.hash(code);
  await transaction(async () => {
    const granted = (await mayMail(email, "reset")) && account;
    // Where there is nobody to write to, a code for nobody is stored, and a mail that has expired and is not sent.
    const userId = granted ? granted._id : newId();
    const expiresAt = await storeSecret({ userId, kind: "resetCode", hash }, ctx.config.policy.resetCodeTtl);
    await queueMail(ctx, {
      to: account?.email ?? email,
      toName: user?.username ?? "",
      ...showResetCode(user?.username ?? "", code),
      expiresAt: granted ? expiresAt : now(),
    });
  });
  return { ok: true };
}

/** Exchanges a right code for a ticket, once. @throws WarbleError BAD_CODE */
export async function verifyPasswordResetCode(
  ctx: Context,
  { email, code }: VerifyPasswordResetCode,
): Promise<ResetTicket> {
  const { resetAttempts, resetTicketTtl } = ctx.config.policy;
  const account = await findAccountByEmail(email);
  const userId = account?._id ?? newId();
  const stored = await takeAttempt(userId, "resetCode", resetAttempts);
  const right = await ctx.passwords.matches(code, stored?.hash);
  if (!right || !stored) throw new WarbleError("BAD_CODE");
  return transaction(async () => {
    if (!(await consume(stored))) throw new WarbleError("BAD_CODE");
    const { secret } = await makeSecret(userId, "resetTicket", resetTicketTtl);
    return { ticket: secret };
  });
}

/**
 * Sets a new password for whoever holds the ticket. It signs out every device and signs nobody in; the address
 * counts as verified, since the code was read there.
 * @throws WarbleError BAD_TOKEN, WEAK_PASSWORD
 */
export async function resetPassword(ctx: Context, { ticket, password }: ResetPassword): Promise<Done> {
  const secret = await findSecret("resetTicket", ticket);
  if (!secret) throw new WarbleError("BAD_TOKEN");
  const holder = await requireHolder(secret.userId);
  const { user, account } = holder;
  requireStrong(password, namesOfHolder({ username: user.username, email: account.email }));
  const passwordHash = await ctx.passwords.hash(password);
  await provingAddress(async () => {
    if (!(await consume(secret))) throw new WarbleError("BAD_TOKEN");
    if (!(await changeAccount(account, { passwordHash }))) throw new WarbleError("CONFLICT");
    await proveAddress(user._id);
    await endSessions(ctx, user._id);
    await dropSecrets(user._id);
    await forgetGuesses(usernameKey(user.username), emailKey(account.email));
    await mailTo(ctx, holder, showPasswordChanged(user.username, "all"));
  });
  return { ok: true };
}
