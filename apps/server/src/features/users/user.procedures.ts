import type { TRPCRouterRecord } from "@trpc/server";
import {
  ById,
  DataExport,
  DeleteAccount,
  Done,
  FollowState,
  GetUser,
  ListByUsername,
  ListRelationships,
  MutedWord,
  MuteUser,
  MuteWord,
  PageInput,
  pageOf,
  Relationship,
  RelationshipOf,
  UpdateUser,
  User,
  UserCard,
} from "@warble/contracts";
import { z } from "zod";
import { answer, anyone, hashes, limit, signedIn, verified } from "../../platform/trpc";
import { deactivate, deleteAccount } from "../lifecycle/departure.service";
import { listExports, requestExport } from "../lifecycle/export.service";
import { listMutedWords, muteWord, unmuteWord } from "../mutes/mute.service";
import {
  blockUser,
  listBlocked,
  listMuted,
  muteUser,
  unblockUser,
  unmuteUser,
} from "../relationships/block.service";
import {
  acceptFollow,
  followUser,
  listFollowers,
  listFollowing,
  rejectFollow,
  removeFollower,
  unfollowUser,
} from "../relationships/follow.service";
import { listFollowRequests } from "../relationships/request.service";
import { suggestUsers } from "../relationships/suggestion.service";
import { getUser, listRelationships, updateUser } from "./profile.service";

export const users = {
  /** One user's profile, by username or by id. Fails with USER_NOT_FOUND. */
  get: anyone
    .input(GetUser)
    .output(answer(User))
    .query(({ ctx, input }) => getUser(ctx, input)),

  /** Who follows a user, the latest first. Fails with USER_NOT_FOUND, BAD_CURSOR. */
  followers: anyone
    .input(ListByUsername)
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listFollowers(ctx, input)),

  /** Whom a user follows, the latest first. Fails with USER_NOT_FOUND, BAD_CURSOR. */
  following: anyone
    .input(ListByUsername)
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listFollowing(ctx, input)),

  /** Whom the viewer might follow: one page, the best first. Fails with BAD_CURSOR. */
  suggestions: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => suggestUsers(ctx, input)),

  /** What stands between the viewer and each of these users, in the order asked; unknown ones are left out. */
  relationships: signedIn
    .input(ListRelationships)
    .output(answer(z.array(RelationshipOf)))
    .query(({ ctx, input }) => listRelationships(ctx, input.ids)),

  /** Changes the viewer's own profile; what is left out stays. Fails with CONTENT_REFUSED, USER_NOT_FOUND. */
  update: signedIn
    .input(UpdateUser)
    .output(answer(User))
    .mutation(({ ctx, input }) => updateUser(ctx, input)),

  /**
   * Follows a user, or asks to where they are protected; twice is the same as once. Fails with BLOCKING,
   * USER_NOT_FOUND, SELF_TARGET.
   */
  follow: verified
    .meta(limit("follow"))
    .input(ById)
    .output(answer(FollowState))
    .mutation(({ ctx, input }) => followUser(ctx, input.id)),

  /** Stops following a user; twice is the same as once. Fails with BLOCKING, USER_NOT_FOUND, SELF_TARGET. */
  unfollow: verified
    .input(ById)
    .output(answer(FollowState))
    .mutation(({ ctx, input }) => unfollowUser(ctx, input.id)),

  /**
   * Has a user no longer follow the viewer; they are not told. Fails with BLOCKING, USER_NOT_FOUND, SELF_TARGET.
   */
  removeFollower: verified
    .input(ById)
    .output(answer(FollowState))
    .mutation(({ ctx, input }) => removeFollower(ctx, input.id)),

  /** Who has asked to follow the viewer and waits for an answer, the latest first. Fails with BAD_CURSOR. */
  followRequests: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listFollowRequests(ctx, input)),

  /**
   * Lets a user follow who has asked to; who has not asked does not. Fails with USER_NOT_FOUND, SELF_TARGET,
   * BLOCKING.
   */
  acceptFollow: verified
    .input(ById)
    .output(answer(FollowState))
    .mutation(({ ctx, input }) => acceptFollow(ctx, input.id)),

  /** Has a user who asked to follow the viewer not do so. Fails with USER_NOT_FOUND, SELF_TARGET, BLOCKING. */
  rejectFollow: verified
    .input(ById)
    .output(answer(FollowState))
    .mutation(({ ctx, input }) => rejectFollow(ctx, input.id)),

  /** Whom the viewer blocks, the latest first. Fails with BAD_CURSOR. */
  blocked: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listBlocked(ctx, input)),

  /** Whom the viewer mutes, the latest first. Fails with BAD_CURSOR. */
  muted: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => listMuted(ctx, input)),

  /**
   * Hides the viewer and a user from each other and breaks their follows; twice is the same as once. Fails with
   * USER_NOT_FOUND, SELF_TARGET.
   */
  block: verified
    .meta(limit("follow"))
    .input(ById)
    .output(answer(Relationship))
    .mutation(({ ctx, input }) => blockUser(ctx, input.id)),

  /** Takes a block back; what it broke stays broken. Fails with USER_NOT_FOUND, SELF_TARGET. */
  unblock: verified
    .input(ById)
    .output(answer(Relationship))
    .mutation(({ ctx, input }) => unblockUser(ctx, input.id)),

  /**
   * Has what a user writes and does, or only what they retweet, no longer come to the viewer unasked, for good or
   * until then; they never learn. Fails with USER_NOT_FOUND, SELF_TARGET.
   */
  mute: verified
    .meta(limit("follow"))
    .input(MuteUser)
    .output(answer(Relationship))
    .mutation(({ ctx, input }) => muteUser(ctx, input)),

  /** Takes a mute back. Fails with USER_NOT_FOUND, SELF_TARGET. */
  unmute: verified
    .input(ById)
    .output(answer(Relationship))
    .mutation(({ ctx, input }) => unmuteUser(ctx, input.id)),

  /** The words and phrases that the viewer mutes, the latest first. Fails with BAD_CURSOR. */
  mutedWords: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(MutedWord)))
    .query(({ ctx, input }) => listMutedWords(ctx, input)),

  /**
   * Has what holds a word or phrase no longer come to the viewer unasked, for good or until then. Fails with
   * BAD_INPUT.
   */
  muteWord: verified
    .meta(limit("follow"))
    .input(MuteWord)
    .output(answer(MutedWord))
    .mutation(({ ctx, input }) => muteWord(ctx, input)),

  /** Takes the mute of a word back; it need not be there. */
  unmuteWord: verified
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => unmuteWord(ctx, input.id)),

  /**
   * Hides the viewer and all that is theirs until they sign in again, and signs them out everywhere; a role is given
   * back. Fails with CONFLICT, REAUTH_REQUIRED, LAST_ADMIN.
   */
  deactivate: signedIn.output(answer(Done)).mutation(({ ctx }) => deactivate(ctx)),

  /**
   * Has a file made of all that is the viewer's, one a day; a mail says when it can be fetched at `/exports/<id>`.
   * While one is made, it is that one. Fails with REAUTH_REQUIRED, RATE_LIMITED.
   */
  requestExport: signedIn.output(answer(DataExport)).mutation(({ ctx }) => requestExport(ctx)),

  /** The files of the viewer's data, the latest first; each is kept for a week. Fails with BAD_CURSOR. */
  exports: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(DataExport)))
    .query(({ ctx, input }) => listExports(ctx, input)),

  /**
   * Deletes the viewer's account, for good: it is gone at once, what is theirs is taken away soon after, and then
   * their name is free; a role is given back. Fails with CONFLICT, BAD_CREDENTIALS, RATE_LIMITED, LAST_ADMIN.
   */
  deleteAccount: signedIn
    .meta(limit("guess"))
    .meta(hashes)
    .input(DeleteAccount)
    .output(answer(Done))
    .mutation(({ ctx, input }) => deleteAccount(ctx, input)),
} satisfies TRPCRouterRecord;
