import type { CommonReason, REASONS, ReasonOf } from "@warble/contracts";
import { isWarbleError, type WarbleError } from "./error";

/** The name of a procedure, such as `tweets.create`, or of a call of the chat, such as `chat:send`. */
export type CallName = keyof typeof REASONS;

/** What a call is refused with: the server's reasons for it, those of any call, and those of the way there. */
export type Refusal<Name extends CallName> = WarbleError & {
  reason: ReasonOf<Name> | CommonReason | "UNREACHABLE" | "TIMEOUT" | "ABORTED";
};

/**
 * The refusal that `error` is, with the reasons of this call, so that a switch over them can be complete; null for anything
 * that Warble did not say. A newer server may know more reasons: what is said to people ends with `message`.
 * @param _call which call it was
 * @example
 * catch (error) {
 *   const refusal = refusalOf(error, "tweets.like");
 *   if (refusal?.reason === "TWEET_NOT_FOUND") remove(tweet);
 *   else throw error;
 * }
 */
export const refusalOf = <Name extends CallName>(error: unknown, _call: Name): Refusal<Name> | null =>
  isWarbleError(error) ? (error as Refusal<Name>) : null;
