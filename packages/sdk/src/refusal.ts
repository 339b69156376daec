import {
  COMMON_REASONS,
  type CommonReason,
  REASONS,
  type ReasonOf,
  type ReasonTable,
} from "@warble/contracts";
import { isWarbleError, type WarbleError } from "./error";

/** The name of a procedure, such as `tweets.create`, or of a call of the chat, such as `chat:send`. */
export type CallName = keyof typeof REASONS;

/** Why a call fails that no server has refused. */
const ON_THE_WAY = ["UNREACHABLE", "TIMEOUT", "ABORTED"] as const;

/** What a call is refused with: the server's reasons for it, those of any call, and those of the way there. */
export type Refusal<Name extends CallName> = WarbleError & {
  reason: ReasonOf<Name> | CommonReason | (typeof ON_THE_WAY)[number];
};

const COMMON: readonly string[] = [...COMMON_REASONS, ...ON_THE_WAY];

/**
 * The refusal that `error` is of this call, so that a switch over its reasons can be complete; null for anything else,
 * such as a reason that only a newer server knows.
 * @example
 * catch (error) {
 *   const refusal = refusalOf(error, "tweets.like");
 *   if (refusal?.reason === "TWEET_NOT_FOUND") remove(tweet);
 *   else throw error;
 * }
 */
export function refusalOf<Name extends CallName>(error: unknown, call: Name): Refusal<Name> | null {
  if (!isWarbleError(error)) return null;
  const own: readonly string[] = (REASONS as ReasonTable)[call] ?? [];
  return own.includes(error.reason) || COMMON.includes(error.reason) ? (error as Refusal<Name>) : null;
}
