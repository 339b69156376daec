import { now, nowMs } from "../../platform/clock";
import { newId, type ObjectId } from "../../platform/id";
import { digestOf, randomSecret } from "../../platform/token";
import { EmailUndoModel, type EmailUndoRecord } from "./email-undo.model";

/**
 * Makes what puts an address back, for `ttl` seconds. It outlives a change of the password and further changes of the
 * address: those are the first moves of somebody who has taken an account.
 */
export async function makeUndo(
  { userId, email }: Pick<EmailUndoRecord, "userId" | "email">,
  ttl: number,
): Promise<{ secret: string; expiresAt: Date }> {
  const secret = randomSecret();
  const expiresAt = new Date(nowMs() + ttl * 1000);
  await EmailUndoModel.insertMany([{ _id: newId(), userId, email, hash: digestOf(secret), expiresAt }]);
  return { secret, expiresAt };
}

/** What a token puts back, while it may. */
export const findUndo = (token: string): Promise<EmailUndoRecord | null> =>
  EmailUndoModel.findOne({ hash: digestOf(token), expiresAt: { $gt: now() } }).lean();

/**
 * Uses it up, and with it whatever puts back an address that was taken later: that may have been a thief's. What was
 * left earlier can still be put back.
 * @returns whether it was this caller who did: of any number at once, one
 */
export async function consumeUndo({ _id, userId }: EmailUndoRecord): Promise<boolean> {
  const consumed = await EmailUndoModel.deleteOne({ _id, expiresAt: { $gt: now() } });
  if (consumed.deletedCount === 0) return false;
  await EmailUndoModel.deleteMany({ userId, _id: { $gt: _id } });
  return true;
}

/** Takes away what a removed user could have put back. */
export async function removeUndos(userId: ObjectId): Promise<void> {
  await EmailUndoModel.deleteMany({ userId });
}
