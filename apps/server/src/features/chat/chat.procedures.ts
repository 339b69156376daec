import type { TRPCRouterRecord } from "@trpc/server";
import {
  AddMembers,
  Conversation,
  CreateGroup,
  DeleteMessage,
  Done,
  EditMessage,
  InConversation,
  ListMessages,
  Message,
  MuteConversation,
  PageInput,
  pageOf,
  ReactToMessage,
  RemoveMember,
  RenameGroup,
  SearchMessages,
  SetMemberRole,
  StartConversation,
  UnreadCount,
} from "@warble/contracts";
import { answer, limit, once, verified } from "../../platform/trpc";
import { countUnread, listConversations, startConversation } from "./conversation.service";
import { createGroup, renameGroup, setRole } from "./group.service";
import { addMembers, removeMember } from "./group-member.service";
import { leaveConversation, muteConversation, unmuteConversation } from "./membership.service";
import { listMessages } from "./message.service";
import { deleteMessage } from "./message-delete.service";
import { editMessage } from "./message-edit.service";
import { searchMessages } from "./message-search.service";
import { reactToMessage } from "./reaction.service";
import { acceptConversation, listRequests } from "./request.service";

export const chat = {
  /** Your conversations, the one that was last written in first. Fails with BAD_CURSOR. */
  conversations: verified
    .input(PageInput)
    .output(answer(pageOf(Conversation)))
    .query(({ ctx, input }) => listConversations(ctx, input)),

  /** What strangers wrote to you and you have not accepted, the latest first. Fails with BAD_CURSOR. */
  requests: verified
    .input(PageInput)
    .output(answer(pageOf(Conversation)))
    .query(({ ctx, input }) => listRequests(ctx, input)),

  /**
   * The messages of a conversation: newest first, or, with `after`, oldest first. Fails with CONVERSATION_NOT_FOUND,
   * BAD_CURSOR.
   */
  messages: verified
    .input(ListMessages)
    .output(answer(pageOf(Message)))
    .query(({ ctx, input }) => listMessages(ctx, input)),

  /**
   * Messages of your conversations that hold all that is asked for, newest first. Fails with CONVERSATION_NOT_FOUND,
   * BAD_CURSOR.
   */
  search: verified
    .meta(limit("search"))
    .input(SearchMessages)
    .output(answer(pageOf(Message)))
    .query(({ ctx, input }) => searchMessages(ctx, input)),

  /** How many messages you have not read, in all conversations together, without muted ones and requests. */
  unreadCount: verified.output(answer(UnreadCount)).query(({ ctx }) => countUnread(ctx)),

  /**
   * Opens your conversation with a user, who learns of it once you write; the same one however often. Fails with
   * SELF_TARGET, USER_NOT_FOUND, BLOCKING, FORBIDDEN.
   */
  start: verified
    .meta(limit("message"))
    .input(StartConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => startConversation(ctx, input)),

  /**
   * Makes a request one of your conversations. To answer it does so, too; to leave it is to decline it. Fails with
   * CONVERSATION_NOT_FOUND.
   */
  accept: verified
    .input(InConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => acceptConversation(ctx, input)),

  /**
   * Changes what your own message says, for a day after you sent it. Fails with MESSAGE_NOT_FOUND, USER_NOT_FOUND,
   * BLOCKING, FORBIDDEN.
   */
  edit: verified
    .meta(limit("message"))
    .input(EditMessage)
    .output(answer(Message))
    .mutation(({ ctx, input }) => editMessage(ctx, input)),

  /**
   * Sets your emoji on a message, or with `on: false` takes it away. Fails with MESSAGE_NOT_FOUND, USER_NOT_FOUND,
   * BLOCKING, FORBIDDEN.
   */
  react: verified
    .meta(limit("message"))
    .input(ReactToMessage)
    .output(answer(Message))
    .mutation(({ ctx, input }) => reactToMessage(ctx, input)),

  /**
   * Deletes a message from your own view, or your own one for all: a tombstone stays in its place. Fails with
   * MESSAGE_NOT_FOUND, FORBIDDEN.
   */
  delete: verified
    .meta(once)
    .input(DeleteMessage)
    .output(answer(Done))
    .mutation(async ({ ctx, input }) => {
      await deleteMessage(ctx, input);
      return { ok: true };
    }),

  /**
   * Makes a group, which is yours; for who does not follow you it is a request. The same `clientId` again is the
   * same group. Fails with USER_NOT_FOUND, CONVERSATION_NOT_FOUND, FORBIDDEN.
   */
  createGroup: verified
    .meta(limit("group"))
    .input(CreateGroup)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => createGroup(ctx, input)),

  /** Gives a group another title, as its owner or an admin. Fails with CONVERSATION_NOT_FOUND, FORBIDDEN. */
  rename: verified
    .meta(limit("message"))
    .input(RenameGroup)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => renameGroup(ctx, input)),

  /**
   * Adds users to a group, as its owner or an admin; they see what is said from then on. Fails with
   * CONVERSATION_NOT_FOUND, USER_NOT_FOUND, FORBIDDEN.
   */
  addMembers: verified
    .meta(limit("message"))
    .input(AddMembers)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => addMembers(ctx, input)),

  /**
   * Removes a member from a group; an admin not the owner, nor another admin. Fails with CONVERSATION_NOT_FOUND,
   * FORBIDDEN, SELF_TARGET.
   */
  removeMember: verified
    .meta(once)
    .meta(limit("message"))
    .input(RemoveMember)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => removeMember(ctx, input)),

  /**
   * Makes a member of your group an admin, or no longer one, or hands it to them. Fails with CONVERSATION_NOT_FOUND,
   * FORBIDDEN, SELF_TARGET, USER_NOT_FOUND.
   */
  setRole: verified
    .meta(limit("message"))
    .input(SetMemberRole)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => setRole(ctx, input)),

  /**
   * Clears a conversation from your view, until somebody writes in it again. In a group it ends your membership.
   * Fails with CONVERSATION_NOT_FOUND.
   */
  leave: verified
    .meta(once)
    .input(InConversation)
    .output(answer(Done))
    .mutation(async ({ ctx, input }) => {
      await leaveConversation(ctx, input.conversationId);
      return { ok: true };
    }),

  /** Has a conversation make no notifications, for good or until then. Fails with CONVERSATION_NOT_FOUND. */
  mute: verified
    .input(MuteConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => muteConversation(ctx, input)),

  /** Lets a conversation make notifications again. Fails with CONVERSATION_NOT_FOUND. */
  unmute: verified
    .input(InConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => unmuteConversation(ctx, input.conversationId)),
} satisfies TRPCRouterRecord;
