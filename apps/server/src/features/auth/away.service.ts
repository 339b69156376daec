import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { changeUser, findUser, type UserRecord } from "../users/user.service";
import { isSuspended } from "../visibility/visibility.service";
import { changeAccount, type Holder, mailTo } from "./account.service";
import { showComeBack, showGoneAway } from "./auth-mail.view";
import { endSessions } from "./session.service";

/** Lets nobody in who is shut out. @throws WarbleError ACCOUNT_SUSPENDED */
export function requireActive(user: UserRecord): void {
  if (!isSuspended(user)) return;
  const { suspension } = user;
  const until = suspension?.until ? ` until ${suspension.until.toISOString()}` : "";
  throw new WarbleError("ACCOUNT_SUSPENDED", {
    message: `This account is suspended${until}: ${suspension?.reason}`,
  });
}

/** Takes a user out of sight, in a transaction, until they sign in again. @throws WarbleError CONFLICT */
export async function goAway(app: App, holder: Holder): Promise<void> {
  const { user, account } = holder;
  // Writing here makes a sign-in at the same moment visible: one of the two has to wait.
  if (!(await changeAccount(account, { signedInAt: now() }))) throw new WarbleError("CONFLICT");
  await changeUser(String(user._id), { deactivatedAt: now() });
  await endSessions(app, user._id);
  await mailTo(app, holder, showGoneAway(user.username));
}

/**
 * Has a user who went away be there again: what every sign-in does in its transaction, once it has written to the account.
 * @throws WarbleError ACCOUNT_SUSPENDED when that was a moment ago
 */
export async function comeBack(app: App, holder: Holder): Promise<void> {
  const id = String(holder.user._id);
  const user = await findUser({ id });
  if (user) requireActive(user);
  if (!user?.deactivatedAt) return;
  await changeUser(id, { deactivatedAt: null });
  await mailTo(app, holder, showComeBack(user.username));
}
