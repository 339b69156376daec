import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Notification, UnreadCount } from "@warble/contracts";
import { useCallback, useEffect, useMemo } from "react";
import type { WarbleError } from "../error";
import { liveNotificationsOf } from "./live-notifications";
import { useWarble, useWarbleQueries } from "./provider";
import { useSession } from "./session";

/** What the viewer is told. */
export interface NotificationsState {
  /** The latest first. */
  items: Notification[];
  /** Null until it is known. */
  unread: UnreadCount | null;
  isLoading: boolean;
  error: WarbleError | null;
  /** Whether there are older ones than `items`. */
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Loads the next older ones. */
  loadMore: () => void;
  /** Marks a notification and all older ones as read, at once. @throws WarbleError */
  markRead: (upTo: string) => Promise<void>;
  /** Marks all as read, at once. @throws WarbleError */
  markAllRead: () => Promise<void>;
}

/**
 * The viewer's notifications and how many are unread, live: all that use it share one stream, which comes back by itself.
 * The stream also puts into the cache how viewer and others stand to each other. Of nobody it is empty.
 * @example
 * const { items, unread, markAllRead } = useNotifications();
 * <button onClick={() => markAllRead().catch(showError)}>{unread?.count}</button>
 */
export function useNotifications(): NotificationsState {
  const [warble, queries, queryClient] = [useWarble(), useWarbleQueries(), useQueryClient()];
  const { userId } = useSession();
  const live = liveNotificationsOf(warble, queryClient);
  useEffect(() => (userId ? live.hold() : undefined), [live, userId]);
  const unread = useQuery({
    ...queries.notifications.unreadCount.queryOptions(),
    enabled: userId !== null,
  });
  // The list is asked for after the count: the stream goes on from there, so nothing is missed between them.
  const list = useInfiniteQuery({
    ...queries.notifications.list.infiniteOptions({}),
    enabled: userId !== null && unread.data !== undefined,
  });
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const { fetchNextPage } = list;
  return {
    items,
    unread: unread.data ?? null,
    isLoading: unread.isLoading || list.isLoading,
    error: unread.error ?? list.error,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    markRead: useCallback((upTo: string) => live.markRead(upTo), [live]),
    markAllRead: useCallback(() => live.markRead(), [live]),
  };
}
