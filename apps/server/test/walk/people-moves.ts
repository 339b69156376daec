import type { ErrorReason, MutedWord, User, UserCard } from "@warble/contracts";
import { expect } from "vitest";
import { allOf, type Deed, type Move, other, pick } from "./move";
import { isOut, type Person, WORDS, type World } from "./world";

type FollowVerb = "follow" | "unfollow" | "removeFollower" | "acceptFollow" | "rejectFollow";
type Verb = "block" | "unblock" | "mute" | "unmute";

/** What stands between somebody and another, as they may know it. */
export const relationship = (world: World, me: Person, them: Person) => ({
  following: world.follows.has(me, them),
  followedBy: world.follows.has(them, me),
  requested: world.requests.has(me, them),
  blocking: world.blocks.has(me, them),
  muting: world.mutes.has(me, them),
});

const countsOf = ({ follows, tweets }: World, person: Person) => ({
  followers: follows.to(person).length,
  following: follows.from(person).length,
  tweets: tweets.filter(({ author, deleted }) => author === person && !deleted).length,
});

const followRefusal = (world: World, me: Person, them: Person): ErrorReason | undefined => {
  if (!world.canSee(me, them, "profile")) return "USER_NOT_FOUND";
  return world.blocks.has(me, them) ? "BLOCKING" : undefined;
};

type About<T> = (world: World, me: Person, them: Person) => T;

/** Following and its opposites: both people are told how often they are followed. */
const followMove = (weight: number, verb: FollowVerb, apply: About<unknown>): Move => ({
  weight,
  reasons: ["USER_NOT_FOUND", "BLOCKING"],
  deed: (world, me, { a }) => {
    const them = other(world, me, a);
    return {
      call: () => me.caller.users[verb]({ id: them.id }),
      refusal: () => followRefusal(world, me, them),
      apply: () => apply(world, me, them),
      shows: (answer) =>
        expect(answer).toMatchObject({
          viewer: relationship(world, me, them),
          counts: countsOf(world, them),
        }),
    };
  },
});

/** Blocking, muting and their opposites. */
const decideMove = (
  weight: number,
  verb: Verb,
  { apply, isSo, more }: Record<"apply" | "isSo", About<unknown>> & { more?: { only: "retweets" } },
): Move => ({
  weight,
  reasons: ["USER_NOT_FOUND"],
  deed: (world, me, { a }) => {
    const them = other(world, me, a);
    return {
      call: () => me.caller.users[verb]({ id: them.id, ...more }),
      // Only what would change nothing is refused about somebody suspended, when it is taken back.
      refusal: () => (isOut(them) && !isSo(world, me, them) ? "USER_NOT_FOUND" : undefined),
      apply: () => void apply(world, me, them),
      shows: (answer) => expect(answer).toMatchObject(relationship(world, me, them)),
    };
  },
});

const never = () => false;

function follow({ follows, requests }: World, me: Person, them: Person): void {
  if (!follows.has(me, them)) (them.protected ? requests : follows).add(me, them);
}

function accept({ follows, requests }: World, me: Person, them: Person): void {
  if (requests.delete(them, me)) follows.add(them, me);
}

function block({ follows, requests, blocks }: World, me: Person, them: Person): void {
  for (const bonds of [follows, requests]) {
    bonds.delete(me, them);
    bonds.delete(them, me);
  }
  blocks.add(me, them);
}

/** Who opens their account lets all follow who had asked to. */
const protection = (on: boolean): Move => ({
  weight: on ? 2 : 3,
  reasons: [],
  deed: (world, me) => ({
    call: () => me.caller.users.update({ protected: on }),
    refusal: () => undefined,
    settles: true,
    apply: () => {
      me.protected = on;
      for (const them of on ? [] : world.requests.to(me)) accept(world, me, them);
    },
  }),
});

const suspension = (suspended: boolean): Move => ({
  weight: suspended ? 1 : 2,
  reasons: [],
  byModerator: true,
  deed: (world, me, { a }): Deed => {
    const shutOut = world.people.filter((each) => each.suspended);
    const them = (!suspended && pick(shutOut, a)) || other(world, me, a);
    const { moderation } = world.admin;
    return {
      call: () =>
        suspended
          ? moderation.suspend({ userId: them.id, reason: "walked" })
          : moderation.unsuspend({ userId: them.id }),
      refusal: () => undefined,
      apply: () => world.suspend(them, suspended),
    };
  },
});

const muteWord: Move = {
  weight: 2,
  reasons: [],
  deed: (world, me, { a }) => {
    const word = pick(WORDS, a) ?? "";
    return {
      call: () => me.caller.users.muteWord({ word }),
      refusal: () => undefined,
      apply: ({ id }: MutedWord) => void world.wordMutes.set(`${me.id} ${word}`, id),
    };
  },
};

const unmuteWord: Move = {
  weight: 4,
  reasons: [],
  deed: (world, me, { a }) => {
    const muted = [...world.wordMutes].filter(([key]) => key.startsWith(me.id));
    const [key, id] = pick(muted, a) ?? [];
    if (!key || !id) return null;
    return {
      call: () => me.caller.users.unmuteWord({ id }),
      refusal: () => undefined,
      apply: () => void world.wordMutes.delete(key),
    };
  },
};

export const PEOPLE: Record<string, Move> = {
  follow: followMove(12, "follow", follow),
  unfollow: followMove(4, "unfollow", ({ follows, requests }, me, them) => {
    follows.delete(me, them);
    requests.delete(me, them);
  }),
  acceptFollow: followMove(5, "acceptFollow", accept),
  rejectFollow: followMove(1, "rejectFollow", ({ requests }, me, them) => requests.delete(them, me)),
  protect: protection(true),
  open: protection(false),
  removeFollower: followMove(1, "removeFollower", ({ follows }, me, them) => follows.delete(them, me)),
  block: decideMove(4, "block", { apply: block, isSo: never }),
  unblock: decideMove(6, "unblock", {
    apply: ({ blocks }, me, them) => blocks.delete(me, them),
    isSo: ({ blocks }, me, them) => blocks.has(me, them),
  }),
  mute: decideMove(4, "mute", {
    apply: ({ mutes, retweetMutes }, me, them) => {
      mutes.add(me, them);
      retweetMutes.delete(me, them);
    },
    isSo: never,
  }),
  muteRetweets: decideMove(2, "mute", {
    more: { only: "retweets" },
    apply: ({ mutes, retweetMutes }, me, them) => {
      mutes.delete(me, them);
      retweetMutes.add(me, them);
    },
    isSo: never,
  }),
  unmute: decideMove(4, "unmute", {
    apply: ({ mutes, retweetMutes }, me, them) => {
      mutes.delete(me, them);
      retweetMutes.delete(me, them);
    },
    isSo: ({ mutes, retweetMutes }, me, them) => mutes.has(me, them) || retweetMutes.has(me, them),
  }),
  muteWord,
  unmuteWord,
  suspend: suspension(true),
  unsuspend: suspension(false),
  lookAtProfile: {
    weight: 8,
    reasons: ["USER_NOT_FOUND"],
    deed: (world, me, { a }) => {
      const them = other(world, me, a);
      return {
        call: () => me.caller.users.get({ id: them.id }),
        refusal: () => (world.canSee(me, them, "profile") ? undefined : "USER_NOT_FOUND"),
        shows: (answer: User) => {
          const viewer = relationship(world, me, them);
          expect(answer).toMatchObject({ id: them.id, viewer, counts: countsOf(world, them) });
        },
      };
    },
  },
  lookAtPeople: {
    weight: 8,
    reasons: ["USER_NOT_FOUND"],
    deed: (world, me, { a, b }) => {
      const them = other(world, me, a);
      const list = b % 2 ? "followers" : "following";
      const edges = () => (list === "followers" ? world.follows.to(them) : world.follows.from(them));
      return {
        call: () =>
          allOf((cursor) =>
            me.caller.users[list]({ username: them.name, limit: 3, ...(cursor && { cursor }) }),
          ),
        refusal: () => (world.canSee(me, them, "lists") ? undefined : "USER_NOT_FOUND"),
        shows: (cards: UserCard[]) => {
          const shown = world.blocks.has(me, them)
            ? []
            : edges().filter((each) => world.canSee(me, each, "people"));
          expect(cards.map(({ id }) => id).sort()).toEqual(shown.map(({ id }) => id).sort());
        },
      };
    },
  },
};
