import type { Socket } from "socket.io";
import type { App } from "./context";
import { toWarbleError } from "./error";
import type { Follower, LoggedEvent } from "./event-follower";
import { remembering } from "./memory";
import type { SocketContext } from "./socket-call";
import { hangUp, untilCalm } from "./socket-wire";

const RETRY_MS = 1_000;

/** What a client is sent of one logged event. */
export interface Push {
  name: string;
  data: object;
}

/** Shows logged events as the viewer may see them now, in order; null for what is not for them or not for here. */
export type ShowEvents = (ctx: SocketContext, events: LoggedEvent[]) => Promise<(Push | null)[]>;

interface FeedOptions {
  app: App;
  socket: Socket;
  userId: string;
  show: ShowEvents;
  /** The context as it is now; null when the session no longer holds. */
  current: () => Promise<SocketContext | null>;
}

/**
 * Sends a user's log to one socket, one event after the other, no faster than the client takes them. Nothing waits
 * while there is nothing to send: very many sockets are idle.
 */
export class Feed {
  readonly #options: FeedOptions;
  /** None while it is stopped. */
  #follower: Follower | undefined;
  /** The number of the event that was sent, or passed over, last. */
  #last = 0;
  #isSending = false;
  #sending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Begins with what comes after event `after`. */
  start(after: number): void {
    if (this.#hasEnded) return;
    const { app, userId } = this.#options;
    this.#last = after;
    this.#follower = app.events.enter(userId, after, () => this.#wake());
    this.#wake();
  }

  /**
   * Goes on from event `after` instead: what came since is sent once more, in order, then what is new.
   * @returns the number of the newest event
   * @throws WarbleError RESYNC when the log no longer holds all that came since
   */
  async resume(after: number): Promise<number> {
    const { app, userId } = this.#options;
    const newest = await app.events.requireKept(userId, after);
    this.#stop();
    await this.#sending;
    this.start(after);
    return newest;
  }

  /** Stops for good. */
  end(): void {
    this.#hasEnded = true;
    this.#stop();
  }

  #stop(): void {
    const { app, userId } = this.#options;
    clearTimeout(this.#retry);
    if (this.#follower) app.events.leave(userId, this.#follower);
    this.#follower = undefined;
  }

  #wake(): void {
    if (!this.#isSending && this.#follower) this.#sending = this.#send(this.#follower);
  }

  /** Goes on where it was when the database fails for a while: to send everybody away would only add to it. */
  async #send(follower: Follower): Promise<void> {
    const { app, socket, userId } = this.#options;
    this.#isSending = true;
    try {
      while (this.#follower === follower) {
        const events = follower.take();
        // It is told of whatever comes after this.
        if (events?.length === 0) return;
        await this.#show(events ?? (await app.events.readOn(userId, follower)), follower);
      }
    } catch (error) {
      app.log.warn({ err: error }, "a socket could not go on");
      if (toWarbleError(error).reason === "RESYNC") hangUp(socket.conn);
      if (this.#follower !== follower) return;
      this.#stop();
      this.#retry = setTimeout(() => this.start(this.#last), RETRY_MS * (1 + Math.random()));
    } finally {
      this.#isSending = false;
    }
  }

  async #show(events: LoggedEvent[], follower: Follower): Promise<void> {
    if (events.length === 0) return;
    const { socket, current, show } = this.#options;
    const ctx = await current();
    if (!ctx) return hangUp(socket.conn);
    const pushes = ctx.viewer.emailVerified ? await remembering(() => show(ctx, events)) : [];
    const isOver = () => this.#follower !== follower;
    for (const [index, { number }] of events.entries()) {
      const push = pushes[index];
      if (isOver() || (push && !(await untilCalm(socket.conn, isOver)))) return;
      if (push) socket.emit(push.name, { ...push.data, event: number });
      this.#last = number;
    }
  }
}
