import { now, nowMs } from "../../platform/clock";
import type { App } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import { randomSecret } from "../../platform/token";
import { ChallengeModel } from "./challenge.model";

/** Makes a challenge: for a user who adds a passkey, or, without one, for whoever signs in. */
export async function makeChallenge({ config }: App, userId: ObjectId | null): Promise<string> {
  const challenge = randomSecret();
  const expiresAt = new Date(nowMs() + config.policy.challengeTtl * 1000);
  await ChallengeModel.insertMany([{ challenge, userId, expiresAt }]);
  return challenge;
}

/**
 * Uses a challenge up, before the answer to it is looked at.
 * @returns whether it was this caller who did: of any number at once, one
 */
export async function takeChallenge(challenge: string, userId: ObjectId | null): Promise<boolean> {
  const taken = await ChallengeModel.deleteOne({ challenge, userId, expiresAt: { $gt: now() } });
  return taken.deletedCount > 0;
}

/** Forgets the challenges of a user. */
export async function dropChallenges(userId: ObjectId): Promise<void> {
  await ChallengeModel.deleteMany({ userId });
}
