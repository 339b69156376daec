import { now, nowMs } from "../../platform/clock";
import { newId, type ObjectId } from "../../platform/id";
import { digestOf, randomSecret } from "../../platform/token";
import { type SecretKind, SecretModel, type SecretRecord } from "./secret.model";

export type { SecretRecord } from "./secret.model";

const inForce = () => ({ expiresAt: { $gt: now() } });

/** Stores a secret of a user; the one before of its kind is dead from then on. @returns when it expires */
export async function storeSecret(
  { userId, kind, ...told }: Pick<SecretRecord, "userId" | "kind" | "hash"> & Partial<SecretRecord>,
  ttl: number,
): Promise<Date> {
  const expiresAt = new Date(nowMs() + ttl * 1000);
  await SecretModel.updateOne(
    { userId, kind },
    { $set: { ...told, attempts: 0, expiresAt }, $setOnInsert: { _id: newId() } },
    { upsert: true },
  );
  return expiresAt;
}

/** Makes and stores a secret that is long enough to be found by its own digest. */
export async function makeSecret(
  userId: ObjectId,
  kind: SecretKind,
  ttl: number,
): Promise<{ secret: string; expiresAt: Date }> {
  const secret = randomSecret();
  return { secret, expiresAt: await storeSecret({ userId, kind, hash: digestOf(secret) }, ttl) };
}

/** Whose secret this is, while it holds. */
export const findSecret = (kind: SecretKind, secret: string): Promise<SecretRecord | null> =>
  SecretModel.findOne({ kind, hash: digestOf(secret), ...inForce() }).lean();

/** Takes one of the attempts at a user's secret before anything is compared; null when none is left. */
export const takeAttempt = (
  userId: ObjectId,
  kind: SecretKind,
  attempts: number,
): Promise<SecretRecord | null> =>
  SecretModel.findOneAndUpdate(
    { userId, kind, attempts: { $lt: attempts }, ...inForce() },
    { $inc: { attempts: 1 } },
    { returnDocument: "after" },
  ).lean();

/** Uses a secret up. @returns whether it was this caller who did: of any number at once, one */
export async function consume({ _id, hash }: SecretRecord): Promise<boolean> {
  const consumed = await SecretModel.deleteOne({ _id, hash, ...inForce() });
  return consumed.deletedCount > 0;
}

/** Makes all that a user was sent to prove something worthless; what undoes a change of address is kept elsewhere. */
export async function dropSecrets(userId: ObjectId): Promise<void> {
  await SecretModel.deleteMany({ userId });
}
