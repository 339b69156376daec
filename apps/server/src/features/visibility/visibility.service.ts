import type { Relationship } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Viewer } from "../../platform/context";
import type { UserRecord } from "../users/user.service";

/** Whose thing it is, who wants to see it, and what stands between them. */
export interface Sight {
  viewer: Viewer | null;
  owner: UserRecord;
  relationship: Relationship | null;
}

interface Rule {
  name: string;
  hides: (sight: Sight) => boolean;
}

/** Whether the user is shut out at this moment. */
export const isSuspended = ({ suspension }: Pick<UserRecord, "suspension">): boolean =>
  suspension !== null && (suspension.until === null || suspension.until > now());

const isSelf = ({ viewer, owner }: Sight): boolean => viewer?.id === String(owner._id);

/**
 * Who is hidden from whom. Every read of every surface comes through here, and nothing else decides it: what a
 * hidden user wrote or did is hidden with them.
 */
const RULES: Rule[] = [
  {
    name: "suspended users are seen by administrators only",
    hides: (sight) => isSuspended(sight.owner) && sight.viewer?.role !== "admin" && !isSelf(sight),
  },
];

/** Whether the viewer may see this user, and so what the user wrote. */
export const canSee = (sight: Sight): boolean => !RULES.some((rule) => rule.hides(sight));
