import { now } from "../../platform/clock";
import type { Viewer } from "../../platform/context";
import type { Ties } from "../relationships/relationship.service";
import type { UserRecord } from "../users/user.service";

/** Whose thing it is, who wants to see it, and what stands between them. */
export interface Sight {
  viewer: Viewer | null;
  owner: UserRecord;
  ties: Ties;
}

/**
 * Where somebody comes into sight: `profile`, asked for by name; `people`, in a list of people; `posts`, what they wrote,
 * asked for; `feeds`, what they wrote or did, unasked; `past`, in a conversation that was.
 */
export type Surface = "profile" | "people" | "posts" | "feeds" | "past";

interface Rule {
  name: string;
  applies: (sight: Sight) => boolean;
  hides: Surface[];
  /** Administrators look through it where they asked for somebody. */
  butAdmins?: boolean;
}

/** Whether the user is shut out at this moment. */
export const isSuspended = ({ suspension }: Pick<UserRecord, "suspension">): boolean =>
  suspension !== null && (suspension.until === null || suspension.until > now());

/**
 * Who is hidden from whom, and where. Every read of every surface comes through here, and nothing else decides it: what a
 * hidden user wrote or did is hidden with them.
 */
const RULES: Rule[] = [
  {
    name: "suspended users are hidden",
    applies: ({ owner }) => isSuspended(owner),
    hides: ["profile", "people", "posts", "feeds", "past"],
    butAdmins: true,
  },
  {
    name: "who blocks somebody is hidden from them",
    applies: ({ ties }) => ties.blockedBy,
    hides: ["profile", "people", "posts", "feeds"],
    butAdmins: true,
  },
  {
    name: "who is blocked is nowhere but on their profile",
    applies: ({ ties }) => ties.blocking,
    hides: ["people", "posts", "feeds"],
  },
  {
    name: "who is muted is not shown unasked",
    applies: ({ ties }) => ties.muting,
    hides: ["feeds"],
  },
];

/** Whether the viewer may see this user, and so what the user wrote, on a surface. */
export function canSee(sight: Sight, surface: Surface): boolean {
  const { viewer, owner } = sight;
  if (viewer?.id === String(owner._id)) return true;
  const looksThrough = viewer?.role === "admin" && surface !== "feeds";
  return !RULES.some(
    (rule) => rule.hides.includes(surface) && !(looksThrough && rule.butAdmins) && rule.applies(sight),
  );
}
