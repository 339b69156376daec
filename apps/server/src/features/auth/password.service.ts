import type { ChangePassword, Done } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { requireStrong } from "../../platform/password-strength";
import { usernameKey } from "../users/user.service";
import {
  type AccountRecord,
  changeAccount,
  type Holder,
  mailTo,
  namesOfHolder,
  requireHolder,
} from "./account.service";
import { showPasswordChanged } from "./auth-mail.view";
import { type Guesser, guess } from "./guess.service";
import { dropSecrets } from "./secret.service";
import { endSessions, renewStepUp } from "./session.service";

/** Somebody who says who they are; guesses are counted by the name they give, in lower case. */
export interface Claim extends Pick<Guesser, "name" | "device"> {
  /** Whose name it is; null when nobody's. */
  account: AccountRecord | null;
}

/**
 * Finds out whether this is the claimant's password; only known devices are heard while passwords are guessed at everywhere.
 * @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED
 */
export async function provePassword(
  ctx: Context,
  { name, account, device }: Claim,
  password: string,
): Promise<AccountRecord> {
  await requireCalm(ctx, device);
  const guesser = { name, device, instead: "reset the password" };
  const right = await guess(ctx.config.policy.guesses, guesser, async () => {
    const found = (await ctx.passwords.matches(password, account?.passwordHash)) ? account : null;
    if (!found) await ctx.limiter.wrongPassword();
    return found;
  });
  if (!right) throw new WarbleError("BAD_CREDENTIALS");
  return right;
}

/**
 * While passwords are guessed at everywhere, only devices that were signed in before are listened to: a thousand
 * networks that each stay below their own limit get no further. Nothing is counted for a name meanwhile.
 */
async function requireCalm({ limiter }: Context, device: string | null): Promise<void> {
  const wait = device === null ? await limiter.wrongPasswordsWait() : 0;
  if (wait === 0) return;
  throw new WarbleError("RATE_LIMITED", {
    message:
      "Passwords are being guessed at in great numbers, so new devices have to wait as long as retryAfter says.",
    retryAfter: wait,
  });
}

/** Gives one's own password again, for what needs it fresh. @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED */
export async function confirmPassword(ctx: ViewerContext, password: string): Promise<Done> {
  await proveOwn(ctx, password);
  await renewStepUp(ctx.viewer.sessionId);
  return { ok: true };
}

/** Finds out whether it is the viewer's own password. @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED */
export async function proveOwn(ctx: ViewerContext, password: string): Promise<Holder> {
  const { id, sessionId } = ctx.viewer;
  const holder = await requireHolder(oid(id));
  const { user, account } = holder;
  const claim = { name: usernameKey(user.username), account, device: `session ${sessionId}` };
  await provePassword(ctx, claim, password);
  return holder;
}

/**
 * Replaces one's own password and signs out every other device.
 * @throws WarbleError BAD_CREDENTIALS, NO_CHANGE, WEAK_PASSWORD
 */
export async function changePassword(
  ctx: ViewerContext,
  { currentPassword, password }: ChangePassword,
): Promise<Done> {
  const { sessionId } = ctx.viewer;
  const holder = await proveOwn(ctx, currentPassword);
  const { user, account } = holder;
  if (password.normalize("NFKC") === currentPassword.normalize("NFKC")) throw new WarbleError("NO_CHANGE");
  requireStrong(password, namesOfHolder({ username: user.username, email: account.email }));
  const passwordHash = await ctx.passwords.hash(password);
  await transaction(async () => {
    if (!(await changeAccount(account, { passwordHash, signedInAt: now() })))
      throw new WarbleError("CONFLICT");
    await endSessions(ctx, user._id, sessionId);
    await renewStepUp(sessionId);
    await dropSecrets(user._id);
    await mailTo(ctx, holder, showPasswordChanged(user.username, "others"));
  });
  return { ok: true };
}
