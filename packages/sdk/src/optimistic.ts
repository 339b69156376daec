import type { Relationship, TweetCounts, TweetState, UserCard, UserCounts } from "@warble/contracts";

/** How long an answer that was asked for before a switch may still come in after it. */
const KEPT_MS = 60_000;

/** Something that is on or off for the viewer, and how a thing looks with it. */
export interface Switch<Thing, State> {
  isOn: (thing: Thing) => boolean;
  /** The thing as it will be: counts, and what the viewer sees of themselves. Itself when nothing changes. */
  as: <T extends Thing>(thing: T, on: boolean) => T;
  /** The thing with what the server's answer says of this switch, and of nothing else. */
  settle: <T extends Thing>(thing: T, state: State) => T;
}

/** A tweet or a comment. */
export interface Likeable {
  id: string;
  viewer: { liked: boolean } | null;
  counts: { likes: number };
}
/** Where liking a tweet or a comment has led. */
export type LikeState = { viewer: { liked: boolean }; counts: { likes: number } };
/** A tweet. */
export interface Retweetable {
  id: string;
  viewer: { retweeted: boolean } | null;
  counts: Pick<TweetCounts, "retweets">;
}
/** A user, with counts or as a card. */
export type Followable = Pick<UserCard, "id" | "protected" | "viewer"> & { counts?: UserCounts };
/** Where following has led. */
export type FollowedState = { viewer: Relationship; counts: UserCounts };

const step = (count: number, on: boolean): number => Math.max(0, count + (on ? 1 : -1));

/**
 * Liking a tweet or a comment. Of somebody who is not signed in nothing changes.
 * @example
 * liking.as(tweet, true).counts.likes; // one more than before, unless the viewer likes it already
 */
export const liking: Switch<Likeable, LikeState> = {
  isOn: ({ viewer }) => viewer?.liked ?? false,
  as: (post, on) => {
    if (!post.viewer || post.viewer.liked === on) return post;
    const likes = step(post.counts.likes, on);
    return { ...post, viewer: { ...post.viewer, liked: on }, counts: { ...post.counts, likes } };
  },
  settle: (post, { viewer: { liked }, counts: { likes } }) => ({
    ...post,
    viewer: { ...post.viewer, liked },
    counts: { ...post.counts, likes },
  }),
};

/** Retweeting a tweet. Of somebody who is not signed in nothing changes. */
export const retweeting: Switch<Retweetable, TweetState> = {
  isOn: ({ viewer }) => viewer?.retweeted ?? false,
  as: (tweet, on) => {
    if (!tweet.viewer || tweet.viewer.retweeted === on) return tweet;
    const retweets = step(tweet.counts.retweets, on);
    return { ...tweet, viewer: { ...tweet.viewer, retweeted: on }, counts: { ...tweet.counts, retweets } };
  },
  settle: (tweet, { viewer: { retweeted }, counts: { retweets } }) => ({
    ...tweet,
    viewer: { ...tweet.viewer, retweeted },
    counts: { ...tweet.counts, retweets },
  }),
};

/** Following a user; who is protected is asked, which is on as well. Of somebody who is not signed in nothing changes. */
export const following: Switch<Followable, FollowedState> = {
  isOn: ({ viewer }) => Boolean(viewer?.following || viewer?.requested),
  as: (user, on) => {
    const { viewer, counts } = user;
    if (!viewer || following.isOn(user) === on) return user;
    const asked = on && user.protected;
    const moved = on ? !asked : viewer.following;
    return {
      ...user,
      viewer: { ...viewer, following: on && !asked, requested: asked },
      ...(counts && moved && { counts: { ...counts, followers: step(counts.followers, on) } }),
    };
  },
  settle: (user, { viewer: { following, requested }, counts: { followers } }) => ({
    ...user,
    ...(user.viewer && { viewer: { ...user.viewer, following, requested } }),
    ...(user.counts && { counts: { ...user.counts, followers } }),
  }),
};

interface Doing<Thing, State> {
  /** Asks the server: `on` is what should be true. */
  send: (thing: Thing, on: boolean) => Promise<State>;
  /** Changes the thing with this id wherever it is shown. */
  show: (id: string, change: <T extends Thing>(thing: T) => T) => void;
}

interface Wish<State> {
  want: boolean;
  /** What the server has, as far as it has said. */
  known: boolean;
  done: Promise<void>;
  /** The last answer, and when it came. */
  settled?: { state: State; at: number };
}

/**
 * Switches that show at once. Each thing is asked for once at a time: a second click while the first is under way changes
 * what is wanted, and what is wanted last is what the server is left with. So answers cannot overtake each other.
 * @example
 * const likes = new Optimistic(liking, {
 *   send: ({ id }, on) => warble.api.tweets[on ? "like" : "unlike"].mutate({ id }),
 *   show: (id, change) => setTweets((all) => all.map((tweet) => (tweet.id === id ? change(tweet) : tweet))),
 * });
 * await likes.set(tweet, true);
 */
export class Optimistic<Thing extends { id: string }, State> {
  readonly #kind: Switch<Thing, State>;
  readonly #doing: Doing<Thing, State>;
  readonly #wishes = new Map<string, Wish<State>>();

  constructor(kind: Switch<Thing, State>, doing: Doing<Thing, State>) {
    this.#kind = kind;
    this.#doing = doing;
  }

  /**
   * Shows the thing so, and asks the server until that is true. When it refuses, what was true before is shown again.
   * @throws what `send` throws, of what was wanted last
   */
  set(thing: Thing, on: boolean): Promise<void> {
    const before = this.#wishes.get(thing.id);
    this.#doing.show(thing.id, (shown) => this.#kind.as(shown, on));
    if (before && !before.settled) {
      before.want = on;
      return before.done;
    }
    this.#forget();
    const wish: Wish<State> = { want: on, known: this.#kind.isOn(thing), done: Promise.resolve() };
    this.#wishes.set(thing.id, wish);
    wish.done = this.#fulfil(thing, wish);
    return wish.done;
  }

  /**
   * What an answer says of a thing, with what was switched since it was asked for.
   * @param since when it was asked for, by `Date.now()`
   */
  over<T extends Thing>(thing: T, since: number): T {
    const wish = this.#wishes.get(thing.id);
    if (!wish) return thing;
    if (!wish.settled) return this.#kind.as(thing, wish.want);
    return wish.settled.at >= since ? this.#kind.settle(thing, wish.settled.state) : thing;
  }

  async #fulfil(thing: Thing, wish: Wish<State>): Promise<void> {
    for (;;) {
      const sent = wish.want;
      try {
        const state = await this.#doing.send(thing, sent);
        wish.known = sent;
        if (wish.want !== sent) continue;
        wish.settled = { state, at: Date.now() };
        return this.#doing.show(thing.id, (shown) => this.#kind.settle(shown, state));
      } catch (error) {
        // The server may have done it all the same, so what is wanted by now is asked for in any case.
        if (wish.want !== sent) continue;
        this.#wishes.delete(thing.id);
        this.#doing.show(thing.id, (shown) => this.#kind.as(shown, wish.known));
        throw error;
      }
    }
  }

  #forget(): void {
    const old = Date.now() - KEPT_MS;
    for (const [id, { settled }] of this.#wishes) if (settled && settled.at < old) this.#wishes.delete(id);
  }
}
