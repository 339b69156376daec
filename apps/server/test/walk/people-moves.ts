import type { ErrorReason, User, UserCard } from "@warble/contracts";
import { expect } from "vitest";
import { allOf, type Deed, type Move, other, pick } from "./move";
import type { Person, World } from "./world";

type Verb = "follow" | "unfollow" | "removeFollower" | "block" | "unblock" | "mute" | "unmute";

/** What stands between somebody and another, as they may know it. */
export const relationship = ({ follows, blocks, mutes }: World, me: Person, them: Person) => ({
  following: follows.has(me, them),
  followedBy: follows.has(them, me),
  blocking: blocks.has(me, them),
  muting: mutes.has(me, them),
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

/** Following and its opposites: both people are told how often they are followed. */
const followMove = (
  weight: number,
  verb: Verb,
  apply: (world: World, me: Person, them: Person) => void,
): Move => ({
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
  { apply, isSo }: Record<"apply" | "isSo", (world: World, me: Person, them: Person) => unknown>,
): Move => ({
  weight,
  reasons: ["USER_NOT_FOUND"],
  deed: (world, me, { a }) => {
    const them = other(world, me, a);
    return {
      call: () => me.caller.users[verb]({ id: them.id }),
      // Only what would change nothing is refused about somebody suspended, when it is taken back.
      refusal: () => (them.suspended && !isSo(world, me, them) ? "USER_NOT_FOUND" : undefined),
      apply: () => void apply(world, me, them),
      shows: (answer) => expect(answer).toMatchObject(relationship(world, me, them)),
    };
  },
});

const never = () => false;

function block({ follows, blocks }: World, me: Person, them: Person): void {
  follows.delete(me, them);
  follows.delete(them, me);
  blocks.add(me, them);
}

const suspension = (suspended: boolean): Move => ({
  weight: suspended ? 2 : 4,
  reasons: [],
  byModerator: true,
  deed: (world, me, { a }): Deed => {
    const shutOut = world.people.filter((each) => each.suspended);
    const them = (!suspended && pick(shutOut, a)) || other(world, me, a);
    const { moderation } = world.moderator;
    return {
      call: () =>
        suspended
          ? moderation.suspend({ userId: them.id, reason: "walked" })
          : moderation.unsuspend({ userId: them.id }),
      refusal: () => undefined,
      apply: () => {
        them.suspended = suspended;
      },
    };
  },
});

export const PEOPLE: Record<string, Move> = {
  follow: followMove(10, "follow", ({ follows }, me, them) => follows.add(me, them)),
  unfollow: followMove(4, "unfollow", ({ follows }, me, them) => follows.delete(me, them)),
  removeFollower: followMove(1, "removeFollower", ({ follows }, me, them) => follows.delete(them, me)),
  block: decideMove(4, "block", { apply: block, isSo: never }),
  unblock: decideMove(6, "unblock", {
    apply: ({ blocks }, me, them) => blocks.delete(me, them),
    isSo: ({ blocks }, me, them) => blocks.has(me, them),
  }),
  mute: decideMove(5, "mute", { apply: ({ mutes }, me, them) => mutes.add(me, them), isSo: never }),
  unmute: decideMove(4, "unmute", {
    apply: ({ mutes }, me, them) => mutes.delete(me, them),
    isSo: ({ mutes }, me, them) => mutes.has(me, them),
  }),
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
        refusal: () => (world.canSee(me, them, "profile") ? undefined : "USER_NOT_FOUND"),
        shows: (cards: UserCard[]) => {
          const shown = world.blocks.has(me, them)
            ? []
            : edges().filter((each) => world.canSee(me, each, "people"));
          expect(cards.map(({ id }) => id)).toEqual(shown.map(({ id }) => id).reverse());
        },
      };
    },
  },
};
