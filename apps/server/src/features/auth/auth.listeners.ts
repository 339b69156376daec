import type { App } from "../../platform/context";
import type { Listener } from "../../platform/events";
import { transaction } from "../../platform/mongo";
import { findUser } from "../users/user.service";
import { findAccount } from "./account.service";
import { closeAccount } from "./closing.service";

/** Closes the account of somebody who has not verified their address in time. */
export const purgeUnverified: Listener<{ userId: string }> = (app, { userId }) =>
  transaction(() => closeUnlessKept(app, userId));

async function closeUnlessKept(app: App, userId: string): Promise<void> {
  const user = await findUser({ id: userId });
  // Whom an administrator has given a role is somebody they know, and there must stay one.
  if (!user || user.emailVerified || user.role !== "user") return;
  const account = await findAccount(user._id);
  if (account) await closeAccount(app, { user, account });
}
