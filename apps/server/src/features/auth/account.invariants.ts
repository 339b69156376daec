import { differ, everyRecord, type Invariant, named, namesNothing, offWhere } from "../../platform/invariant";

const is = (field: string) => ({ $ne: [{ $ifNull: [field, null] }, null] });

const SHUT_OUT = {
  $or: [
    is("$user.deactivatedAt"),
    is("$user.deletedAt"),
    {
      $and: [
        is("$user.suspension"),
        { $or: [{ $not: is("$user.suspension.until") }, { $gt: ["$user.suspension.until", "$$NOW"] }] },
      ],
    },
  ],
};

export const accountInvariants: Invariant[] = [
  everyRecord({
    name: "everybody has something to sign in with, until they have it deleted",
    of: "users",
    where: { deletedAt: null },
    off: namesNothing("accounts", "_id", { username: 1 }),
  }),
  everyRecord({
    name: "accounts are of somebody, whose address is proved in both places or in neither",
    of: "accounts",
    off: [
      named("user", "users", "_id"),
      ...offWhere([differ("$user.emailVerified", ["$emailVerified"])], { emailVerified: 1 }),
    ],
  }),
  everyRecord({
    name: "nobody is signed in who is not there, or is shut out",
    of: "sessions",
    off: [
      named("user", "users", "userId"),
      { $set: { user: { $first: "$user" } } },
      ...offWhere(
        [
          { $lte: ["$user", null] },
          { $and: [{ $eq: ["$revokedAt", null] }, { $gt: ["$expiresAt", "$$NOW"] }, SHUT_OUT] },
        ],
        { userId: 1, suspension: "$user.suspension" },
      ),
    ],
  }),
  everyRecord({
    // Of the codes some are nobody's: the work is the same, whether or not an address is known.
    name: "links and tickets are somebody's",
    of: "secrets",
    where: { kind: { $ne: "resetCode" } },
    off: namesNothing("users", "userId", { kind: 1, userId: 1 }),
  }),
  everyRecord({
    name: "authenticator apps are somebody's",
    of: "totps",
    off: namesNothing("users", "_id"),
  }),
  everyRecord({
    name: "passkeys are somebody's",
    of: "passkeys",
    off: namesNothing("users", "userId", { userId: 1 }),
  }),
  everyRecord({
    name: "addresses that may be had back are somebody's",
    of: "emailUndos",
    off: namesNothing("users", "userId", { userId: 1 }),
  }),
];
