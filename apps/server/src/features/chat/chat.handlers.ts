import type { Conversation, InConversation } from "@warble/contracts";
import { CHAT_CALLS } from "@warble/contracts/socket";
import type { Namespace } from "../../platform/socket";
import { call, type SocketContext } from "../../platform/socket-call";
import { showEvents } from "./chat.feed";
import { listConversations } from "./conversation.service";
import { createGroup, renameGroup, setRole } from "./group.service";
import { addMembers, removeMember } from "./group-member.service";
import { markDelivered, markRead } from "./mark.service";
import { leaveConversation, muteConversation, unmuteConversation } from "./membership.service";
import { listMessages } from "./message.service";
import { deleteMessage } from "./message-delete.service";
import { editMessage } from "./message-edit.service";
import { searchMessages } from "./message-search.service";
import { sendMessage } from "./message-send.service";
import { contactsOf } from "./presence.service";
import { reactToMessage } from "./reaction.service";
import { acceptConversation, listRequests, typingAudience } from "./request.service";

/** Answers the conversation as it is after a change. */
const showing =
  <Input>(change: (ctx: SocketContext, input: Input) => Promise<Conversation>) =>
  async (ctx: SocketContext, input: Input) => ({ conversation: await change(ctx, input) });

/** What clients may say on `/chat`, and what they are sent. */
export const chatSocket: Namespace = {
  name: "/chat",
  ready: "chat:ready",
  show: showEvents,
  presence: { event: "chat:presence", contactsOf },
  calls: {
    /** Stores a message and answers it; the same `clientId` again answers the same message. */
    "chat:send": call(
      CHAT_CALLS["chat:send"],
      async (ctx, input) => ({ message: await sendMessage(ctx, input) }),
      "message",
    ),
    /** A page of a conversation's messages. */
    "chat:history": call(CHAT_CALLS["chat:history"], listMessages),
    /** A page of the viewer's conversations. */
    "chat:conversations": call(CHAT_CALLS["chat:conversations"], listConversations),
    /** A page of what strangers wrote to the viewer. */
    "chat:requests": call(CHAT_CALLS["chat:requests"], listRequests),
    /** Makes a request one of the viewer's conversations; answers it. */
    "chat:accept": call(CHAT_CALLS["chat:accept"], async (ctx, input) => ({
      conversation: await acceptConversation(ctx, input),
    })),
    /** A page of messages, in the viewer's conversations, that hold all that is asked for. */
    "chat:search": call(CHAT_CALLS["chat:search"], searchMessages, "search"),
    /** Moves the viewer's read mark forward; answers where it is now. */
    "chat:read": call(CHAT_CALLS["chat:read"], markRead),
    /** Moves the viewer's mark of what has arrived forward; answers where it is now. */
    "chat:delivered": call(CHAT_CALLS["chat:delivered"], markDelivered),
    /** Makes a group, which is the viewer's; the same `clientId` again answers the same one. */
    "chat:createGroup": call(CHAT_CALLS["chat:createGroup"], showing(createGroup), "group"),
    /** Gives a group another title; answers it, as all that follow. */
    "chat:rename": call(CHAT_CALLS["chat:rename"], showing(renameGroup), "message"),
    /** Adds users to a group. */
    "chat:addMembers": call(CHAT_CALLS["chat:addMembers"], showing(addMembers), "message"),
    /** Removes a member from a group. */
    "chat:removeMember": call(CHAT_CALLS["chat:removeMember"], showing(removeMember), "message"),
    /** Makes a member of a group an admin, or no longer one, or hands it to them. */
    "chat:setRole": call(CHAT_CALLS["chat:setRole"], showing(setRole), "message"),
    /** Clears a conversation from the viewer's view, until somebody writes in it again; ends their membership of a group. */
    "chat:leave": call(CHAT_CALLS["chat:leave"], async (ctx, { conversationId }) => {
      await leaveConversation(ctx, conversationId);
      return {};
    }),
    /** Has a conversation make no notifications, for good or until then; answers it. */
    "chat:mute": call(CHAT_CALLS["chat:mute"], async (ctx, input) => ({
      conversation: await muteConversation(ctx, input),
    })),
    /** Lets a conversation make notifications again; answers it. */
    "chat:unmute": call(CHAT_CALLS["chat:unmute"], async (ctx, { conversationId }) => ({
      conversation: await unmuteConversation(ctx, conversationId),
    })),
    /** Changes what the viewer's own message says; answers it. */
    "chat:edit": call(
      CHAT_CALLS["chat:edit"],
      async (ctx, input) => ({ message: await editMessage(ctx, input) }),
      "message",
    ),
    /** Sets an emoji on a message, or takes it away; answers the message. */
    "chat:react": call(
      CHAT_CALLS["chat:react"],
      async (ctx, input) => ({ message: await reactToMessage(ctx, input) }),
      "message",
    ),
    /** Deletes a message from the viewer's own view, or their own one for all. */
    "chat:delete": call(CHAT_CALLS["chat:delete"], async (ctx, input) => {
      await deleteMessage(ctx, input);
      return {};
    }),
    /** Tells the other members, those who are there now and have accepted the conversation, that the viewer is typing. */
    "chat:typing": call(CHAT_CALLS["chat:typing"], tellTyping, "typing"),
    /** Tells from now on who of these contacts comes and goes, in place of those before; answers who is there. */
    "chat:presence": call(
      CHAT_CALLS["chat:presence"],
      async (ctx, { userIds }) => ({ online: await ctx.watchPresence(userIds) }),
      "presence",
    ),
    /** Lets the socket live as long as a fresh token of its session; answers for how many seconds. */
    "chat:renew": {
      ...call(CHAT_CALLS["chat:renew"], async (ctx, { token }) => ({ expiresIn: await ctx.renew(token) })),
      unverified: true,
    },
    /** Sends again what came after an event, then goes on live; answers the newest event's number. */
    "chat:resume": call(CHAT_CALLS["chat:resume"], async (ctx, { lastEvent }) => ({
      lastEvent: await ctx.feed.resume(lastEvent),
    })),
  },
};

async function tellTyping(
  ctx: SocketContext,
  { conversationId }: InConversation,
): Promise<Record<string, never>> {
  for (const userId of await typingAudience(ctx, { conversationId })) {
    ctx.tell(userId, "chat:typing", { conversationId, userId: ctx.viewer.id });
  }
  return {};
}
