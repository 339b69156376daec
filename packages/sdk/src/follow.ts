import type { Notification, StreamEvent, UserCard } from "@warble/contracts";
import type { ApiClient } from "./client";
import { fromTrpc, type Reason, type WarbleError } from "./error";
import type { Session } from "./session";
import { sleep, waitMs } from "./wait";

/** Why a stream that broke is tried again by itself. */
const PASSING = new Set<Reason>(["UNREACHABLE", "UNAVAILABLE", "BUSY", "RATE_LIMITED", "INTERNAL"]);
/** A refusal comes in the stream, right behind its beginning: what stays quiet this long was accepted. */
const QUIET_MS = 100;

/** A notification with the number of its event, which a later stream can go on from. */
export interface NotificationEvent {
  id: string;
  notification: Notification;
}

/**
 * Something between the viewer and this user has changed, by either of them and on any device: `user.viewer` is how it is
 * now. It has the number of its event too.
 */
export interface RelationshipEvent {
  id: string;
  user: UserCard;
}

/** What a stream brings. */
export type LiveEvent = NotificationEvent | RelationshipEvent;

const liveEvent = (id: string, data: StreamEvent): LiveEvent =>
  data.type === "relationship" ? { id, user: data.user } : { id, notification: data };

/** What a stream is read with. */
export interface Source {
  api: ApiClient;
  session: Session;
}

export interface Follower {
  onEvent: (event: LiveEvent) => void;
  /** The server has accepted the stream; again after each break. */
  onOpen: () => void;
}

/** The number of the viewer's newest event, to go on from. @throws WarbleError what trying again does not help */
export const newestEvent = (source: Source, signal: AbortSignal): Promise<string> =>
  untilDone(source, signal, async () => {
    return (await source.api.notifications.unreadCount.query(undefined, { signal })).lastEventId;
  });

interface FollowOptions {
  /** The event to go on after. */
  from: string;
  signal: AbortSignal;
}

/**
 * Follows the viewer's notifications over a stream of its own, through any number of breaks, until `signal`.
 * @throws WarbleError what ended it otherwise: RESYNC, NOT_SIGNED_IN when the session is really gone
 */
export async function follow(source: Source, follower: Follower, options: FollowOptions): Promise<void> {
  const { signal } = options;
  let last = options.from;
  await untilDone(source, signal, async (worked) => {
    const onEvent = (event: LiveEvent) => {
      worked();
      if (Number(event.id) <= Number(last)) return;
      last = event.id;
      follower.onEvent(event);
    };
    const onOpen = () => {
      worked();
      follower.onOpen();
    };
    await one(source.api, { onEvent, onOpen }, { from: last, signal });
    // The server has ended it without a reason; it goes on from the last event.
    if (!signal.aborted) throw fromTrpc(new Error("the stream ended"), "");
  });
}

/** One connection, until it ends: a stream that would come back by itself comes back after a fixed time, as all do. */
function one(api: ApiClient, { onEvent, onOpen }: Follower, { from, signal }: FollowOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const settle = (act: () => void) => {
      clearTimeout(quiet);
      signal.removeEventListener("abort", stop);
      act();
    };
    const fail = (error: unknown) => {
      settle(() => reject(error));
      // It may tell of its end before it has been handed over.
      queueMicrotask(() => subscription.unsubscribe());
    };
    const subscription = api.notifications.stream.subscribe(
      { lastEventId: from },
      {
        onConnectionStateChange: ({ state, error }) => {
          clearTimeout(quiet);
          if (state === "pending") quiet = setTimeout(onOpen, QUIET_MS);
          if (state === "connecting" && error) fail(error);
        },
        onData: ({ id, data }) => onEvent(liveEvent(id, data)),
        onError: (error) => settle(() => reject(error)),
        onComplete: () => settle(resolve),
      },
    );
    const stop = () => {
      subscription.unsubscribe();
      settle(resolve);
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** Does it again until it is done; `worked` says that from there on a failure is the first of its kind again. */
async function untilDone<T>(
  { session }: Source,
  signal: AbortSignal,
  act: (worked: () => void) => Promise<T>,
): Promise<T> {
  let attempt = 0;
  let renewed = false;
  const worked = () => {
    attempt = 0;
    renewed = false;
  };
  for (;;) {
    let failure: WarbleError;
    try {
      return await act(worked);
    } catch (error) {
      failure = fromTrpc(error, "");
    }
    if (signal.aborted) throw failure;
    if (failure.reason === "NOT_SIGNED_IN" && !renewed) {
      // Channels are also closed when a right has changed; whether the session has ended, its refresh says.
      const tokens = await session.renew().catch(() => undefined);
      if (tokens === null) throw failure;
      renewed = tokens !== undefined;
    } else if (!PASSING.has(failure.reason)) throw failure;
    if (!renewed || attempt > 0) await sleep(waitMs(attempt, failure.retryAfter), signal);
    attempt++;
  }
}
