import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import type { ObjectId } from "../../platform/id";
import { type Mail, queueMail } from "../../platform/mailer";
import { changeUser, findUser, type UserRecord } from "../users/user.service";
import { AccountModel, type AccountRecord } from "./account.model";

export type { AccountRecord } from "./account.model";

/** The key by which an e-mail address is looked up. */
export const emailKey = (email: string): string => email.normalize("NFKC").trim().toLowerCase();

/** Stores what a new user signs in with. The address is only claimed: see `proveAddress`. */
export async function createAccount(
  userId: ObjectId,
  { email, passwordHash }: Pick<AccountRecord, "email" | "passwordHash">,
): Promise<void> {
  await AccountModel.insertMany([
    { _id: userId, email, emailKey: emailKey(email), passwordHash, createdAt: now() },
  ]);
}

/** What a user signs in with. */
export const findAccount = (userId: ObjectId): Promise<AccountRecord | null> =>
  AccountModel.findOne({ _id: userId }).lean();

/** Whose address this is: of those who claim it, whoever has proved it, else whoever was first. */
export const findAccountByEmail = (email: string): Promise<AccountRecord | null> =>
  AccountModel.findOne({ emailKey: emailKey(email) })
    .sort({ emailVerified: -1, _id: 1 })
    .lean();

/** Who has proved this address. */
export const findAccountByProved = (email: string): Promise<AccountRecord | null> =>
  AccountModel.findOne({ emailKey: emailKey(email), emailVerified: true }).lean();

/** The address is this user's from now on. Fails as a duplicate when it is another's already. */
export async function proveAddress(userId: ObjectId): Promise<void> {
  await AccountModel.updateOne({ _id: userId }, { emailVerified: true });
  await changeUser(String(userId), { emailVerified: true });
}

/** Gives a user another address, which they have proved. Fails as a duplicate when it is another's already. */
export async function changeAddress(userId: ObjectId, email: string): Promise<void> {
  await AccountModel.updateOne({ _id: userId }, { email, emailKey: emailKey(email) });
  await proveAddress(userId);
}

/**
 * Changes an account, if its password is still the one that the caller looked at.
 * @returns whether it was
 */
export async function changeAccount(
  { _id, passwordHash }: AccountRecord,
  change: Partial<Pick<AccountRecord, "passwordHash" | "signedInAt" | "factorsChangedAt">>,
): Promise<boolean> {
  const changed = await AccountModel.updateOne({ _id, passwordHash }, { $set: change });
  return changed.matchedCount > 0;
}

/**
 * Takes away what a user signs in with, if its password is still the one that the caller looked at.
 * @returns whether it was
 */
export async function removeAccount({ _id, passwordHash }: AccountRecord): Promise<boolean> {
  const removed = await AccountModel.deleteOne({ _id, passwordHash });
  return removed.deletedCount > 0;
}

/** Has whoever signs in at this moment look again, in the transaction that ends sessions. */
export async function stopSigningIn(userId: ObjectId): Promise<void> {
  await AccountModel.updateOne({ _id: userId }, { sessionsEndedAt: now() });
}

/** Queues a mail to a user, in the transaction of its cause. */
export const mailTo = (
  app: App,
  { account, user }: Holder,
  mail: Pick<Mail, "subject" | "text" | "expiresAt">,
): Promise<void> => queueMail(app, { to: account.email, toName: user.username, ...mail });

/** Somebody with what they sign in with. */
export interface Holder {
  user: UserRecord;
  account: AccountRecord;
}

/** Who this is and what they sign in with. @throws WarbleError NOT_SIGNED_IN when their account was closed meanwhile */
export async function requireHolder(userId: ObjectId): Promise<Holder> {
  const [user, account] = [await findUser({ id: String(userId) }), await findAccount(userId)];
  if (!user || !account) throw new WarbleError("NOT_SIGNED_IN");
  return { user, account };
}

/** What everybody may know of somebody, and so what their password must not be made of. */
export const namesOfHolder = ({ username, email }: { username: string; email: string }): string[] => [
  username,
  email.slice(0, email.lastIndexOf("@")),
];
