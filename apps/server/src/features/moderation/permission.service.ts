import type { Role } from "@warble/contracts";

/** How high each role stands: nobody acts on equals or higher ones. */
export const RANK: Record<Role, number> = { user: 0, moderator: 1, admin: 2 };

/** The lowest role that may do what. Each takes a verified address. */
export const LOWEST_ROLE = {
  report: "user",
  reports: "moderator",
  getReport: "moderator",
  assign: "moderator",
  note: "moderator",
  resolve: "moderator",
  reopen: "moderator",
  suspend: "moderator",
  unsuspend: "moderator",
  removeTweet: "moderator",
  removeComment: "moderator",
  restoreTweet: "moderator",
  restoreComment: "moderator",
  strikesOf: "moderator",
  revokeStrike: "moderator",
  appeals: "moderator",
  decideAppeal: "moderator",
  users: "moderator",
  setRole: "admin",
  endSessions: "admin",
  audit: "admin",
  filters: "admin",
  addFilter: "admin",
  removeFilter: "admin",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LOWEST_ROLE;

const ROLES: Role[] = ["user", "moderator", "admin"];

/** The roles that may do this. */
export const rolesThatMay = (permission: Permission): Role[] =>
  ROLES.filter((role) => RANK[role] >= RANK[LOWEST_ROLE[permission]]);
