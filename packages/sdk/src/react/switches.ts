import type { QueryClient } from "@tanstack/react-query";
import type { TweetState } from "@warble/contracts";
import type { Warble } from "../index";
import {
  type Followable,
  type FollowedState,
  following,
  type Likeable,
  type LikeState,
  liking,
  Optimistic,
  type Retweetable,
  retweeting,
} from "../optimistic";
import { rewrite, rewriteCache, type Thing } from "./cache";

/** What a client switches at once, in every cache that shows what it answered. */
export interface Switches {
  likes: Optimistic<Likeable, LikeState>;
  retweets: Optimistic<Retweetable, TweetState>;
  follows: Optimistic<Followable, FollowedState>;
  caches: Set<QueryClient>;
}

const known = new WeakMap<Warble, Switches>();

/** The switches of a client: the same for all who ask. */
export function switchesOf(warble: Warble): Switches {
  const switches = known.get(warble) ?? makeSwitches(warble);
  known.set(warble, switches);
  return switches;
}

/** An answer, with what was switched since it was asked for: it may be older than what is shown. */
export function reapplied<T>(warble: Warble, answer: T, since: number): T {
  const { likes, retweets, follows } = switchesOf(warble);
  return rewrite(answer, (thing) => {
    let next = thing;
    if (isLikeable(next)) next = likes.over(next, since);
    if (isRetweetable(next)) next = retweets.over(next, since);
    if (isFollowable(next)) next = follows.over(next, since);
    return next;
  });
}

function makeSwitches(warble: Warble): Switches {
  const { tweets, comments, users } = warble.api;
  const caches = new Set<QueryClient>();
  const showing =
    <T extends { id: string }>(isOne: (thing: Thing) => thing is T & Thing) =>
    (id: string, change: (thing: T & Thing) => T & Thing) => {
      for (const cache of caches) {
        rewriteCache(cache, (thing) => (thing.id === id && isOne(thing) ? change(thing) : thing));
      }
    };
  return {
    likes: new Optimistic(liking, {
      send: (post, on) =>
        ("tweetId" in post ? comments : tweets)[on ? "like" : "unlike"].mutate({ id: post.id }),
      show: showing(isLikeable),
    }),
    retweets: new Optimistic(retweeting, {
      send: ({ id }, on) => tweets[on ? "retweet" : "unretweet"].mutate({ id }),
      show: showing(isRetweetable),
    }),
    follows: new Optimistic(following, {
      send: ({ id }, on) => users[on ? "follow" : "unfollow"].mutate({ id }),
      show: showing(isFollowable),
    }),
    caches,
  };
}

const has = (thing: unknown, name: string): boolean =>
  typeof thing === "object" && thing !== null && name in thing;

const isLikeable = (thing: Thing): thing is Likeable & Thing =>
  has(thing.counts, "likes") && "viewer" in thing && "id" in thing;
const isRetweetable = (thing: Thing): thing is Retweetable & Thing =>
  has(thing.counts, "retweets") && "viewer" in thing && "id" in thing;
/** Whether this is a user, as a card or with all that they say of themselves. */
export const isFollowable = (thing: Thing): thing is Followable & Thing =>
  "username" in thing && "protected" in thing && "viewer" in thing && "id" in thing;
