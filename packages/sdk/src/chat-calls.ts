import type {
  ClientToServer,
  Conversation,
  DeletedMessage,
  GroupRole,
  Message,
  Page,
  ReadMark,
  Refused,
  UserPresence,
} from "@warble/contracts";
import { ChatListeners } from "./chat-listeners";
import { newClientId } from "./client-id";
import type { WarbleError } from "./error";
import { iterate } from "./iterate";
import { PresenceWatch } from "./presence";

/** What a chat client can listen to. */
export interface ChatEvents {
  message: (message: Message) => void;
  /** A message was changed: this is how it is now. */
  updated: (message: Message) => void;
  /** A message is gone from the viewer's view, or, for all, is an empty one from now on. */
  deleted: (deleted: DeletedMessage) => void;
  read: (mark: ReadMark) => void;
  /** Messages have arrived at a member; the SDK itself says so of those that arrive here. */
  delivered: (mark: ReadMark) => void;
  /** The viewer left this conversation, here or on another device, or was removed from this group. */
  left: (conversationId: string) => void;
  /** A conversation is new to the viewer, or otherwise than it was; `state` says whether it is a request. */
  conversation: (conversation: Conversation) => void;
  typing: (typing: { conversationId: string; userId: string }) => void;
  /** One of those whom `presence` was asked for has come, or has been gone for some seconds. */
  presence: (presence: UserPresence) => void;
  /** The first connection, or the first after `resync`: what was loaded before it may miss something. */
  connected: () => void;
  /** The connection came back; what was missed in between follows, in order. */
  resumed: () => void;
  /** Away for too long to catch up: load conversations and messages again. */
  resync: () => void;
  /** The connection is gone; it comes back by itself, unless the session has ended. */
  disconnected: (reason: string) => void;
  /** The connection will not come back by itself: the session has ended, or the user has signed out. */
  ended: (error: WarbleError) => void;
}

/** What is asked, by the name of the event. */
export type Calls = { [Name in keyof ClientToServer]: Parameters<ClientToServer[Name]>[0] };
/** What is answered. */
export type Answers = {
  [Name in keyof ClientToServer]: Exclude<Parameters<Parameters<ClientToServer[Name]>[1]>[0], Refused>;
};

/** What can be done with messages and conversations, whatever carries it. */
export abstract class ChatCalls extends ChatListeners {
  protected readonly presenceWatch = new PresenceWatch((presence) => this.tell("presence", presence));

  protected abstract call<Name extends keyof Calls>(name: Name, input: Calls[Name]): Promise<Answers[Name]>;

  /**
   * A page of what strangers wrote to the viewer and they have not accepted, the latest first.
   * @example
   * for (const { id, lastMessage } of (await warble.chat.requests()).items) show(id, lastMessage);
   */
  requests(input: { cursor?: string; limit?: number } = {}): Promise<Page<Conversation>> {
    return this.call("chat:requests", input);
  }

  /**
   * Makes a request one of the viewer's conversations; from then on the others see what the viewer has read. To answer
   * it does so, too, and to `leave` it is to decline it.
   * @throws WarbleError CONVERSATION_NOT_FOUND
   * @example
   * const conversation = await warble.chat.accept(request.id);
   */
  async accept(conversationId: string): Promise<Conversation> {
    return (await this.call("chat:accept", { conversationId })).conversation;
  }

  /**
   * Who of these contacts is there now; `on("presence", ...)` hears from then on who comes and goes, in place of those of
   * an earlier call. Contacts are those with whom the viewer has a conversation in which both take part; of others, and of
   * those who do not show it, nothing is told. @throws WarbleError BAD_INPUT for more than 100, RATE_LIMITED
   */
  async presence(userIds: string[]): Promise<string[]> {
    const { online } = await this.call("chat:presence", { userIds });
    this.presenceWatch.asked(userIds, online);
    return online;
  }

  /**
   * Who of these contacts is there, and then who comes and goes, as an async iterator; as `presence`, it takes the place
   * of those before, and it ends with `signal` or with `break`. @throws WarbleError as `presence`; NOT_SIGNED_IN
   * @example
   * for await (const { userId, online } of warble.chat.presences([bob.id])) mark(userId, online);
   */
  presences(
    userIds: string[],
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncIterableIterator<UserPresence, void, undefined> {
    return iterate<UserPresence>(({ push, fail }) => {
      const stops = [this.on("presence", push), this.on("ended", fail)];
      this.presence(userIds).then((online) => online.map((userId) => push({ userId, online: true })), fail);
      return () => {
        for (const stop of stops) stop();
      };
    }, signal);
  }

  /**
   * A page of messages, newest first, that hold all words and "phrases" of `query`: of one conversation, or, without
   * `conversationId`, of all that the viewer is in.
   * @param input `query`: 64 characters at most
   * @throws WarbleError CONVERSATION_NOT_FOUND, BAD_INPUT, RATE_LIMITED
   * @example
   * const { items, nextCursor } = await warble.chat.search({ query: 'lunch "see you"' });
   */
  search(input: Calls["chat:search"]): Promise<Page<Message>> {
    return this.call("chat:search", input);
  }

  /** Marks messages as read up to `number`; the mark only moves forward. */
  async read(conversationId: string, number: number): Promise<void> {
    await this.call("chat:read", { conversationId, number });
  }

  /** Tells the others that the viewer is typing. */
  async typing(conversationId: string): Promise<void> {
    await this.call("chat:typing", { conversationId });
  }

  /** Changes what the viewer's own message says. @throws WarbleError MESSAGE_NOT_FOUND, FORBIDDEN, BAD_INPUT */
  async edit(messageId: string, content: string): Promise<Message> {
    return (await this.call("chat:edit", { messageId, content })).message;
  }

  /** Sets the viewer's emoji on a message, or takes it away. @throws WarbleError MESSAGE_NOT_FOUND, BAD_INPUT */
  async react(messageId: string, emoji: string, on = true): Promise<Message> {
    return (await this.call("chat:react", { messageId, emoji, on })).message;
  }

  /**
   * Makes a group, whose owner is the viewer; who does not follow the viewer gets it as a request. What works in a
   * conversation of two works in it.
   * @param title 80 characters at most
   * @param userIds the other members, 99 at most
   * @param clientId your own id of it, to ask again after a restart: the same id again is the same group
   * @throws WarbleError USER_NOT_FOUND, FORBIDDEN for who takes no messages from the viewer, BAD_INPUT, RATE_LIMITED
   * @example
   * const { id } = await warble.chat.createGroup("Birdwatchers", [bob.id, carol.id]);
   * await warble.chat.send({ conversationId: id, content: "Who comes along?" });
   */
  async createGroup(title: string, userIds: string[], clientId = newClientId()): Promise<Conversation> {
    return (await this.call("chat:createGroup", { title, userIds, clientId })).conversation;
  }

  /**
   * Gives a group another title, as its owner or an admin. @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN, BAD_INPUT
   * @example
   * await warble.chat.rename(group.id, "Early birds");
   */
  async rename(conversationId: string, title: string): Promise<Conversation> {
    return (await this.call("chat:rename", { conversationId, title })).conversation;
  }

  /**
   * Adds users to a group, as its owner or an admin: all of them or none. They see what is said from then on.
   * @param userIds a group has 100 members at most
   * @throws WarbleError CONVERSATION_NOT_FOUND, USER_NOT_FOUND, FORBIDDEN, BAD_INPUT, RATE_LIMITED
   * @example
   * const { members } = await warble.chat.addMembers(group.id, [dan.id]);
   */
  async addMembers(conversationId: string, userIds: string[]): Promise<Conversation> {
    return (await this.call("chat:addMembers", { conversationId, userIds })).conversation;
  }

  /**
   * Removes a member from a group, as its owner, or, other than the owner and admins, as an admin. They hear `left`, and
   * nothing more of the group. @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN, SELF_TARGET
   * @example
   * await warble.chat.removeMember(group.id, dan.id);
   */
  async removeMember(conversationId: string, userId: string): Promise<Conversation> {
    return (await this.call("chat:removeMember", { conversationId, userId })).conversation;
  }

  /**
   * Makes a member of the viewer's own group an `admin` or a `member`; as `owner` they take the viewer's place, who is an
   * admin from then on. @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN, SELF_TARGET, USER_NOT_FOUND for who is no member
   * @example
   * await warble.chat.setRole(group.id, bob.id, "admin");
   */
  async setRole(conversationId: string, userId: string, role: GroupRole): Promise<Conversation> {
    return (await this.call("chat:setRole", { conversationId, userId, role })).conversation;
  }

  /**
   * Clears a conversation from the viewer's view, until somebody writes in it again; ends their membership of a group. Of
   * an owner's group the longest-serving admin is the next owner, or else the longest-serving member.
   * @throws WarbleError CONVERSATION_NOT_FOUND
   */
  async leave(conversationId: string): Promise<void> {
    await this.call("chat:leave", { conversationId });
  }

  /** Has a conversation make no notifications, for good or until then. @throws WarbleError CONVERSATION_NOT_FOUND, BAD_INPUT */
  async mute(conversationId: string, until?: Date): Promise<Conversation> {
    const input = { conversationId, ...(until && { until: until.toISOString() }) };
    return (await this.call("chat:mute", input)).conversation;
  }

  /** Lets a conversation make notifications again. @throws WarbleError CONVERSATION_NOT_FOUND */
  async unmute(conversationId: string): Promise<Conversation> {
    return (await this.call("chat:unmute", { conversationId })).conversation;
  }

  /** Deletes a message from the viewer's view, or their own one for all. @throws WarbleError MESSAGE_NOT_FOUND, FORBIDDEN */
  async delete(messageId: string, from: "me" | "all" = "me"): Promise<void> {
    await this.call("chat:delete", { messageId, for: from });
  }
}
