import { LIMITS } from "@warble/contracts";
import { now, nowMs } from "./clock";
import type { App, Context } from "./context";
import { toWarbleError, WarbleError } from "./error";
import { newId, type ObjectId } from "./id";
import { isDuplicate, modelOf, type Stored, schemaOf } from "./mongo";
import { networkOf } from "./rate-limit";

const KEPT_MS = 24 * 3_600_000;
// Longer than a call goes on: whoever holds one for so long has died.
const LEASE_MS = 30_000;
const WAIT_SECONDS = 1;

/** A call under a client's key: what it asked for, and what was answered. */
interface OnceRecord extends Stored {
  /** Whose it is, when somebody was signed in, and a digest of which call it is, under which key. */
  key: string;
  /** A digest of what was asked. */
  input: string;
  /** Sealed, as it may say what belongs to others; null while it is being done. */
  answer: string | null;
  /** Until then whoever does it is believed to be alive. */
  leaseUntil: Date;
  expiresAt: Date;
}

const schema = schemaOf<OnceRecord>({
  key: { type: String, required: true, unique: true },
  input: { type: String, required: true },
  answer: { type: String, default: null },
  leaseUntil: { type: Date, required: true },
  expiresAt: { type: Date, required: true, expires: 0 },
});

const OnceModel = modelOf<OnceRecord>("Once", schema, "onces");

/** The key of a call by its place in the request; undefined without one. @throws WarbleError BAD_REQUEST */
export function keyOf({ keys }: Pick<Context, "keys">, place: number): string | undefined {
  if (!keys) return undefined;
  const key = keys[place];
  if (key && key.length <= LIMITS.idempotencyKey) return key;
  throw new WarbleError("BAD_REQUEST", {
    message: `An idempotency key has 1 to ${LIMITS.idempotencyKey} characters; a batch has one for each call, with commas between.`,
  });
}

interface Keyed {
  path: string;
  key: string;
  input: unknown;
}

/** A call that has begun; `answered` holds what came of it, if it has been done. */
interface Claim {
  _id: ObjectId;
  answered: { data: unknown } | null;
}

/**
 * Begins a call under a key: with an answer it has been done already, without one it is the caller's to do and `settle`.
 * Whoever takes over from one that died has the same `_id`.
 * @throws WarbleError IDEMPOTENCY_MISMATCH when the key stood for another input, CONFLICT while another does it
 */
export async function claim(ctx: Context, { path, key, input }: Keyed): Promise<Claim> {
  const { tokens, viewer, ip } = ctx;
  const by = viewer ? viewer.id : networkOf(ip);
  const mine: OnceRecord = {
    _id: newId(),
    key: `${viewer?.id ?? ""} ${tokens.digest(JSON.stringify([by, path, key]))}`,
    // Keyed, as it may hold a password.
    input: tokens.digest(JSON.stringify([input])),
    answer: null,
    leaseUntil: leased(),
    expiresAt: new Date(nowMs() + KEPT_MS),
  };
  try {
    await OnceModel.insertMany([mine], { lean: true });
    return { _id: mine._id, answered: null };
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return claimAgain(ctx, mine);
  }
}

async function claimAgain({ tokens }: App, { key, input }: OnceRecord): Promise<Claim> {
  const found = await OnceModel.findOne({ key }).lean();
  if (found && found.input !== input) throw new WarbleError("IDEMPOTENCY_MISMATCH");
  if (found && found.answer !== null) return { _id: found._id, answered: await tokens.unseal(found.answer) };
  const left = { key, answer: null, leaseUntil: { $lte: now() } };
  const taken = found && (await OnceModel.findOneAndUpdate(left, { leaseUntil: leased() }).lean());
  if (!taken) throw new WarbleError("CONFLICT", { retryAfter: WAIT_SECONDS });
  return { _id: taken._id, answered: null };
}

/** Keeps what was answered to a claimed call. A refusal is not kept: the next under the key begins anew. */
export async function settle(
  { log, tokens }: App,
  { _id }: Claim,
  result: { ok: true; data: unknown } | { ok: false; error: unknown },
): Promise<void> {
  const keep = async () => {
    if (result.ok) await OnceModel.updateOne({ _id }, { answer: await tokens.seal({ data: result.data }) });
    else if (isDecided(result.error)) await OnceModel.deleteOne({ _id });
    else await OnceModel.updateOne({ _id }, { leaseUntil: now() });
  };
  // What the call has come to stands all the same.
  await keep().catch((error: unknown) => log.warn({ err: error }, "an answer could not be kept"));
}

/** Whether nothing was done: a database that went away may have done it. */
const isDecided = (error: unknown): boolean => !/^(UNAVAILABLE|INTERNAL)$/.test(toWarbleError(error).reason);

const leased = () => new Date(nowMs() + LEASE_MS);

/** Forgets what was answered to a user. */
export async function forgetAnswers(userId: ObjectId): Promise<void> {
  await OnceModel.deleteMany({ key: new RegExp(`^${userId} `) });
}
