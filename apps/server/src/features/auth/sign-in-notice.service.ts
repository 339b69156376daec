import { now, nowMs } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { deviceOf } from "../../platform/device";
import { networkOf } from "../../platform/rate-limit";
import type { UserRecord } from "../users/user.service";
import { mailTo, requireHolder } from "./account.service";
import { showSignedIn } from "./auth-mail.view";
import { SessionModel } from "./session.model";
import { showNetwork } from "./session.view";

const countries = new Intl.DisplayNames(["en"], { type: "region" });

/**
 * Mails somebody who is being signed in from a device that they have no session of, ended or not, unless it is the
 * first after they have registered. Runs in the transaction of the session, before it is stored.
 */
export async function tellOfNewDevice(
  ctx: Context,
  { _id: userId, emailVerified }: UserRecord,
): Promise<void> {
  // An address that was never proved may be a stranger's.
  if (!emailVerified) return;
  const network = networkOf(ctx.ip);
  if (await SessionModel.exists({ userId, network, userAgent: ctx.userAgent })) return;
  const holder = await requireHolder(userId);
  if (await isFirst(ctx, holder.account)) return;
  const country = await ctx.places.countryOf(network);
  const signIn = {
    // Not the name that the client gives: whoever has stolen a password would write into this mail.
    device: deviceOf(ctx.userAgent) ?? "an unknown device",
    place: `${country ? `${countries.of(country)}, ` : ""}network ${showNetwork(network)}`,
    at: now(),
  };
  await mailTo(ctx, holder, showSignedIn(holder.user.username, signIn));
}

/** Sessions are kept for some weeks, so who has none has either just registered, or not been here for that long. */
async function isFirst(
  { config }: Context,
  account: { _id: UserRecord["_id"]; createdAt: Date },
): Promise<boolean> {
  const isNew = nowMs() - account.createdAt.getTime() < config.policy.refreshTtl * 1000;
  return isNew && !(await SessionModel.exists({ userId: account._id }));
}
