import { Secret } from "otpauth";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import type { ObjectId } from "../../platform/id";
import { digestOf } from "../../platform/token";
import { type Holder, mailTo } from "./account.service";
import { showRecoveryCodeUsed } from "./auth-mail.view";
import { TotpModel } from "./totp.model";

const COUNT = 10;
// 80 bits, 16 letters of base32: nobody guesses one, so none is counted and a plain digest keeps it.
const BYTES = 10;

/** New recovery codes: as their owner reads them, and as they are stored. */
export function makeRecoveryCodes(userId: ObjectId): { shown: string[]; stored: string[] } {
  const codes = Array.from({ length: COUNT }, () => new Secret({ size: BYTES }).base32.toLowerCase());
  return {
    shown: codes.map((code) => code.replace(/.{4}(?=.)/g, "$&-")),
    stored: codes.map((code) => recoveryDigest(userId, code)),
  };
}

/** How a code is stored; it is given without spaces and dashes, in lower case. */
export const recoveryDigest = (userId: ObjectId, code: string): string => digestOf(`${userId} ${code}`);

/** Uses a recovery code up and tells its owner by mail: of any number at once, one. @throws WarbleError BAD_CODE */
export async function useRecoveryCode(app: App, holder: Holder, digest: string): Promise<void> {
  const left = await TotpModel.findOneAndUpdate(
    { _id: holder.user._id, recoveryCodes: digest },
    { $pull: { recoveryCodes: digest } },
    { returnDocument: "after" },
  ).lean();
  if (!left) throw new WarbleError("BAD_CODE");
  await mailTo(app, holder, showRecoveryCodeUsed(holder.user.username, left.recoveryCodes.length));
}
