import { fromTrpc, WarbleError } from "./error";
import {
  follow,
  type LiveEvent,
  type NotificationEvent,
  newestEvent,
  type RelationshipEvent,
  type Source,
} from "./follow";
import { iterate } from "./iterate";
import { safely } from "./safely";
import { canShare, followShared } from "./shared-stream";

export interface StreamOptions {
  /** Ends the stream. */
  signal?: AbortSignal;
  /** Go on after this event: the `id` of the last one that was seen. Without it the stream starts now. */
  lastEventId?: string;
}

/** What a stream of notifications tells. */
export interface NotificationWatcher {
  onEvent: (event: NotificationEvent) => void;
  /** Something between the viewer and another user has changed: to show the right button everywhere. */
  onRelationship?: (event: RelationshipEvent) => void;
  /** The stream has ended, and why: NOT_SIGNED_IN, RESYNC (ask `unreadCount`, load the list, watch from its `lastEventId`). */
  onError: (error: WarbleError) => void;
  /** The server has accepted the stream; again after each break. */
  onOpen?: () => void;
}

/**
 * Notifications as they happen: in order, each once, without a gap however often the connection breaks. All tabs of a
 * browser share one stream.
 */
export class Notifications {
  readonly #source: Source;
  readonly #url: string;
  readonly #open = new Set<() => void>();

  constructor(source: Source, url: string) {
    this.#source = source;
    this.#url = url;
  }

  /**
   * Calls back for every notification, until the session ends, the user signs out, or it is stopped.
   * @returns what to call to stop
   * @example
   * const stop = warble.notifications.watch({
   *   onEvent: ({ notification }) => show(notification),
   *   onError: (error) => (isWarbleError(error, "RESYNC") ? reload() : signIn()),
   * });
   */
  watch(watcher: NotificationWatcher, { signal, lastEventId }: StreamOptions = {}): () => void {
    const ended = new AbortController();
    if (signal?.aborted) return () => undefined;
    const stop = () => {
      ended.abort();
      this.#open.delete(stop);
      signal?.removeEventListener("abort", stop);
      stopWatching();
    };
    const failed = (error: unknown) => {
      if (ended.signal.aborted) return;
      stop();
      safely(() => watcher.onError(fromTrpc(error, "")));
    };
    const stopWatching = this.#source.session.onUser(() =>
      failed(new WarbleError("NOT_SIGNED_IN", "The user whose notifications these are has signed out.")),
    );
    this.#open.add(stop);
    signal?.addEventListener("abort", stop, { once: true });
    const told = {
      onEvent: (event: LiveEvent) => {
        if (!ended.signal.aborted) safely(() => tell(watcher, event));
      },
      onOpen: () => safely(() => watcher.onOpen?.()),
    };
    const run = async () => {
      const [user, from] = [
        await this.#source.session.user(),
        lastEventId ?? (await newestEvent(this.#source, ended.signal)),
      ];
      const options = { from, signal: ended.signal };
      if (!user || !canShare()) return follow(this.#source, told, options);
      return followShared(this.#source, told, { ...options, name: `${this.#url} ${user}` });
    };
    run().catch(failed);
    return stop;
  }

  /**
   * Notifications as an async iterator; it starts at once and ends with `signal` or with `break`.
   * @throws WarbleError NOT_SIGNED_IN, RESYNC (ask `unreadCount`, load the list, start from its `lastEventId`)
   * @example
   * for await (const { notification } of warble.notifications.stream()) console.log(notification.type);
   */
  stream(options: StreamOptions = {}): AsyncIterableIterator<NotificationEvent, void, undefined> {
    return this.#iterate<NotificationEvent>((push) => ({ onEvent: push }), options);
  }

  /**
   * Notifications and changes of relationships in one iterator, as `stream`.
   * @throws WarbleError NOT_SIGNED_IN, RESYNC (ask `unreadCount`, load the list, start from its `lastEventId`)
   * @example
   * for await (const event of warble.notifications.events()) {
   *   if ("user" in event) update(event.user);
   *   else show(event.notification);
   * }
   */
  events(options: StreamOptions = {}): AsyncIterableIterator<LiveEvent, void, undefined> {
    return this.#iterate<LiveEvent>((push) => ({ onEvent: push, onRelationship: push }), options);
  }

  #iterate<T>(
    watcher: (push: (event: T) => void) => Omit<NotificationWatcher, "onError">,
    options: StreamOptions,
  ): AsyncIterableIterator<T, void, undefined> {
    return iterate<T>(({ push, fail, end }) => {
      const stop = this.watch({ ...watcher(push), onError: fail }, options);
      this.#open.add(end);
      return () => {
        this.#open.delete(end);
        stop();
      };
    }, options.signal);
  }

  /** Stops all streams. */
  close(): void {
    for (const stop of [...this.#open]) stop();
  }
}

function tell(watcher: NotificationWatcher, event: LiveEvent): void {
  if ("user" in event) watcher.onRelationship?.(event);
  else watcher.onEvent(event);
}
