import { toWarbleError } from "./error";
import type { EventLog, LoggedEvent } from "./event-log";
import { remembering } from "./memory";
import type { SocketContext } from "./socket-call";
import { hangUp, untilCalm, type Wire } from "./socket-wire";

const RETRY_MS = 1_000;

/** What a client is sent of one logged event. */
export interface Push {
  name: string;
  data: object;
}

/** Shows logged events as the viewer may see them now, in order; null for what is not for them or not for here. */
export type ShowEvents = (ctx: SocketContext, events: LoggedEvent[]) => Promise<(Push | null)[]>;

interface FeedOptions {
  userId: string;
  wire: Wire;
  log: EventLog;
  show: ShowEvents;
  emit: (push: Push) => void;
  /** The context as it is now; null when the session no longer holds. */
  current: () => Promise<SocketContext | null>;
  failed: (error: unknown) => void;
}

/** Sends a user's log to one socket, one event after the other, no faster than the client takes them. */
export class Feed {
  readonly #options: FeedOptions;
  /** The number of the event that was sent, or passed over, last. */
  #last = 0;
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Begins with what comes after event `after`. */
  start(after: number): void {
    this.#begin(after);
  }

  /**
   * Goes on from event `after` instead: what came since is sent once more, in order, then what is new.
   * @returns the number of the newest event
   * @throws WarbleError RESYNC when the log no longer holds all that came since
   */
  async resume(after: number): Promise<number> {
    const newest = await this.#options.log.requireKept(this.#options.userId, after);
    this.stop();
    await this.#ended;
    this.#begin(after);
    return newest;
  }

  stop(): void {
    this.#stop.abort();
  }

  #begin(after: number): void {
    this.#last = after;
    this.#stop = new AbortController();
    this.#ended = this.#run(this.#stop.signal);
  }

  /** Goes on where it was when the database fails for a while: to send everybody away would only add to it. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        this.#options.failed(error);
        if (toWarbleError(error).reason === "RESYNC") hangUp(this.#options.wire);
        await pause(RETRY_MS * (1 + Math.random()), signal);
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { log, userId, wire, current, show } = this.#options;
    for await (const events of log.follow(userId, this.#last, signal)) {
      const ctx = await current();
      if (!ctx) hangUp(wire);
      if (!ctx || signal.aborted) return;
      const pushes = ctx.viewer.emailVerified ? await remembering(() => show(ctx, events)) : [];
      for (const [index, { number }] of events.entries()) {
        const push = pushes[index];
        if (push && !(await untilCalm(wire, signal))) return;
        if (push) this.#options.emit({ name: push.name, data: { ...push.data, event: number } });
        this.#last = number;
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
