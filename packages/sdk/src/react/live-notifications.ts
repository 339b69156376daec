import type { QueryClient } from "@tanstack/react-query";
import type { Notification, UnreadNotifications } from "@warble/contracts";
import { isWarbleError, type WarbleError } from "../error";
import type { NotificationEvent, RelationshipEvent } from "../follow";
import type { Warble } from "../index";
import { sleep, waitMs } from "../wait";
import { changePages, perCache, rewriteCache, soon } from "./cache";
import { warbleQueries } from "./queries";
import { isFollowable } from "./switches";

/** So long events are gathered before the count is asked for: some take the place of older ones. */
const GATHER_MS = 300;

/** Keeps a cache's notifications as the stream tells, while somebody holds it. */
class LiveNotifications {
  readonly #warble: Warble;
  readonly #cache: QueryClient;
  readonly #queries;
  readonly #recount: () => void;
  #holders = 0;
  #running: AbortController | undefined;

  constructor(warble: Warble, cache: QueryClient) {
    this.#warble = warble;
    this.#cache = cache;
    this.#queries = warbleQueries(warble).notifications;
    this.#recount = soon(GATHER_MS, () => {
      void cache.invalidateQueries({ queryKey: this.#queries.unreadCount.queryKey() });
    });
  }

  /** Follows the stream until what is returned is called. */
  hold(): () => void {
    this.#holders++;
    const running = this.#running ?? this.#start();
    return () => {
      this.#holders--;
      // React's strict mode takes every effect back once, and does it again.
      queueMicrotask(() => this.#holders === 0 && running.abort());
    };
  }

  #start(): AbortController {
    const running = new AbortController();
    this.#running = running;
    const ended = () => {
      if (this.#running === running) this.#running = undefined;
    };
    running.signal.addEventListener("abort", ended);
    void this.#run(running.signal).then(ended);
    return running;
  }

  /** Marks all as read, or all up to this one. @throws WarbleError */
  async markRead(upTo?: string): Promise<void> {
    const isRead = ({ id }: Notification) => upTo === undefined || id <= upTo;
    this.#change((items) =>
      items.map((item) => (isRead(item) && !item.read ? { ...item, read: true } : item)),
    );
    const { notifications } = this.#warble.api;
    try {
      const left = await (upTo === undefined
        ? notifications.markAllRead.mutate()
        : notifications.markRead.mutate({ upTo }));
      this.#cache.setQueryData(this.#queries.unreadCount.queryKey(), left);
    } catch (error) {
      void this.#cache.invalidateQueries({ queryKey: this.#queries.pathKey() });
      throw error;
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const options = { ...this.#queries.unreadCount.queryOptions(), staleTime: 0 };
        const { lastEventId } = await this.#cache.fetchQuery(options);
        // A list from before the count may miss what the stream will not bring.
        const queryKey = this.#queries.list.queryKey();
        await this.#cache.cancelQueries({ queryKey });
        void this.#cache.invalidateQueries({ queryKey });
        const error = await this.#follow(lastEventId, signal);
        if (!isWarbleError(error, "RESYNC")) return;
        attempt = 0;
      } catch (error) {
        if (isWarbleError(error, "NOT_SIGNED_IN")) return;
        await sleep(waitMs(attempt), signal);
      }
    }
  }

  /** Resolves with what ended the stream, or with nothing. */
  #follow(lastEventId: string, signal: AbortSignal): Promise<WarbleError | undefined> {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
      const watcher = {
        onEvent: (event: NotificationEvent) => this.#take(event),
        onRelationship: (event: RelationshipEvent) => this.#relate(event),
        onError: resolve,
      };
      this.#warble.notifications.watch(watcher, { lastEventId, signal });
      if (signal.aborted) resolve(undefined);
    });
  }

  #take({ notification }: NotificationEvent): void {
    let wasUnread = false;
    this.#change((items, index) => {
      const rest = items.filter(({ id }) => id !== notification.id);
      wasUnread ||= items.some(({ id, read }) => id === notification.id && !read);
      return index === 0 ? [notification, ...rest] : rest;
    });
    if (!wasUnread && !notification.read) {
      const more = (left?: UnreadNotifications) =>
        left && { ...left, count: left.more ? left.count : left.count + 1 };
      this.#cache.setQueryData<UnreadNotifications>(this.#queries.unreadCount.queryKey(), more);
    }
    this.#recount();
  }

  #relate({ user }: RelationshipEvent): void {
    const { id, viewer } = user;
    rewriteCache(this.#cache, (thing) =>
      thing.id === id && isFollowable(thing) ? { ...thing, viewer } : thing,
    );
  }

  #change(change: (items: Notification[], index: number) => Notification[]): void {
    changePages<Notification>(this.#cache, this.#queries.list.queryKey(), change);
  }
}

/** The live notifications of a cache: the same for all who ask. */
export const liveNotificationsOf = perCache((warble, cache) => new LiveNotifications(warble, cache));
