import { z } from "zod";
import type { ReasonTable } from "./error";
import { SecondFactor } from "./factor";
import { LIMITS } from "./limits";
import { PageInput } from "./page";
import { ById, ByUsername, Id, Time, text, Username } from "./scalar";

/** What stands between the viewer and another user. */
export interface Relationship {
  following: boolean;
  followedBy: boolean;
  /** The viewer has asked to follow them, and they have not answered. */
  requested: boolean;
  /** They have asked to follow the viewer. */
  requestedBy: boolean;
  blocking: boolean;
  muting: boolean;
  /** What they retweet does not come unasked; what they write does. */
  mutingRetweets: boolean;
}
export const Relationship: z.ZodType<Relationship> = z.strictObject({
  following: z.boolean(),
  followedBy: z.boolean(),
  requested: z.boolean(),
  requestedBy: z.boolean(),
  blocking: z.boolean(),
  muting: z.boolean(),
  mutingRetweets: z.boolean(),
});

const userCard = {
  id: Id,
  username: Username,
  displayName: z.string(),
  avatarUrl: z.string().nullable(),
  protected: z.boolean(),
  viewer: Relationship.nullable(),
};

/** A user as shown beside what they wrote. */
export interface UserCard {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  /** What they write is for those whom they have let follow them. */
  protected: boolean;
  /** Null when nobody is signed in. */
  viewer: Relationship | null;
}
export const UserCard: z.ZodType<UserCard> = z.strictObject(userCard);

/** How many of each a user has. */
export interface UserCounts {
  followers: number;
  following: number;
  tweets: number;
}
export const UserCounts: z.ZodType<UserCounts> = z.strictObject({
  followers: z.int().min(0),
  following: z.int().min(0),
  tweets: z.int().min(0),
});

const user = {
  ...userCard,
  bio: z.string(),
  bannerUrl: z.string().nullable(),
  location: z.string(),
  website: z.string().nullable(),
  createdAt: Time,
  counts: UserCounts,
};

/**
 * A user's whole profile. Of somebody whom the viewer blocks, and of somebody protected whom they do not follow, it is
 * empty but for the card and the counts.
 */
export interface User extends UserCard {
  bio: string;
  bannerUrl: string | null;
  location: string;
  website: string | null;
  createdAt: string;
  counts: UserCounts;
}
export const User: z.ZodType<User> = z.strictObject(user);

export const Role = z.enum(["user", "moderator", "admin"]);
export type Role = z.infer<typeof Role>;

/** From whom a user takes messages: whoever they wrote to themselves may always answer. */
export const MessagesFrom = z.enum(["everyone", "following", "nobody"]);
export type MessagesFrom = z.infer<typeof MessagesFrom>;

/** The signed-in user, with what only they may know. */
export interface Me extends User {
  email: string;
  emailVerified: boolean;
  role: Role;
  messagesFrom: MessagesFrom;
  /** Whether contacts see when they are there; who does not show it does not see it either. */
  showPresence: boolean;
  secondFactor: SecondFactor;
}
export const Me: z.ZodType<Me> = z.strictObject({
  ...user,
  email: z.string(),
  emailVerified: z.boolean(),
  role: Role,
  messagesFrom: MessagesFrom,
  showPresence: z.boolean(),
  secondFactor: SecondFactor,
});

/** Where following or unfollowing has led. */
export interface FollowState {
  viewer: Relationship;
  counts: UserCounts;
}
export const FollowState: z.ZodType<FollowState> = z.strictObject({
  viewer: Relationship,
  counts: UserCounts,
});

/** The viewer's relationship to the user with this id. */
export interface RelationshipOf {
  id: string;
  viewer: Relationship;
}
export const RelationshipOf: z.ZodType<RelationshipOf> = z.strictObject({ id: Id, viewer: Relationship });

/** Without `until`, for good; with `only`, they are muted in this alone. */
export const MuteUser = z.strictObject({
  id: Id,
  until: Time.optional(),
  only: z.literal("retweets").optional(),
});
export type MuteUser = z.infer<typeof MuteUser>;

export const GetUser = z.union([ByUsername, ById]);
export type GetUser = z.infer<typeof GetUser>;

export const ListByUsername = PageInput.extend({ username: Username });
export type ListByUsername = z.infer<typeof ListByUsername>;

export const ListRelationships = z.strictObject({ ids: z.array(Id).min(1).max(LIMITS.idsPerLookup) });
export type ListRelationships = z.infer<typeof ListRelationships>;

const HttpUrl = z.url({ protocol: /^https?$/ }).max(LIMITS.website);

/** What to change of one's profile; what is left out stays, an empty text or null clears. */
export const UpdateUser = z
  .strictObject({
    displayName: text(LIMITS.displayName).trim().min(1).optional(),
    bio: text(LIMITS.bio).optional(),
    location: text(LIMITS.location).optional(),
    website: HttpUrl.nullable().optional(),
    /** Switched off again, whoever has asked to follow does. */
    protected: z.boolean().optional(),
    messagesFrom: MessagesFrom.optional(),
    showPresence: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "must change something");
export type UpdateUser = z.infer<typeof UpdateUser>;

/** What each may fail with, beside what any call may. */
export const USER_REASONS = {
  "users.get": ["USER_NOT_FOUND"],
  "users.followers": ["USER_NOT_FOUND", "BAD_CURSOR"],
  "users.following": ["USER_NOT_FOUND", "BAD_CURSOR"],
  "users.suggestions": ["BAD_CURSOR"],
  "users.relationships": [],
  "users.update": ["CONTENT_REFUSED", "USER_NOT_FOUND"],
  "users.follow": ["SELF_TARGET", "USER_NOT_FOUND", "BLOCKING"],
  "users.unfollow": ["SELF_TARGET", "USER_NOT_FOUND", "BLOCKING"],
  "users.removeFollower": ["SELF_TARGET", "USER_NOT_FOUND", "BLOCKING"],
  "users.followRequests": ["BAD_CURSOR"],
  "users.acceptFollow": ["SELF_TARGET", "USER_NOT_FOUND", "BLOCKING"],
  "users.rejectFollow": ["SELF_TARGET", "USER_NOT_FOUND", "BLOCKING"],
  "users.blocked": ["BAD_CURSOR"],
  "users.muted": ["BAD_CURSOR"],
  "users.block": ["SELF_TARGET", "USER_NOT_FOUND"],
  "users.unblock": ["SELF_TARGET", "USER_NOT_FOUND"],
  "users.mute": ["SELF_TARGET", "USER_NOT_FOUND"],
  "users.unmute": ["SELF_TARGET", "USER_NOT_FOUND"],
  "users.mutedWords": ["BAD_CURSOR"],
  "users.muteWord": [],
  "users.unmuteWord": [],
  "users.deactivate": ["REAUTH_REQUIRED", "LAST_ADMIN", "CONFLICT"],
  "users.requestExport": ["REAUTH_REQUIRED"],
  "users.exports": ["BAD_CURSOR"],
  "users.deleteAccount": ["BAD_CREDENTIALS", "LAST_ADMIN", "CONFLICT"],
} as const satisfies ReasonTable;
