import { queryOptions, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Conversation, Message } from "@warble/contracts";
import { useCallback, useEffect, useMemo } from "react";
import type { WarbleError } from "../error";
import type { Warble } from "../index";
import { ROOT } from "./cache";
import { takeRead } from "./chat-cache";
import { Outbox, type PendingMessage } from "./outbox";
import { useWarble, useWarbleQueries } from "./provider";
import { useSession } from "./session";
import { useTyping } from "./typing";

/** Conversations that are looked through for one, a page each time. */
const LOOK_AT = 500;

/** One conversation, live. */
export interface ConversationState {
  /** Members, read marks and the rest; null until it is known, and while nobody has written in it. */
  conversation: Conversation | null;
  /** The oldest first. */
  messages: Message[];
  /** What the server has not acknowledged, in the order of sending; it comes after `messages`. */
  pending: PendingMessage[];
  isLoading: boolean;
  error: WarbleError | null;
  /** Whether there are older ones than `messages`. */
  hasOlder: boolean;
  isLoadingOlder: boolean;
  loadOlder: () => void;
  /** Sends a message, which is in `pending` at once and stays there when it fails. @returns its `clientId` */
  send: (content: string, options?: { replyTo?: string }) => string;
  /** Sends again what failed. */
  retry: (clientId: string) => void;
  /** Forgets what failed. */
  discard: (clientId: string) => void;
  /** Marks all messages as read that are loaded. @throws WarbleError */
  markRead: () => Promise<void>;
  /** Who types, by id, without the viewer. */
  typing: string[];
  /** Tells the others that the viewer types: call it at each key. */
  sendTyping: () => void;
}

/**
 * The messages of a conversation as they come, through breaks, with what is on its way. It connects the chat, and leaves it
 * connected. Of nobody it is empty.
 * @example
 * const { messages, pending, send } = useConversation(id);
 * <form action={(form) => void send(String(form.get("text")))}> ... </form>
 */
export function useConversation(id: string): ConversationState {
  const [warble, queries, queryClient] = [useWarble(), useWarbleQueries(), useQueryClient()];
  const { userId } = useSession();
  const enabled = userId !== null;
  useEffect(() => {
    // It goes on trying; whatever else is wrong, the queries say.
    if (userId) warble.chat.connect().catch(() => undefined);
  }, [warble, userId]);
  const outbox = useMemo(() => new Outbox(warble, queryClient, id), [warble, queryClient, id]);
  const one = useQuery({ ...conversationOptions(warble, id), enabled });
  const list = useInfiniteQuery({
    ...queries.chat.messages.infiniteOptions({ conversationId: id }),
    enabled,
  });
  const waiting = useQuery<PendingMessage[]>({
    queryKey: outbox.queryKey,
    queryFn: () => outbox.waiting(),
    enabled: false,
    gcTime: Number.POSITIVE_INFINITY,
  }).data;
  const messages = useMemo(() => list.data?.pages.flatMap(({ items }) => items).reverse() ?? [], [list.data]);
  const pending = useMemo(() => {
    const arrived = new Set(messages.map(({ clientId }) => clientId));
    return waiting?.filter(({ clientId }) => !arrived.has(clientId)) ?? [];
  }, [messages, waiting]);
  const { fetchNextPage } = list;
  const newest = messages.at(-1)?.number ?? 0;
  const markRead = useCallback(async () => {
    if (!userId || newest === 0) return;
    takeRead(queryClient, { conversationId: id, userId, number: newest }, userId);
    await warble.chat.read(id, newest);
  }, [warble, queryClient, id, userId, newest]);
  return {
    conversation: one.data ?? null,
    messages,
    pending,
    isLoading: list.isLoading,
    error: list.error ?? one.error,
    hasOlder: list.hasNextPage,
    isLoadingOlder: list.isFetchingNextPage,
    loadOlder: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    send: useCallback((content, options) => outbox.send(content, options?.replyTo ?? null), [outbox]),
    retry: useCallback((clientId) => outbox.retry(clientId), [outbox]),
    discard: useCallback((clientId) => outbox.discard(clientId), [outbox]),
    markRead,
    ...useTyping(id),
  };
}

/** A conversation is found where they are listed. */
const conversationOptions = ({ api, pages }: Warble, id: string) =>
  queryOptions<Conversation | null, WarbleError>({
    queryKey: [ROOT, "chat", "conversation", { id }],
    queryFn: async ({ signal }) => {
      for (const list of [api.chat.conversations, api.chat.requests]) {
        let seen = 0;
        for await (const one of pages(list.query, { limit: 50 }, { signal })) {
          if (one.id === id) return one;
          if (++seen === LOOK_AT) break;
        }
      }
      return null;
    },
    retry: false,
  });
