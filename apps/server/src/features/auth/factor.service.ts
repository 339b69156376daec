import type { Login, SecondFactor } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import type { ObjectId } from "../../platform/id";
import { both } from "../../platform/mongo";
import type { Holder } from "./account.service";
import { dropChallenges } from "./challenge.service";
import { countPasskeys, removePasskeys } from "./passkey.service";
import { provePasskey } from "./passkey-check.service";
import { findTotp, proveCode, removeTotp, type UseFactor } from "./totp.service";

/** What a user has beside the password. */
export async function factorsOf(userId: ObjectId): Promise<SecondFactor> {
  const [totp, passkeys] = await both(
    () => findTotp(userId),
    () => countPasskeys(userId),
  );
  return { totp: totp !== null, recoveryCodes: totp?.recoveryCodes.length ?? 0, passkeys };
}

/** What somebody gives beside the password, and from where. */
interface Given extends Pick<Login, "code" | "passkey"> {
  device: string | null;
}

/**
 * Asks for a second factor whoever has given the password right and has an authenticator app in force; a passkey
 * stands in for its code.
 * @returns what uses up what was given, in the transaction that signs in
 * @throws WarbleError SECOND_FACTOR_REQUIRED, BAD_CODE, BAD_PASSKEY, RATE_LIMITED
 */
export async function proveFactor(
  ctx: Context,
  holder: Holder,
  { code, passkey, device }: Given,
): Promise<UseFactor> {
  const userId = holder.user._id;
  const totp = await findTotp(userId);
  if (!totp) return async () => undefined;
  if (passkey) return (await provePasskey(ctx, passkey, userId)).use;
  if (code !== undefined) return proveCode(ctx, { holder, totp, device }, code);
  const orPasskey = (await countPasskeys(userId)) > 0 ? ", or use a passkey" : "";
  throw new WarbleError("SECOND_FACTOR_REQUIRED", {
    message: `Give a code of your authenticator app or a recovery code${orPasskey}.`,
  });
}

/** Takes away all that a user has beside the password, in the transaction that removes them. */
export async function removeFactors(userId: ObjectId): Promise<void> {
  await removeTotp(userId);
  await removePasskeys(userId);
  await dropChallenges(userId);
}
