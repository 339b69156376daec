import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { changeUser, usernameKey } from "../users/user.service";
import { emailKey, type Holder, removeAccount } from "./account.service";
import { removeUndos } from "./email-undo.service";
import { removeFactors } from "./factor.service";
import { forgetGuesses } from "./guess.service";
import { dropSecrets } from "./secret.service";
import { endSessions } from "./session.service";

/** An account was closed for good: what is its user's is to be taken away. */
export const accountClosed = defineEvent<{ userId: string }>("account.closed");

/**
 * Closes an account for good, in a transaction: from then on nobody signs in to it, and nobody sees its user. Their name
 * is free when all that is theirs has been taken away.
 * @throws WarbleError CONFLICT when the account is changed or closed at the same moment
 */
export async function closeAccount(app: App, { user, account }: Holder): Promise<void> {
  if (!(await removeAccount(account))) throw new WarbleError("CONFLICT");
  await changeUser(String(user._id), { deletedAt: now() });
  // They are kept a little longer, so that other nodes see that they have ended.
  await endSessions(app, user._id);
  await removeFactors(user._id);
  await dropSecrets(user._id);
  await removeUndos(user._id);
  await forgetGuesses(usernameKey(user.username), emailKey(account.email));
  await app.jobs.emit(accountClosed, { userId: String(user._id) });
}
