import type { App } from "../../platform/context";
import type { Listener } from "../../platform/events";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { removeMutes } from "../mutes/mute.service";
import { removeEdges } from "../relationships/follow.service";
import { findUser, removeUser, usernameKey } from "../users/user.service";
import { removeAccount } from "./account.service";
import { removeUndos } from "./email-undo.service";
import { removeFactors } from "./factor.service";
import { forgetGuesses } from "./guess.service";
import { dropSecrets } from "./secret.service";
import { removeSessions } from "./session.service";

/**
 * Removes somebody who has not verified their address in time, and frees their name. They could write nothing, so
 * what is left is who follows them: nobody can once they are gone, and a try that was cut off is taken up from there.
 */
export const purgeUnverified: Listener<{ userId: string }> = async (app, { userId }) => {
  if (await transaction(() => isKept(app, userId))) return;
  await removeEdges(app, oid(userId));
  await removeMutes(oid(userId));
};

async function isKept(app: App, userId: string): Promise<boolean> {
  const user = await findUser({ id: userId });
  if (!user) return false;
  // Whom an administrator has given a role is somebody they know, and there must stay one.
  if (user.emailVerified || user.role !== "user") return true;
  await removeUser(user._id);
  await removeAccount(user._id);
  await removeFactors(user._id);
  await removeSessions(app, user._id);
  await dropSecrets(user._id);
  await removeUndos(user._id);
  await forgetGuesses(usernameKey(user.username));
  return false;
}
