import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import type { Mail } from "../../platform/mailer";
import { transaction } from "../../platform/mongo";
import { changeAccount, type Holder, mailTo, requireHolder } from "./account.service";
import { requireFresh } from "./session.service";

/**
 * Changes what the viewer signs in with beside the password, and tells them by mail. The step-up is asked for in the
 * same transaction, and the account written, so that no change slips in beside a reset or a removal.
 * @param work makes the change and answers what the mail says
 * @throws WarbleError REAUTH_REQUIRED, CONFLICT
 */
export async function changeFactors(
  ctx: ViewerContext,
  work: (holder: Holder) => Promise<Pick<Mail, "subject" | "text">>,
): Promise<void> {
  await transaction(async () => {
    await requireFresh(ctx);
    const holder = await requireHolder(oid(ctx.viewer.id));
    if (!(await changeAccount(holder.account, { factorsChangedAt: now() })))
      throw new WarbleError("CONFLICT");
    await mailTo(ctx, holder, await work(holder));
  });
}
