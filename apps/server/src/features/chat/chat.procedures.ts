import type { TRPCRouterRecord } from "@trpc/server";
import {
  Conversation,
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
  SearchMessages,
  StartConversation,
  UnreadCount,
} from "@warble/contracts";
import { answer, limit, verified } from "../../platform/trpc";
import { countUnread, listConversations, startConversation } from "./conversation.service";
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
    .input(DeleteMessage)
    .output(answer(Done))
    .mutation(async ({ ctx, input }) => {
      await deleteMessage(ctx, input);
      return { ok: true };
    }),

  /** Clears a conversation from your view, until somebody writes in it again. */
  leave: verified
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
