import type { Conversation, ErrorReason, Message } from "@warble/contracts";
import { contextOf } from "../../seed/caller";
import { markDelivered, markRead } from "../../src/features/chat/mark.service";
import { sendMessage } from "../../src/features/chat/message-send.service";
import type { ViewerContext } from "../../src/platform/context";
import { type Choice, type Move, other, pick, pickLate } from "./move";
import type { Person, World } from "./world";

const ACROSS: ErrorReason[] = ["USER_NOT_FOUND", "BLOCKING"];
const EMOJI = ["👍", "🎉", "🐦"];

let sent = 0;

/** What is said on a socket is said to its service here. */
const contextFor = ({ app }: World, { id, name }: Person): ViewerContext =>
  contextOf(app.running.app, { id, username: name, sessionId: "", role: "user", emailVerified: true });

const send = (world: World, me: Person, to: { to: string } | { conversationId: string; replyTo?: string }) =>
  sendMessage(contextFor(world, me), { ...to, clientId: `walk-${++sent}`, content: world.text() });

const keep = (
  world: World,
  { id, conversationId }: Message,
  [sender, ...others]: [Person, ...Person[]],
): void => void world.messages.push({ id, sender, place: world.join(conversationId, [sender, ...others]) });

interface Target {
  reasons?: ErrorReason[];
  call: (world: World, me: Person, at: { id: string; choice: Choice }) => Promise<unknown>;
  apply?: (world: World, answer: never, at: { me: Person; choice: Choice }) => void;
}

/** Mostly one where somebody is, or was; others are as if they were not there. */
const mostlyMine = (me: Person, choice: Choice, { members }: { members: Set<Person> }): boolean =>
  choice.b % 8 === 0 || members.has(me);

const inConversation = (weight: number, { reasons = [], call, apply }: Target): Move => ({
  weight,
  reasons: ["CONVERSATION_NOT_FOUND", ...reasons],
  deed: (world, me, choice) => {
    const mine = world.conversations.filter((each) => mostlyMine(me, choice, each));
    const id = pickLate(mine, choice.a)?.id;
    if (!id) return null;
    return {
      call: () => call(world, me, { id, choice }),
      ...(apply && { apply: (answer) => apply(world, answer, { me, choice }) }),
    };
  },
});

const toMessage = (weight: number, { reasons = [], call }: Target): Move => ({
  weight,
  reasons: ["MESSAGE_NOT_FOUND", "FORBIDDEN", ...reasons],
  deed: (world, me, choice) => {
    const mine = world.messages.filter(({ place }) => mostlyMine(me, choice, place));
    const id = pickLate(mine, choice.a)?.id;
    return id ? { call: () => call(world, me, { id, choice }) } : null;
  },
});

export const CHAT: Record<string, Move> = {
  say: {
    weight: 6,
    reasons: ACROSS,
    deed: (world, me, { a }) => {
      const them = other(world, me, a);
      return {
        call: () => send(world, me, { to: them.id }),
        refusal: () => {
          if (!world.canSee(me, them, "profile")) return "USER_NOT_FOUND";
          return world.blocks.has(me, them) ? "BLOCKING" : undefined;
        },
        apply: (message: Message) => keep(world, message, [me, them]),
      };
    },
  },
  sayIn: inConversation(8, {
    reasons: ACROSS,
    call: (world, me, { id }) => send(world, me, { conversationId: id }),
    apply: (world, message: Message, { me }) => keep(world, message, [me]),
  }),
  answerIn: inConversation(3, {
    reasons: [...ACROSS, "MESSAGE_NOT_FOUND"],
    call: async (world, me, { id, choice }) => {
      const { items } = await me.caller.chat.messages({ conversationId: id, limit: 5 });
      const answered = pick(items, choice.b);
      return send(world, me, { conversationId: id, ...(answered && { replyTo: answered.id }) });
    },
    apply: (world, message: Message, { me }) => keep(world, message, [me]),
  }),
  read: inConversation(6, {
    call: (world, me, { id, choice }) =>
      markRead(contextFor(world, me), { conversationId: id, number: 1 + (choice.b % 9) }),
  }),
  receive: inConversation(3, {
    call: (world, me, { id, choice }) =>
      markDelivered(contextFor(world, me), { conversationId: id, number: 1 + (choice.b % 9) }),
  }),
  accept: inConversation(2, { call: (_, me, { id }) => me.caller.chat.accept({ conversationId: id }) }),
  leave: inConversation(1, { call: (_, me, { id }) => me.caller.chat.leave({ conversationId: id }) }),
  muteConversation: inConversation(1, {
    call: (_, me, { id }) => me.caller.chat.mute({ conversationId: id }),
  }),
  unmuteConversation: inConversation(1, {
    call: (_, me, { id }) => me.caller.chat.unmute({ conversationId: id }),
  }),
  rename: inConversation(1, {
    reasons: ["FORBIDDEN"],
    call: (world, me, { id }) => me.caller.chat.rename({ conversationId: id, title: world.text() }),
  }),
  editMessage: toMessage(3, {
    reasons: ACROSS,
    call: (world, me, { id }) => me.caller.chat.edit({ messageId: id, content: world.text() }),
  }),
  react: toMessage(3, {
    reasons: ACROSS,
    call: (_, me, { id, choice }) =>
      me.caller.chat.react({ messageId: id, emoji: EMOJI[choice.b % 3] ?? "", on: choice.b % 4 > 0 }),
  }),
  deleteMessage: toMessage(3, {
    call: (_, me, { id, choice }) =>
      me.caller.chat.delete({ messageId: id, for: choice.b % 2 ? "me" : "all" }),
  }),
  makeGroup: {
    weight: 2,
    reasons: ["USER_NOT_FOUND"],
    deed: (world, me, { a, b }) => {
      const others = [other(world, me, a), other(world, me, b)];
      return {
        call: () => me.caller.chat.createGroup({ title: "walkers", userIds: others.map(({ id }) => id) }),
        apply: ({ id }: Conversation) => void world.join(id, [me, ...others]),
      };
    },
  },
  addMember: inConversation(3, {
    reasons: ["USER_NOT_FOUND", "FORBIDDEN"],
    call: (world, me, { id, choice }) =>
      me.caller.chat.addMembers({ conversationId: id, userIds: [other(world, me, choice.b).id] }),
    apply: (world, { id }: Conversation, { me, choice }) => void world.join(id, [other(world, me, choice.b)]),
  }),
  removeMember: inConversation(1, {
    reasons: ["FORBIDDEN"],
    call: (world, me, { id, choice }) =>
      me.caller.chat.removeMember({ conversationId: id, userId: other(world, me, choice.b).id }),
  }),
  setMemberRole: inConversation(2, {
    reasons: ["FORBIDDEN", "USER_NOT_FOUND"],
    call: (world, me, { id, choice: { b } }) =>
      me.caller.chat.setRole({
        conversationId: id,
        userId: other(world, me, b).id,
        role: (["owner", "admin", "member"] as const)[b % 3] ?? "member",
      }),
  }),
  lookAtConversations: {
    weight: 2,
    reasons: [],
    deed: (_, me) => ({ call: () => me.caller.chat.conversations({ limit: 100 }) }),
  },
  lookAtNotifications: {
    weight: 2,
    reasons: [],
    deed: (_, me) => ({ call: () => me.caller.notifications.list({ limit: 100 }) }),
  },
  readNotifications: {
    weight: 1,
    reasons: [],
    deed: (_, me) => ({ call: () => me.caller.notifications.markAllRead() }),
  },
};
