import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { changeUser, findUser } from "../users/user.service";
import { changeAccount, type Holder, mailTo } from "./account.service";
import { showComeBack, showGoneAway } from "./auth-mail.view";
import { endSessions } from "./session.service";

/** Takes a user out of sight, in a transaction, until they sign in again. @throws WarbleError CONFLICT */
export async function goAway(app: App, holder: Holder): Promise<void> {
  const { user, account } = holder;
  // Writing here makes a sign-in at the same moment visible: one of the two has to wait.
  if (!(await changeAccount(account, { signedInAt: now() }))) throw new WarbleError("CONFLICT");
  await changeUser(String(user._id), { deactivatedAt: now() });
  await endSessions(app, user._id);
  await mailTo(app, holder, showGoneAway(user.username));
}

/** Has a user who went away be there again: what every sign-in does in its transaction, once it has written to the account. */
export async function comeBack(app: App, holder: Holder): Promise<void> {
  const id = String(holder.user._id);
  const user = await findUser({ id });
  if (!user?.deactivatedAt) return;
  await changeUser(id, { deactivatedAt: null });
  await mailTo(app, holder, showComeBack(user.username));
}
