import type { Done, Register } from "@warble/contracts";
import { nowMs } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { isDuplicate, transaction } from "../../platform/mongo";
import { requireStrong } from "../../platform/password-strength";
import {
  contentFlagged,
  filterOf,
  reportFlagged,
  requireAllowedAddress,
  requireAllowedText,
} from "../filters/filter.service";
import { createUser, findUser, usernameKey } from "../users/user.service";
import { createAccount, namesOfHolder, requireHolder } from "./account.service";
import { mayMail } from "./mail-count.service";
import { sendVerification } from "./verification.service";

/** The time to verify an address is over; look whether it was. */
export const registrationLapsed = defineEvent<{ userId: string }>("user.registrationLapsed");

/** Names that would pass for the service itself, or for one of its pages. */
const RESERVED = new Set(
  `about abuse account accounts admin administrator admins anonymous api app apps auth billing blog bot bots
  bookmarks chat contact copyright deleted dev developer developers docs download everyone explore faq feed
  feedback followers following guest hashtag help helpdesk here home hostmaster inbox info jobs legal list lists
  livez login logout mail mailer me media messages metrics mod moderation moderator moderators mods nobody
  noreply notification notifications null official openapi operator owner password postmaster press privacy
  profile readyz register report reset root rules safety search secure security self server service session
  sessions settings signin signout signup socket staff status sudo superuser support sysadmin system team terms
  test timeline timelines trending trends trpc trust tweet tweets undefined unknown update user username users
  verified verify warble warbleapp warbleteam web webmaster welcome www you`.split(/\s+/),
);

const isReserved = (username: string): boolean => RESERVED.has(usernameKey(username).replaceAll("_", ""));

/**
 * Registers somebody and mails them a link. Whether the address is somebody's is told to nobody but its owner, by
 * mail: the answer, the work and what is there afterwards are the same.
 * @throws WarbleError USERNAME_TAKEN, WEAK_PASSWORD, ADDRESS_REFUSED, CONTENT_REFUSED
 */
export async function register(ctx: Context, input: Register): Promise<Done> {
  await requireAllowedAddress(input.email);
  await requireAllowedText(input.username, input.displayName ?? "");
  requireStrong(input.password, namesOfHolder(input));
  if (isReserved(input.username)) throw new WarbleError("USERNAME_TAKEN");
  await requireFree(input.username);
  const passwordHash = await ctx.passwords.hash(input.password);
  const store = () => transaction(() => storeNew(ctx, input, passwordHash));
  // Whoever loses a race looks again, and then sees who has won it.
  await store().catch((error: unknown) => (isDuplicate(error) ? store() : Promise.reject(error)));
  return { ok: true };
}

async function storeNew(ctx: Context, input: Register, passwordHash: string): Promise<void> {
  const { username, displayName = username, email } = input;
  await requireFree(username);
  const user = await createUser(username, displayName);
  await createAccount(user._id, { email, passwordHash });
  const holder = await requireHolder(user._id);
  if (await mayMail(email, "registration")) await sendVerification(ctx, holder);
  await reportIfFlagged(ctx, String(user._id), input);
  const lapses = new Date(nowMs() + ctx.config.policy.unverifiedKeptFor * 1000);
  await ctx.jobs.emit(registrationLapsed, { userId: String(user._id) }, { runAt: lapses });
}

async function reportIfFlagged(ctx: Context, targetId: string, input: Register): Promise<void> {
  const target = { targetType: "user" as const, targetId };
  if (filterOf(input.email)) await ctx.jobs.emit(contentFlagged, target);
  else await reportFlagged(ctx, target, [input.username, input.displayName ?? ""]);
}

async function requireFree(username: string): Promise<void> {
  if (await findUser({ username })) throw new WarbleError("USERNAME_TAKEN");
}
