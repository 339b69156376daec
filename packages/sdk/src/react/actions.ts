import { useCallback } from "react";
import type { Followable, Likeable, Retweetable } from "../optimistic";
import { useWarble } from "./provider";
import { switchesOf } from "./switches";

/** Shows it at once, wherever it is shown, then asks the server. @throws WarbleError when it is refused, and shown no more */
export type SwitchTo<Thing> = (thing: Thing, on: boolean) => Promise<void>;

/**
 * Likes tweets and comments, or no longer, at once.
 * @example
 * const like = useLike();
 * <button onClick={() => like(tweet, !tweet.viewer?.liked).catch(showError)}>{tweet.counts.likes}</button>
 */
export function useLike(): SwitchTo<Likeable> {
  const { likes } = switchesOf(useWarble());
  return useCallback((post, on) => likes.set(post, on), [likes]);
}

/** Retweets tweets, or no longer, at once. */
export function useRetweet(): SwitchTo<Retweetable> {
  const { retweets } = switchesOf(useWarble());
  return useCallback((tweet, on) => retweets.set(tweet, on), [retweets]);
}

/** Follows users, or no longer, at once. */
export function useFollow(): SwitchTo<Followable> {
  const { follows } = switchesOf(useWarble());
  return useCallback((user, on) => follows.set(user, on), [follows]);
}
