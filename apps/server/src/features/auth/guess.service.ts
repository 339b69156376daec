import { nowMs } from "../../platform/clock";
import { WarbleError } from "../../platform/error";
import { newId } from "../../platform/id";
import { isDuplicate } from "../../platform/mongo";
import type { GuessPolicy } from "../../platform/policy";
import { digestOf } from "../../platform/token";
import { GuessModel, type GuessRecord } from "./guess.model";

const KEPT_MS = 365 * 24 * 3_600_000;
const ROUNDS = 100;

/**
 * Takes one guess at what goes with `name`, such as a password, before anything is compared: of any number at once, no
 * more are looked at than the policy allows. Names are counted one by one, and alike whether or not somebody has
 * them, so that a refusal tells neither who exists nor which address goes with which username.
 * @returns how many seconds to wait instead; 0 when the guess was taken
 */
async function takeGuess(policy: GuessPolicy, name: string): Promise<number> {
  const key = digestOf(name);
  for (let round = 0; round < ROUNDS; round++) {
    const known = await GuessModel.findOne({ key }).lean();
    const at = nowMs();
    if (known && known.failures >= policy.stop) return policy.longestWait;
    if (known && known.nextAt.getTime() > at) return Math.ceil((known.nextAt.getTime() - at) / 1000);
    if (await store(key, known, countGuess(policy, known, at))) return 0;
  }
  throw new WarbleError("BUSY", { retryAfter: 1 });
}

/** Who guesses at something. */
export interface Guesser {
  /** What the guesses at it are counted by. */
  name: string;
  /** Where its owner has signed in before, by this very device; null when they have not. */
  device: string | null;
  /** What whoever has to wait may do instead. */
  instead: string;
}

/**
 * Takes a guess, then compares. Where others have guessed too often, a device that was signed in before is still
 * listened to, so that nobody can lock a user out; only its right answer counts.
 * @returns what `compare` found; null when the guess was wrong
 * @throws WarbleError RATE_LIMITED
 */
export async function guess<T>(
  policy: GuessPolicy,
  { name, device, instead }: Guesser,
  compare: () => Promise<T | null>,
): Promise<T | null> {
  const wait = await takeGuess(policy, name);
  if (wait > 0) {
    const heard = device !== null && (await takeGuess({ ...policy, free: policy.stop }, device)) === 0;
    if (!heard) throw tooMany(wait, instead);
  }
  const found = await compare();
  if (found !== null) await forgetGuesses(name, device ?? name);
  else if (wait > 0) throw tooMany(wait, instead);
  return found;
}

const tooMany = (retryAfter: number, instead: string): WarbleError =>
  new WarbleError("RATE_LIMITED", {
    message: `Too many wrong guesses: wait as long as retryAfter says, or ${instead}.`,
    retryAfter,
  });

/** Forgets the guesses at what has been given right or replaced. */
export async function forgetGuesses(...names: string[]): Promise<void> {
  await GuessModel.deleteMany({ key: { $in: names.map(digestOf) } });
}

type Count = Pick<GuessRecord, "failures" | "burst" | "nextAt">;

function countGuess(policy: GuessPolicy, known: Count | null, at: number): Count {
  const quiet = !known || at - known.nextAt.getTime() >= policy.quiet * 1000;
  const burst = (quiet ? 0 : known.burst) + 1;
  const wait = burst < policy.free ? 0 : Math.min(policy.longestWait, 2 ** (burst - policy.free));
  return { failures: (known?.failures ?? 0) + 1, burst, nextAt: new Date(at + wait * 1000) };
}

/** Writes the count unless somebody else has counted meanwhile. */
async function store(key: string, known: GuessRecord | null, count: Count): Promise<boolean> {
  const next = { ...count, expiresAt: new Date(nowMs() + KEPT_MS) };
  if (known) {
    const stored = await GuessModel.updateOne({ _id: known._id, failures: known.failures }, { $set: next });
    return stored.modifiedCount > 0;
  }
  try {
    await GuessModel.insertMany([{ _id: newId(), key, ...next }]);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
