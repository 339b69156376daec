import type { Login, LoginWithPasskey, PasskeyRequest, SignedIn } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { findUser, type UserRecord } from "../users/user.service";
import {
  type AccountRecord,
  changeAccount,
  emailKey,
  findAccount,
  findAccountByProved,
  type Holder,
  requireHolder,
} from "./account.service";
import { showMe } from "./account.view";
import { comeBack, requireActive } from "./away.service";
import { makeChallenge } from "./challenge.service";
import { proveFactor } from "./factor.service";
import { showRequest } from "./passkey.view";
import { provePasskey } from "./passkey-check.service";
import { provePassword } from "./password.service";
import { knownDevice, openSession } from "./session.service";

/**
 * Signs in by username or proved e-mail address. Every failure is the same to whoever does not know the password.
 * @throws WarbleError BAD_CREDENTIALS, SECOND_FACTOR_REQUIRED, BAD_CODE, BAD_PASSKEY, RATE_LIMITED, ACCOUNT_SUSPENDED
 */
export async function login(
  ctx: Context,
  { identifier, password, device, ...given }: Login,
): Promise<SignedIn> {
  const name = emailKey(identifier);
  const { user, account } = await findHolder(name);
  const known = await knownDevice(ctx, user?._id ?? newId());
  const proved = await provePassword(ctx, { name, account, device: known }, password);
  if (!user) throw new WarbleError("BAD_CREDENTIALS");
  requireActive(user);
  const holder = { user, account: proved };
  const use = await proveFactor(ctx, holder, { ...given, device: known });
  const outdated = ctx.passwords.isOutdated(proved.passwordHash);
  const rehashed = outdated && { passwordHash: await ctx.passwords.hash(password) };
  const prove = async () => {
    // Writing here makes a change of the password at the same moment visible: one of the two has to wait.
    if (!(await changeAccount(proved, { signedInAt: now(), ...rehashed }))) {
      throw new WarbleError("BAD_CREDENTIALS");
    }
    await use();
  };
  return signIn(ctx, holder, { device, prove });
}

/** Begins to sign in with a passkey. Whose it is shows only when it has answered, so nothing is told of anybody. */
export const beginPasskeyLogin = async (ctx: Context): Promise<PasskeyRequest> =>
  showRequest(ctx, await makeChallenge(ctx, null));

/** Signs in with a passkey and nothing else. @throws WarbleError BAD_PASSKEY, ACCOUNT_SUSPENDED */
export async function loginWithPasskey(
  ctx: Context,
  { device, ...proof }: LoginWithPasskey,
): Promise<SignedIn> {
  const { userId, use } = await provePasskey(ctx, proof);
  const holder = await requireHolder(userId);
  requireActive(holder.user);
  const prove = async () => {
    if (!(await changeAccount(holder.account, { signedInAt: now() }))) throw new WarbleError("CONFLICT");
    await use();
  };
  return signIn(ctx, holder, { device, prove });
}

interface SignIn {
  device: string | undefined;
  /** Uses up what proves who it is, in the transaction that opens the session. */
  prove: () => Promise<void>;
}

async function signIn(ctx: Context, holder: Holder, { device, prove }: SignIn): Promise<SignedIn> {
  const open = async () => {
    await prove();
    await comeBack(ctx, holder);
    return openSession(ctx, holder.user, device);
  };
  const tokens = await inTurn([String(holder.user._id)], () => transaction(open));
  return { user: await showMe(holder), tokens };
}

/**
 * Both records, by as many reads whether or not there is anybody. Nobody signs in by an address that is only claimed:
 * whoever claims another's would learn from it that it is another's.
 */
async function findHolder(name: string): Promise<{ user: UserRecord | null; account: AccountRecord | null }> {
  if (name.includes("@")) {
    const account = await findAccountByProved(name);
    return { account, user: await findUser({ id: String(account?._id ?? newId()) }) };
  }
  const user = await findUser({ username: name });
  return { user, account: await findAccount(user?._id ?? newId()) };
}
