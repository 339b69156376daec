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
  /** Your conversations, the one that was last written in first. */
  conversations: verified
    .input(PageInput)
    .output(answer(pageOf(Conversation)))
    .query(({ ctx, input }) => listConversations(ctx, input)),

  /** What strangers wrote to you and you have not accepted, the latest first. */
  requests: verified
    .input(PageInput)
    .output(answer(pageOf(Conversation)))
    .query(({ ctx, input }) => listRequests(ctx, input)),

  /** The messages of a conversation: newest first, or, with `after`, oldest first. */
  messages: verified
    .input(ListMessages)
    .output(answer(pageOf(Message)))
    .query(({ ctx, input }) => listMessages(ctx, input)),

  /** Messages of your conversations that hold all that is asked for, newest first. */
  search: verified
    .meta(limit("search"))
    .input(SearchMessages)
    .output(answer(pageOf(Message)))
    .query(({ ctx, input }) => searchMessages(ctx, input)),

  /** How many messages you have not read, in all conversations together, without muted ones and requests. */
  unreadCount: verified.output(answer(UnreadCount)).query(({ ctx }) => countUnread(ctx)),

  /** Opens your conversation with a user, who learns of it once you write; the same one however often. */
  start: verified
    .meta(limit("message"))
    .input(StartConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => startConversation(ctx, input)),

  /** Makes a request one of your conversations. To answer it does so, too; to leave it is to decline it. */
  accept: verified
    .input(InConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => acceptConversation(ctx, input)),

  /** Changes what your own message says, for a day after you sent it. */
  edit: verified
    .meta(limit("message"))
    .input(EditMessage)
    .output(answer(Message))
    .mutation(({ ctx, input }) => editMessage(ctx, input)),

  /** Sets your emoji on a message, or with `on: false` takes it away. */
  react: verified
    .meta(limit("message"))
    .input(ReactToMessage)
    .output(answer(Message))
    .mutation(({ ctx, input }) => reactToMessage(ctx, input)),

  /** Deletes a message from your own view, or your own one for all: a tombstone stays in its place. */
  delete: verified
    .meta(once)
    .input(DeleteMessage)
    .output(answer(Done))
    .mutation(async ({ ctx, input }) => {
      await deleteMessage(ctx, input);
      return { ok: true };
    }),

  /** Makes a group, which is yours; for who does not follow you it is a request. The same `clientId` again is the same group. */
  createGroup: verified
    .meta(limit("group"))
    .input(CreateGroup)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => createGroup(ctx, input)),

  /** Gives a group another title, as its owner or an admin. */
  rename: verified
    .meta(limit("message"))
    .input(RenameGroup)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => renameGroup(ctx, input)),

  /** Adds users to a group, as its owner or an admin; they see what is said from then on. */
  addMembers: verified
    .meta(limit("message"))
    .input(AddMembers)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => addMembers(ctx, input)),

  /** Removes a member from a group; an admin not the owner, nor another admin. */
  removeMember: verified
    .meta(once)
    .meta(limit("message"))
    .input(RemoveMember)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => removeMember(ctx, input)),

  /** Makes a member of your group an admin, or no longer one, or hands it to them. */
  setRole: verified
    .meta(limit("message"))
    .input(SetMemberRole)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => setRole(ctx, input)),

  /** Clears a conversation from your view, until somebody writes in it again. In a group it ends your membership. */
  leave: verified
    .meta(once)
    .input(InConversation)
    .output(answer(Done))
    .mutation(async ({ ctx, input }) => {
      await leaveConversation(ctx, input.conversationId);
      return { ok: true };
    }),

  /** Has a conversation make no notifications, for good or until then. */
  mute: verified
    .input(MuteConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => muteConversation(ctx, input)),

  /** Lets a conversation make notifications again. */
  unmute: verified
    .input(InConversation)
    .output(answer(Conversation))
    .mutation(({ ctx, input }) => unmuteConversation(ctx, input.conversationId)),
} satisfies TRPCRouterRecord;
