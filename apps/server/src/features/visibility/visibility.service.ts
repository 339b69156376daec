import type { Flag } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Viewer } from "../../platform/context";
import type { Ties } from "../relationships/relationship.service";
import type { UserRecord } from "../users/user.service";

/** Whose thing it is, who wants to see it, and what stands between them. */
export interface Sight {
  viewer: Viewer | null;
  owner: UserRecord;
  ties: Ties;
  /** What of theirs it is; without it, they themselves. */
  thing?: Thing;
}

/** What there is to know of a thing but whose it is; what is left out is not so. */
interface Thing {
  deleted?: boolean;
  /** Its place is under a tweet whose author has hidden it. */
  withheld?: boolean;
  /** It answers somebody who blocks its author, or whom its author blocks. */
  acrossBlock?: boolean;
  mutedThread?: boolean;
  mutedWord?: boolean;
  /** It is somebody else's, and came by the owner. */
  retweet?: boolean;
}

/**
 * Where somebody comes into sight: `profile`, asked for by name; `lists`, what their profile leads to: whom they follow, who
 * follows them, what they wrote; `people`, in a list of people; `news`, what they did, unasked; `posts`, what they wrote,
 * asked for; `feeds`, what they wrote, unasked; `past`, in a conversation that was.
 */
export type Surface = "profile" | "lists" | "people" | "news" | "posts" | "feeds" | "past";

interface Rule {
  name: string;
  applies: (sight: Sight) => boolean;
  /** Flagged is: of a profile, the card alone; of lists, empty; of posts, with the rule's flag. Else it is seen. */
  on: Partial<Record<Surface, "flagged" | "hidden">>;
  flag?: Flag;
  /** Administrators look through it where they ask for something. */
  butAdmins?: boolean;
  /** It holds for the owner, too. */
  forOwner?: boolean;
}

/** Whether the user is shut out at this moment. */
export const isSuspended = ({ suspension }: Pick<UserRecord, "suspension">): boolean =>
  suspension !== null && (suspension.until === null || suspension.until > now());

/** Whether a user may be signed in at this moment. */
export const mayEnter = (user: UserRecord): boolean =>
  !isSuspended(user) && user.deactivatedAt === null && user.deletedAt === null;

const ASKED = { profile: "hidden", lists: "hidden", people: "hidden", posts: "hidden" } as const;
const UNASKED = { news: "hidden", feeds: "hidden" } as const;
const EVERYWHERE = { ...ASKED, ...UNASKED, past: "hidden" } as const;
const TEXT = { posts: "hidden", feeds: "hidden" } as const;

/**
 * Who and what is hidden from whom, and where. Every read of every surface comes through here, and nothing else decides
 * it: what a hidden user wrote or did is hidden with them.
 */
export const RULES: readonly Rule[] = [
  {
    name: "suspended users are hidden",
    applies: ({ owner }) => isSuspended(owner),
    on: EVERYWHERE,
    butAdmins: true,
  },
  {
    name: "users who have deactivated their account are hidden",
    applies: ({ owner }) => owner.deactivatedAt !== null,
    on: EVERYWHERE,
    butAdmins: true,
  },
  {
    name: "users who have deleted their account are hidden while it is taken away",
    applies: ({ owner }) => owner.deletedAt !== null,
    on: EVERYWHERE,
    butAdmins: true,
  },
  {
    name: "users whose address is not verified are hidden",
    applies: ({ owner }) => !owner.emailVerified,
    on: EVERYWHERE,
    butAdmins: true,
  },
  {
    name: "who blocks somebody is hidden from them",
    applies: ({ ties }) => ties.blockedBy,
    on: { ...ASKED, ...UNASKED },
    butAdmins: true,
  },
  {
    name: "who is blocked is nowhere but on their profile",
    applies: ({ ties }) => ties.blocking,
    on: { ...ASKED, ...UNASKED, profile: "flagged", lists: "flagged" },
  },
  {
    name: "what protected users write is for their followers",
    applies: ({ owner, ties }) => owner.protected && !ties.following,
    on: { profile: "flagged", lists: "hidden", ...TEXT },
    butAdmins: true,
  },
  {
    name: "who is muted is not shown unasked",
    applies: ({ ties }) => ties.muting,
    on: { ...UNASKED, posts: "flagged" },
    flag: "mutedAuthor",
  },
  {
    name: "retweets of those whose retweets are muted are not shown unasked",
    applies: ({ ties, thing }) => ties.mutingRetweets && thing?.retweet === true,
    on: UNASKED,
  },
  {
    name: "muted threads are not shown unasked",
    applies: ({ thing }) => thing?.mutedThread === true,
    on: { ...UNASKED, posts: "flagged" },
    flag: "mutedThread",
  },
  {
    name: "what holds a muted word is not shown unasked",
    applies: ({ thing }) => thing?.mutedWord === true,
    on: { ...UNASKED, posts: "flagged" },
    flag: "mutedWord",
  },
  {
    name: "what is deleted is hidden from all",
    applies: ({ thing }) => thing?.deleted === true,
    on: { ...TEXT, news: "hidden" },
    forOwner: true,
  },
  {
    name: "what the author of a tweet hides below it is for who wrote it",
    applies: ({ thing }) => thing?.withheld === true,
    on: { ...TEXT, news: "hidden" },
  },
  {
    name: "an answer across a block is hidden from others",
    applies: ({ thing }) => thing?.acrossBlock === true,
    on: { ...TEXT, news: "hidden" },
  },
];

/** How something is shown, and what it is flagged with. */
export interface Verdict {
  shown: "seen" | "flagged" | "hidden";
  flags: Flag[];
}

const SEEN: Verdict = { shown: "seen", flags: [] };

/** How the viewer may see somebody, or a thing of theirs, on a surface. */
export function judge(sight: Sight, surface: Surface): Verdict {
  // Hardly any rule applies to anything.
  const rules = RULES.filter((rule) => rule.applies(sight) && holds(rule, sight, surface));
  if (rules.length === 0) return SEEN;
  const hidden = rules.some(({ on }) => on[surface] === "hidden");
  return {
    shown: hidden ? "hidden" : "flagged",
    flags: rules.flatMap(({ flag }) => flag ?? []),
  };
}

/** Whether a rule is for this viewer on this surface. People see what is theirs, with the flags that others would see. */
function holds({ on, flag, butAdmins, forOwner }: Rule, { viewer, owner }: Sight, surface: Surface): boolean {
  const effect = on[surface];
  if (effect === undefined) return false;
  if (viewer?.id === String(owner._id))
    return forOwner === true || (effect === "flagged" && flag !== undefined);
  const unasked = surface === "feeds" || surface === "news";
  return !(butAdmins && viewer?.role === "admin" && !unasked);
}

/** Whether the viewer may see this user, or this thing of theirs, on a surface. */
export const canSee = (sight: Sight, surface: Surface): boolean => judge(sight, surface).shown !== "hidden";
