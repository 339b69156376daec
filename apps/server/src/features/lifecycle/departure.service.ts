import type { DeleteAccount, Done } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { type Holder, mailTo, requireHolder } from "../auth/account.service";
import { showDeleted } from "../auth/auth-mail.view";
import { goAway } from "../auth/away.service";
import { closeAccount } from "../auth/closing.service";
import { proveOwn } from "../auth/password.service";
import { requireFresh } from "../auth/session.service";
import { giveUpRole } from "../moderation/moderation.service";

const DONE: Done = { ok: true };

/**
 * Hides the viewer and all that is theirs until they sign in again, and signs them out everywhere. A role is given back.
 * @throws WarbleError REAUTH_REQUIRED, LAST_ADMIN
 */
export async function deactivate(ctx: ViewerContext): Promise<Done> {
  await requireFresh(ctx);
  await leaving(ctx, (holder) => goAway(ctx, holder));
  return DONE;
}

/**
 * Closes the viewer's account for good, and has all that is theirs taken away. A role is given back.
 * @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED, LAST_ADMIN, CONFLICT when the password is changed at the same moment
 */
export async function deleteAccount(ctx: ViewerContext, { password }: DeleteAccount): Promise<Done> {
  const { account } = await proveOwn(ctx, password);
  await leaving(ctx, async ({ user }) => {
    await mailTo(ctx, { user, account }, showDeleted(user.username));
    await closeAccount(ctx, { user, account });
  });
  return DONE;
}

const leaving = (ctx: ViewerContext, leave: (holder: Holder) => Promise<void>): Promise<void> =>
  transaction(async () => {
    const holder = await requireHolder(oid(ctx.viewer.id));
    await giveUpRole(holder.user);
    await leave(holder);
  });
