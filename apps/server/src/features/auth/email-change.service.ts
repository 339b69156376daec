import type { Done, RequestEmailChange } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App, Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { queueMail } from "../../platform/mailer";
import { transaction } from "../../platform/mongo";
import { digestOf, randomSecret } from "../../platform/token";
import { requireAllowedAddress } from "../filters/filter.service";
import { findUser, usernameKey } from "../users/user.service";
import {
  changeAccount,
  changeAddress,
  emailKey,
  findAccount,
  findAccountByProved,
  type Holder,
  mailTo,
  requireHolder,
} from "./account.service";
import {
  showAddressChanged,
  showAddressLeft,
  showAddressRestored,
  showAddressTaken,
  showChangeAsked,
  showChangeLink,
} from "./email-change-mail.view";
import { consumeUndo, findUndo, makeUndo } from "./email-undo.service";
import { removeFactors } from "./factor.service";
import { forgetGuesses } from "./guess.service";
import { mayMail } from "./mail-count.service";
import { proveOwn } from "./password.service";
import { consume, dropSecrets, findSecret, storeSecret } from "./secret.service";
import { endSessions, renewStepUp } from "./session.service";
import { provingAddress } from "./verification.service";

/**
 * Mails a link to the address that is to be, which dies when another is asked for, and a notice to the one that is.
 * Whether the new one is somebody's is told to nobody but its owner, by mail: answer and work are the same.
 * @throws WarbleError BAD_CREDENTIALS, NO_CHANGE, ADDRESS_REFUSED, RATE_LIMITED, CONFLICT
 */
export async function requestEmailChange(
  ctx: ViewerContext,
  { email, password }: RequestEmailChange,
): Promise<Done> {
  const holder = await proveOwn(ctx, password);
  const { user, account } = holder;
  await requireAllowedAddress(email);
  if (emailKey(email) === account.emailKey) throw new WarbleError("NO_CHANGE");
  await transaction(async () => {
    // Writing here makes a change of the password at the same moment visible: it would end what is asked for.
    if (!(await changeAccount(account, { signedInAt: now() }))) throw new WarbleError("CONFLICT");
    await renewStepUp(ctx.viewer.sessionId);
    const granted = (await mayMail(String(user._id), "changeNotice")) && (await mayMail(email, "change"));
    if (!granted) {
      throw new WarbleError("RATE_LIMITED", {
        message: "There have been several of these mails: look into that inbox, or try again in an hour.",
        retryAfter: 3600,
      });
    }
    await sendChangeLink(ctx, holder, email);
    // An address that was never proved may be a stranger's.
    if (user.emailVerified) await mailTo(ctx, holder, showChangeAsked(user.username, email));
  });
  return { ok: true };
}

async function sendChangeLink(ctx: ViewerContext, { user }: Holder, email: string): Promise<void> {
  const secret = randomSecret();
  const sessionId = oid(ctx.viewer.sessionId);
  const expiresAt = await storeSecret(
    { userId: user._id, kind: "changeEmail", hash: digestOf(secret), email, sessionId },
    ctx.config.policy.verificationTtl,
  );
  const known = await findAccountByProved(email);
  const owner = await findUser({ id: String(known?._id ?? user._id) });
  if (known && owner) {
    return mailTo(ctx, { user: owner, account: known }, { ...showAddressTaken(owner.username), expiresAt });
  }
  const link = `${ctx.webUrl}/confirm-email-change?token=${secret}`;
  const mail = showChangeLink(user.username, link);
  await queueMail(ctx, { to: email, toName: user.username, ...mail, expiresAt });
}

/**
 * Changes an address by the token that the new one was mailed, once. It is proved by that. Every device but the one
 * that asked is signed out, and what was mailed to the old address is worth nothing, but for what puts it back.
 * @throws WarbleError BAD_TOKEN
 */
export async function confirmEmailChange(app: App, token: string): Promise<Done> {
  await provingAddress(async () => {
    const secret = await findSecret("changeEmail", token);
    if (!secret?.email || !(await consume(secret))) throw new WarbleError("BAD_TOKEN");
    const before = await requireHolder(secret.userId);
    await changeAddress(secret.userId, secret.email);
    await endSessions(app, secret.userId, String(secret.sessionId));
    await dropSecrets(secret.userId);
    if (before.user.emailVerified) await offerUndo(app, before, secret.email);
  });
  return { ok: true };
}

async function offerUndo(app: App, before: Holder, email: string): Promise<void> {
  const { user, account } = before;
  const left = { userId: user._id, email: account.email };
  const { secret, expiresAt } = await makeUndo(left, app.config.policy.undoTtl);
  const link = `${app.webUrl}/undo-email-change?token=${secret}`;
  await mailTo(app, before, { ...showAddressChanged({ username: user.username, email, link }), expiresAt });
}

/**
 * Puts back an address by the token that it was mailed when it was left, once. Whoever changed it knew the password,
 * so every device is signed out, passkeys and authenticator app are taken away, all that was mailed is worth nothing,
 * and so is the password until it is reset by the address that is back.
 * @throws WarbleError BAD_TOKEN
 */
export async function undoEmailChange(ctx: Context, token: string): Promise<Done> {
  const undo = await findUndo(token);
  if (!undo || !(await findAccount(undo.userId))) throw new WarbleError("BAD_TOKEN");
  const { userId, email } = undo;
  const passwordHash = await ctx.passwords.hash(randomSecret());
  await provingAddress(async () => {
    if (!(await consumeUndo(undo))) throw new WarbleError("BAD_TOKEN");
    const left = await requireHolder(userId);
    if (!(await changeAccount(left.account, { passwordHash }))) throw new WarbleError("CONFLICT");
    await changeAddress(userId, email);
    await endSessions(ctx, userId);
    await dropSecrets(userId);
    await removeFactors(userId);
    await forgetGuesses(usernameKey(left.user.username), emailKey(email));
    await mailTo(ctx, await requireHolder(userId), showAddressRestored(left.user.username));
    await mailTo(ctx, left, showAddressLeft(left.user.username));
  });
  return { ok: true };
}
