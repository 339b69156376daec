import type { QueryClient } from "@tanstack/react-query";
import type { Conversation, DeletedMessage, Message, ReadMark } from "@warble/contracts";
import type { Warble } from "../index";
import { changePages, ROOT, rewriteCache, soon, type Thing } from "./cache";
import { sessionStoreOf } from "./session-store";

/** So long messages are gathered before what they have changed is asked for. */
const GATHER_MS = 300;

/** Under which all that a cache has of the chat is kept. */
const CHAT = [ROOT, "chat"];

type Which = (thing: Thing) => boolean;

/** A message, or the beginning of it where another one answers it. */
const messageWith =
  (id: string): Which =>
  (thing) =>
    thing.id === id && "senderId" in thing && "number" in thing;
const conversationWith =
  (id: string): Which =>
  (thing) =>
    thing.id === id && "members" in thing && "reads" in thing;

/** Under which the messages of one conversation are kept, or of all. */
const messagesKey = (conversationId?: string) => [
  ...CHAT,
  "messages",
  ...(conversationId ? [{ input: { conversationId } }] : []),
];

/** Keeps a cache's chat as the socket tells. @returns what to call to stop */
export function keepChat(warble: Warble, cache: QueryClient): () => void {
  const { chat } = warble;
  const me = () => sessionStoreOf(warble).user();
  const stale = (...path: string[]) => void cache.invalidateQueries({ queryKey: [...CHAT, ...path] });
  const total = soon(GATHER_MS, () => stale("unreadCount"));
  // To read a conversation is to read what was told of it.
  const told = soon(GATHER_MS, () => void cache.invalidateQueries({ queryKey: [ROOT, "notifications"] }));
  const lists = soon(GATHER_MS, () => {
    stale("conversations");
    stale("requests");
  });
  const stops = [
    chat.on("message", (message) => {
      takeMessage(cache, message);
      if (!bringForward(cache, message, me())) lists();
      total();
    }),
    chat.on("updated", (message) =>
      changeThings(cache, messageWith(message.id), (thing) => renewed(thing, message)),
    ),
    chat.on("deleted", (deleted) => {
      takeAway(cache, deleted);
      lists();
    }),
    chat.on("read", (mark) => {
      takeRead(cache, mark, me());
      if (mark.userId !== me()) return;
      total();
      told();
    }),
    chat.on("delivered", (mark) =>
      changeConversation(cache, mark.conversationId, (one) => marked(one, "delivered", mark)),
    ),
    chat.on("conversation", (conversation) => {
      changeConversation(cache, conversation.id, () => conversation);
      // It may be new, or belong into the other list.
      lists();
    }),
    chat.on("left", (conversationId) => {
      cache.removeQueries({ queryKey: messagesKey(conversationId), type: "inactive" });
      lists();
      total();
    }),
    // What was loaded before the first connection, or before one that missed too much, may miss something.
    chat.on("connected", () => stale()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Puts a message into its place, newest first; what is older than what was loaded comes with that, and a list of the oldest ones first
 * ends where it was loaded to. */
export function takeMessage(cache: QueryClient, message: Message): void {
  changePages<Message>(cache, messagesKey(message.conversationId), (items, index) => {
    if (items.some(({ id }) => id === message.id)) {
      return items.map((item) => (item.id === message.id ? message : item));
    }
    const [first, last] = [items[0]?.number ?? 0, items.at(-1)?.number ?? 0];
    if (index > 0 || first < last || message.number < last) return items;
    const place = items.findIndex(({ number }) => number < message.number);
    return place < 0 ? [...items, message] : [...items.slice(0, place), message, ...items.slice(place)];
  });
}

/** Marks as read, and counts what is left where that is known. */
export function takeRead(cache: QueryClient, mark: ReadMark, me: string | null | undefined): void {
  changeConversation(cache, mark.conversationId, (one) => {
    const isAll = mark.userId === me && mark.number >= (one.lastMessage?.number ?? 0);
    return { ...marked(one, "reads", mark), ...(isAll && { unread: 0 }) };
  });
}

/** A conversation that somebody wrote in is the first of the list. @returns whether it was in one */
function bringForward(cache: QueryClient, message: Message, me: string | null | undefined): boolean {
  let found = false;
  const isTheirs = message.senderId !== me;
  changeConversation(cache, message.conversationId, (one) => ({
    ...one,
    lastMessage: message,
    unread: one.unread + (isTheirs ? 1 : 0),
  }));
  for (const query of cache.getQueryCache().findAll({ queryKey: [...CHAT, "conversations"] })) {
    const pages = (query.state.data as { pages?: { items: Conversation[] }[] } | undefined)?.pages ?? [];
    const moved = pages.flatMap(({ items }) => items).find(({ id }) => id === message.conversationId);
    if (!moved) continue;
    found = true;
    changePages<Conversation>(cache, query.queryKey, (items, index) => {
      const rest = items.filter(({ id }) => id !== moved.id);
      return index === 0 ? [moved, ...rest] : rest;
    });
  }
  return found;
}

function takeAway(cache: QueryClient, { conversationId, messageId, for: from }: DeletedMessage): void {
  if (from === "me") {
    changePages<Message>(cache, messagesKey(conversationId), (items) =>
      items.filter(({ id }) => id !== messageId),
    );
  } else {
    changeThings(cache, messageWith(messageId), (thing) =>
      "deleted" in thing
        ? { ...thing, content: "", deleted: true, reactions: [], replyTo: null }
        : { ...thing, content: "" },
    );
  }
}

/** A message as it is now; what quotes it keeps to its beginning, which the next answer tells. */
const renewed = (thing: Thing, message: Message): Thing => ("clientId" in thing ? { ...message } : thing);

function marked(one: Conversation, kind: "reads" | "delivered", mark: ReadMark): Conversation {
  const others = one[kind].filter(({ userId }) => userId !== mark.userId);
  return { ...one, [kind]: [...others, mark] };
}

function changeConversation(
  cache: QueryClient,
  id: string,
  change: (conversation: Conversation) => Conversation,
): void {
  changeThings(cache, conversationWith(id), (thing) => ({ ...change(thing as unknown as Conversation) }));
}

function changeThings(cache: QueryClient, which: Which, change: (thing: Thing) => Thing): void {
  rewriteCache(cache, (thing) => (which(thing) ? change(thing) : thing));
}
