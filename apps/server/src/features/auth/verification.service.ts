import type { Done } from "@warble/contracts";
import type { App, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { findUser } from "../users/user.service";
import { findAccountByEmail, type Holder, mailTo, proveAddress, requireHolder } from "./account.service";
import { showKnownAddress, showVerification } from "./auth-mail.view";
import { mayMail } from "./mail-count.service";
import { consume, findSecret, makeSecret } from "./secret.service";

/**
 * Mails a user the link that proves their address; the link before is dead from then on. When the address is
 * another's already, the other is told instead: the link is made all the same, so that the work is, and sent to nobody.
 */
export async function sendVerification(app: App, { user, account }: Holder): Promise<void> {
  const { secret, expiresAt } = await makeSecret(user._id, "verifyEmail", app.config.policy.verificationTtl);
  const known = await findAccountByEmail(account.email);
  const owner = await findUser({ id: String(known?._id ?? user._id) });
  if (known?.emailVerified && owner) {
    const mail = { ...showKnownAddress(owner.username), expiresAt };
    return mailTo(app, { user: owner, account: known }, mail);
  }
  // Built from the configuration alone: what a request says of its host may be anybody's.
  const link = `${app.webUrl}/verify-email?token=${secret}`;
  await mailTo(app, { user, account }, { ...showVerification(user.username, link), expiresAt });
}

/** Proves an address by the token that was mailed to it, once. @throws WarbleError BAD_TOKEN */
export async function verifyEmail(token: string): Promise<Done> {
  await provingAddress(async () => {
    const secret = await findSecret("verifyEmail", token);
    if (!secret || !(await consume(secret))) throw new WarbleError("BAD_TOKEN");
    await proveAddress(secret.userId);
  });
  return { ok: true };
}

/** Runs a transaction that proves an address. @throws WarbleError BAD_TOKEN when another account was first */
export const provingAddress = (work: () => Promise<void>): Promise<void> =>
  transaction(work).catch((error: unknown) => {
    throw isDuplicate(error) ? new WarbleError("BAD_TOKEN") : error;
  });

/** Mails a new link in place of the old. @throws WarbleError NO_CHANGE when verified, RATE_LIMITED */
export async function resendVerification(ctx: ViewerContext): Promise<Done> {
  await transaction(async () => {
    const holder = await requireHolder(oid(ctx.viewer.id));
    if (holder.user.emailVerified) throw new WarbleError("NO_CHANGE");
    if (!(await mayMail(holder.account.email, "verification"))) {
      throw new WarbleError("RATE_LIMITED", {
        message: "You have had several of these mails: look into your inbox, or try again in an hour.",
        retryAfter: 3600,
      });
    }
    await sendVerification(ctx, holder);
  });
  return { ok: true };
}
