import type { Login, SignedIn } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { findUser, type UserRecord } from "../users/user.service";
import { isSuspended } from "../visibility/visibility.service";
import {
  type AccountRecord,
  changeAccount,
  emailKey,
  findAccount,
  findAccountByProved,
} from "./account.service";
import { showMe } from "./account.view";
import { provePassword } from "./password.service";
import { knownDevice, openSession } from "./session.service";

/**
 * Signs in by username or proved e-mail address. Every failure is the same to whoever does not know the password.
 * @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED, ACCOUNT_SUSPENDED
 */
export async function login(ctx: Context, { identifier, password, device }: Login): Promise<SignedIn> {
  const name = emailKey(identifier);
  const { user, account } = await findHolder(name);
  const proved = await provePassword(
    ctx,
    { name, account, device: await knownDevice(ctx, user?._id ?? newId()) },
    password,
  );
  if (!user) throw new WarbleError("BAD_CREDENTIALS");
  if (isSuspended(user)) throw suspended(user);
  const rehashed = ctx.passwords.isOutdated(proved.passwordHash) && {
    passwordHash: await ctx.passwords.hash(password),
  };
  const tokens = await transaction(async () => {
    // Writing here makes a change of the password at the same moment visible: one of the two has to wait.
    if (!(await changeAccount(proved, { signedInAt: now(), ...rehashed }))) {
      throw new WarbleError("BAD_CREDENTIALS");
    }
    return openSession(ctx, user, device);
  });
  return { user: await showMe({ user, account: proved }), tokens };
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

function suspended({ suspension }: UserRecord): WarbleError {
  const until = suspension?.until ? ` until ${suspension.until.toISOString()}` : "";
  return new WarbleError("ACCOUNT_SUSPENDED", {
    message: `This account is suspended${until}: ${suspension?.reason}`,
  });
}
