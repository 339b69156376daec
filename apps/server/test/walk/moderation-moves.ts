import type { ErrorReason, ReportCase, Reported } from "@warble/contracts";
import { type Deed, type Move, mostlyThere, other, pick, pickLate } from "./move";
import { isOut, type Person, type Post, type Strike, type World } from "./world";

const NO_POST: ErrorReason[] = ["TWEET_NOT_FOUND", "COMMENT_NOT_FOUND"];
const POSTS = { tweet: "tweets", comment: "comments" } as const;

type Kind = keyof typeof POSTS;
type Target = { targetType: "user" | "message" | Kind; targetId: string };

const missing = (kind: Kind): ErrorReason => (kind === "tweet" ? "TWEET_NOT_FOUND" : "COMMENT_NOT_FOUND");

/** Reports something; of two reports on the same, the first opens the case. */
function reporting(
  world: World,
  me: Person,
  { target, author, post }: { target: Target; author: Person | null; post: Post | null },
): Deed {
  const { targetType, targetId } = target;
  return {
    call: () => me.caller.moderation.report({ ...target, reason: "spam" }),
    apply: ({ id }: Reported) => {
      if (world.cases.some((each) => each.targetId === targetId && !each.resolved)) return;
      world.cases.push({ id, targetId, author, post, isUser: targetType === "user", resolved: false });
    },
  };
}

const reportPost = (kind: Kind): Move => ({
  weight: 3,
  reasons: [missing(kind), "SELF_TARGET"],
  deed: (world, me, { a, b }) => {
    const post = pickLate(mostlyThere(world[POSTS[kind]], b), a);
    return (
      post && {
        ...reporting(world, me, {
          target: { targetType: kind, targetId: post.id },
          author: post.author,
          post,
        }),
        refusal: () => world.hides(me, post) ?? (post.author === me ? "SELF_TARGET" : undefined),
      }
    );
  },
});

const reportUser: Move = {
  weight: 2,
  reasons: ["USER_NOT_FOUND"],
  deed: (world, me, { a }) => {
    const them = other(world, me, a);
    return {
      ...reporting(world, me, {
        target: { targetType: "user", targetId: them.id },
        author: them,
        post: null,
      }),
      refusal: () => (isOut(them) ? "USER_NOT_FOUND" : undefined),
    };
  },
};

const reportMessage: Move = {
  weight: 2,
  reasons: ["MESSAGE_NOT_FOUND", "SELF_TARGET"],
  deed: (world, me, { a }) => {
    const message = pickLate(
      world.messages.filter(({ place }) => place.members.has(me)),
      a,
    );
    const target = { targetType: "message" as const, targetId: message?.id ?? "" };
    return message && reporting(world, me, { target, author: message.sender, post: null });
  },
};

const ACTIONS = ["dismiss", "warn", "remove", "remove", "suspend"] as const;

/** Some case, mostly one that is open. */
const pickCase = (world: World, choice: number) =>
  pickLate(
    world.cases.filter(({ resolved }) => choice % 4 === 0 || !resolved),
    choice,
  );

const resolve: Move = {
  weight: 6,
  reasons: ["REPORT_NOT_FOUND", "ALREADY_SETTLED", "USER_NOT_FOUND", "MESSAGE_NOT_FOUND", ...NO_POST],
  byModerator: true,
  deed: (world, _, { a, b }) => {
    const found = pickCase(world, a);
    if (!found) return null;
    const { author: person, post, isUser } = found;
    const chosen = pick([...ACTIONS], b) ?? "dismiss";
    const action = isUser && chosen === "remove" ? "warn" : chosen;
    const said = action === "dismiss" ? {} : { reason: "walked" };
    const refusal = (): ErrorReason | undefined => {
      if (found.resolved) return "ALREADY_SETTLED";
      if (action !== "remove" || !post?.deleted) return undefined;
      return missing(post.tweet ? "comment" : "tweet");
    };
    return {
      call: () => world.admin.moderation.resolve({ reportId: found.id, action, ...said }),
      // Whether a message is deleted already is not known.
      ...((action !== "remove" || post) && { refusal }),
      apply: ({ resolved }: ReportCase) => {
        found.resolved = true;
        if (action === "suspend" && person) world.suspend(person, true);
        if (action === "remove" && post) world.takeDown(post);
        const id = resolved?.strikeId;
        if (id && action !== "dismiss")
          world.strikes.push({ id, action, person, post, revoked: false, appeal: null });
      },
    };
  },
};

const reopen: Move = {
  weight: 2,
  reasons: ["REPORT_NOT_FOUND", "ALREADY_SETTLED"],
  byModerator: true,
  deed: (world, _, { a }) => {
    const found = pick(world.cases, a);
    const isAnew = () => world.cases.some((each) => each.targetId === found?.targetId && !each.resolved);
    return (
      found && {
        call: () => world.admin.moderation.reopen({ reportId: found.id }),
        refusal: () => (isAnew() ? "ALREADY_SETTLED" : undefined),
        apply: () => {
          found.resolved = false;
        },
      }
    );
  },
};

const assign: Move = {
  weight: 2,
  reasons: ["REPORT_NOT_FOUND", "ALREADY_SETTLED"],
  byModerator: true,
  deed: (world, _, { a, b }) => {
    const found = pickCase(world, a);
    return (
      found && {
        call: () => world.admin.moderation.assign({ reportId: found.id, ...(b % 2 > 0 && { to: null }) }),
        refusal: () => (found.resolved ? "ALREADY_SETTLED" : undefined),
      }
    );
  },
};

/** Takes a post away without a report, or brings it back. */
const onPost = (kind: Kind, verb: "remove" | "restore"): Move => ({
  weight: verb === "remove" ? 1 : 4,
  reasons: [missing(kind)],
  byModerator: true,
  deed: (world, _, { a, b }) => {
    const removing = verb === "remove";
    const some = removing ? mostlyThere(world[POSTS[kind]], b) : world[POSTS[kind]];
    const post = pickLate(b % 6 === 0 || removing ? some : some.filter(({ removed }) => removed), a);
    if (!post) return null;
    const { moderation } = world.admin;
    const input = { id: post.id, reason: "walked" };
    return {
      call: () => moderation[`${verb}${kind === "tweet" ? "Tweet" : "Comment"}`](input),
      refusal: () => ((removing ? post.deleted : !post.removed) ? missing(kind) : undefined),
      apply: () => (removing ? world.takeDown(post) : world.restore(post)),
    };
  },
});

/** Undoes what a strike did. */
function undo(world: World, strike: Strike): void {
  const { action, person, post } = strike;
  strike.revoked = true;
  if (action === "suspend" && person) world.suspend(person, false);
  if (action === "remove" && post) world.restore(post);
}

const revokeStrike: Move = {
  weight: 3,
  reasons: ["STRIKE_NOT_FOUND", "ALREADY_SETTLED"],
  byModerator: true,
  deed: (world, _, { a }) => {
    const strike = pickLate(world.strikes, a);
    return (
      strike && {
        call: () => world.admin.moderation.revokeStrike({ strikeId: strike.id }),
        refusal: () => (strike.revoked ? "ALREADY_SETTLED" : undefined),
        apply: () => undo(world, strike),
      }
    );
  },
};

const appeal: Move = {
  weight: 3,
  reasons: ["STRIKE_NOT_FOUND", "ALREADY_SETTLED"],
  deed: (world, me, { a }) => {
    const strike = pick(
      world.strikes.filter(({ person }) => person === me),
      a,
    );
    return (
      strike && {
        call: () => me.caller.moderation.appeal({ strikeId: strike.id, text: "it was not so" }),
        refusal: () => (strike.revoked || strike.appeal ? "ALREADY_SETTLED" : undefined),
        apply: () => {
          strike.appeal = "pending";
        },
      }
    );
  },
};

const decideAppeal: Move = {
  weight: 3,
  reasons: ["STRIKE_NOT_FOUND", "ALREADY_SETTLED"],
  byModerator: true,
  deed: (world, _, { a, b }) => {
    const strike = pick(
      world.strikes.filter((each) => b % 4 === 0 || each.appeal === "pending"),
      a,
    );
    const uphold = b % 2 > 0;
    return (
      strike && {
        call: () => world.admin.moderation.decideAppeal({ id: strike.id, uphold }),
        refusal: () => (strike.revoked || strike.appeal !== "pending" ? "ALREADY_SETTLED" : undefined),
        apply: () => {
          strike.appeal = "decided";
          if (!uphold) undo(world, strike);
        },
      }
    );
  },
};

export const MODERATION: Record<string, Move> = {
  reportUser,
  reportTweet: reportPost("tweet"),
  reportComment: reportPost("comment"),
  reportMessage,
  resolve,
  reopen,
  assign,
  removeTweet: onPost("tweet", "remove"),
  removeComment: onPost("comment", "remove"),
  restoreTweet: onPost("tweet", "restore"),
  restoreComment: onPost("comment", "restore"),
  revokeStrike,
  appeal,
  decideAppeal,
};
