import type { Done, RecoveryCodes, TotpStart } from "@warble/contracts";
import { Secret, TOTP } from "otpauth";
import { now, nowMs } from "../../platform/clock";
import type { App, Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { type Holder, mailTo, requireHolder } from "./account.service";
import {
  showCodesGuessed,
  showRecoveryCodesRenewed,
  showTotpDisabled,
  showTotpEnabled,
} from "./auth-mail.view";
import { changeFactors } from "./factor-change.service";
import { forgetGuesses, guess } from "./guess.service";
import { mayMail } from "./mail-count.service";
import { makeRecoveryCodes, recoveryDigest, useRecoveryCode } from "./recovery.service";
import { requireFresh } from "./session.service";
import { TotpModel, type TotpRecord } from "./totp.model";

/** What nearly every authenticator app can do, and many no more. */
const KIND = { issuer: "Warble", algorithm: "SHA1", digits: 6, period: 30 };
const CODE = /^\d{6}$/;
const SECRET_BYTES = 20;
/** So many steps early or late a code still counts: clocks differ, and typing takes time. */
const WINDOW = 1;

/** Uses up what was found right, in the transaction of what it is for. */
export type UseFactor = () => Promise<void>;

const guessesOf = (userId: ObjectId): string => `codes ${userId}`;

/** A user's authenticator app, if one is in force. */
export const findTotp = (userId: ObjectId): Promise<TotpRecord | null> =>
  TotpModel.findOne({ _id: userId, enabledAt: { $ne: null } }).lean();

/** Makes the secret of an authenticator app; it replaces one that waits. @throws WarbleError REAUTH_REQUIRED, CONFLICT */
export async function beginTotp(ctx: ViewerContext): Promise<TotpStart> {
  await requireFresh(ctx);
  const secret = new Secret({ size: SECRET_BYTES });
  const expiresAt = new Date(nowMs() + ctx.config.policy.totpPendingTtl * 1000);
  await TotpModel.updateOne(
    { _id: oid(ctx.viewer.id), enabledAt: null },
    { secret: await seal(ctx, secret.base32), expiresAt },
    { upsert: true },
  ).catch((error: unknown) => {
    throw isDuplicate(error) ? inUse() : error;
  });
  return {
    secret: secret.base32,
    uri: new TOTP({ ...KIND, label: ctx.viewer.username, secret }).toString(),
  };
}

const inUse = (): WarbleError =>
  new WarbleError("CONFLICT", { message: "An authenticator app is in use: auth.disableTotp takes it away." });

/** Puts the secret in force once its app shows a right code. @throws WarbleError BAD_CODE, REAUTH_REQUIRED */
export async function enableTotp(ctx: ViewerContext, code: string): Promise<RecoveryCodes> {
  await requireFresh(ctx);
  const _id = oid(ctx.viewer.id);
  const waiting = await TotpModel.findOne({ _id, enabledAt: null, expiresAt: { $gt: now() } }).lean();
  const step = waiting && (await stepOf(ctx, waiting, plainly(code)));
  if (!waiting || step === null) throw wrongCode();
  const codes = makeRecoveryCodes(_id);
  await changeFactors(ctx, async ({ user }) => {
    const enabled = await TotpModel.updateOne(
      { _id, enabledAt: null, secret: waiting.secret },
      { enabledAt: now(), expiresAt: null, lastStep: step, recoveryCodes: codes.stored },
    );
    if (enabled.modifiedCount === 0) throw wrongCode();
    return showTotpEnabled(user.username);
  });
  return { recoveryCodes: codes.shown };
}

/** Takes the authenticator app and the recovery codes away. @throws WarbleError BAD_CODE, NO_CHANGE, REAUTH_REQUIRED */
export async function disableTotp(ctx: ViewerContext, code: string): Promise<Done> {
  const use = await proveOwnCode(ctx, code);
  await changeFactors(ctx, async ({ user }) => {
    await use();
    await TotpModel.deleteOne({ _id: user._id });
    return showTotpDisabled(user.username);
  });
  return { ok: true };
}

/** Makes new recovery codes; those before are dead from then on. @throws WarbleError BAD_CODE, NO_CHANGE, REAUTH_REQUIRED */
export async function renewRecoveryCodes(ctx: ViewerContext, code: string): Promise<RecoveryCodes> {
  const use = await proveOwnCode(ctx, code);
  const codes = makeRecoveryCodes(oid(ctx.viewer.id));
  await changeFactors(ctx, async ({ user }) => {
    await use();
    await TotpModel.updateOne({ _id: user._id }, { recoveryCodes: codes.stored });
    return showRecoveryCodesRenewed(user.username);
  });
  return { recoveryCodes: codes.shown };
}

async function proveOwnCode(ctx: ViewerContext, code: string): Promise<UseFactor> {
  await requireFresh(ctx);
  const holder = await requireHolder(oid(ctx.viewer.id));
  const totp = await findTotp(holder.user._id);
  if (!totp) throw new WarbleError("NO_CHANGE", { message: "No authenticator app is in use." });
  return proveCode(ctx, { holder, totp, device: `session ${ctx.viewer.sessionId}` }, code);
}

/** Somebody who has given their password right, and from where. */
interface Prover {
  holder: Holder;
  totp: TotpRecord;
  device: string | null;
}

/**
 * Finds out whether a code of the app, or a recovery code, is right. Only whoever knows the password gets here, so
 * nobody else can use the guesses up; and a recovery code, which nobody guesses, is heard even where they are.
 * @returns what uses the code up: of any number at once, one succeeds, and the others throw BAD_CODE
 * @throws WarbleError BAD_CODE, RATE_LIMITED
 */
export async function proveCode(
  ctx: Context,
  { holder, totp, device }: Prover,
  given: string,
): Promise<UseFactor> {
  const userId = holder.user._id;
  const code = plainly(given);
  const digest = recoveryDigest(userId, code);
  if (totp.recoveryCodes.includes(digest)) return () => useRecoveryCode(ctx, holder, digest);
  const guesser = {
    name: guessesOf(userId),
    // Not by the name that passwords are counted by: a right password must not forget wrong codes.
    device: device && `codes ${device}`,
    instead: "use a recovery code or a passkey",
  };
  const step = await guess(ctx.config.policy.guesses, guesser, () => stepOf(ctx, totp, code)).catch(
    async (error: unknown) => {
      if (error instanceof WarbleError && error.reason === "RATE_LIMITED") await warn(ctx, holder);
      throw error;
    },
  );
  if (step === null) throw wrongCode();
  // Sealed anew at each use, so that an old server secret can be taken out of use some day.
  const secret = await seal(ctx, await unseal(ctx, totp));
  return async () => {
    const used = await TotpModel.updateOne(
      { _id: userId, enabledAt: totp.enabledAt, lastStep: { $lt: step } },
      { lastStep: step, secret },
    );
    if (used.modifiedCount === 0) throw wrongCode();
  };
}

const plainly = (code: string): string => code.replace(/[\s-]/g, "").toLowerCase();

const wrongCode = (): WarbleError =>
  new WarbleError("BAD_CODE", { message: "This code is wrong, used or too old: wait for the next one." });

/** The time step that a code is of; null when it is of none, or of one that is over. */
async function stepOf(app: App, totp: TotpRecord, code: string): Promise<number | null> {
  // otpauth throws at what has six characters and more bytes.
  if (!CODE.test(code)) return null;
  const timestamp = nowMs();
  const secret = Secret.fromBase32(await unseal(app, totp));
  const late = TOTP.validate({ ...KIND, secret, timestamp, token: code, window: WINDOW });
  const step = late === null ? 0 : TOTP.counter({ ...KIND, timestamp }) + late;
  return step > totp.lastStep ? step : null;
}

interface Sealed {
  totp: string;
}

const seal = (app: App, totp: string): Promise<string> => app.tokens.seal({ totp } satisfies Sealed);

async function unseal(app: App, { _id, secret }: TotpRecord): Promise<string> {
  try {
    return (await app.tokens.unseal<Sealed>(secret)).totp;
  } catch (error) {
    app.log.error({ err: error, userId: String(_id) }, "no server secret opens an authenticator app's");
    throw new WarbleError("BAD_CODE", {
      message: "Codes of this authenticator app can no longer be checked: use a recovery code or a passkey.",
    });
  }
}

/** Whoever guesses at codes knows the password: its owner should hear of it. */
async function warn(app: App, holder: Holder): Promise<void> {
  await transaction(async () => {
    if (!(await mayMail(holder.account.email, "codesGuessed"))) return;
    await mailTo(app, holder, showCodesGuessed(holder.user.username));
  });
}

/** Takes a user's authenticator app away, with all that belongs to it. */
export async function removeTotp(userId: ObjectId): Promise<void> {
  await TotpModel.deleteOne({ _id: userId });
  await forgetGuesses(guessesOf(userId));
}
