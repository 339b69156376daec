import { nowMs } from "./clock";
import type { Viewer } from "./context";
import { WarbleError } from "./error";
import type { Leases } from "./leases";
import type { Relay } from "./relay";

/**
 * Why a channel is closed: its holder may no longer have it, their token has expired, or the server stops and they may
 * come back.
 */
export type Closing = "revoked" | "expired" | "stopping";

type Kind = "socket" | "stream";

/** How many a user may have open, on all nodes together. */
const MOST = { socket: 5, stream: 20 };
const RETRY_AFTER = 15;

/** Who opens a channel, and when the token that they showed expires; null without one. */
interface Holder {
  viewer: Pick<Viewer, "id" | "sessionId">;
  expiresAt: Date | null;
}

interface Channel {
  kind: Kind;
  viewer: Holder["viewer"];
  close: (why: Closing) => void;
  /** Lets another of the user's channels be opened. */
  giveBack: () => void;
  expiry: NodeJS.Timeout | undefined;
  expiresAt: number;
}

/** An open channel, as whoever opened it knows it. */
export interface OpenChannel {
  /** It has ended by itself. */
  ended(): void;
  /** A later token was shown. @returns for how many seconds the channel is good now */
  extend(expiresAt: Date): number;
}

/**
 * The streams and sockets that are open on this node. A channel outlives the call that opened it, so whoever
 * takes a right away closes what was opened with it, on all nodes.
 */
export class Channels {
  readonly #open = new Set<Channel>();
  readonly #relay: Relay;
  readonly #leases: Leases;

  constructor(relay: Relay, leases: Leases) {
    this.#relay = relay;
    this.#leases = leases;
    relay.hear((note) => {
      if (note.kind === "closeSession") this.closeSessionHere(note.sessionId);
      if (note.kind === "closeUser") this.#closeUserHere(note.userId, note.except);
    });
  }

  /**
   * Registers an open channel; it is closed when its holder's token expires.
   * @throws WarbleError RATE_LIMITED when the user has too many open, on whichever nodes
   */
  async open(
    { viewer, expiresAt }: Holder,
    close: Channel["close"],
    kind: Kind = "socket",
  ): Promise<OpenChannel> {
    const giveBack = await this.#leases.take(`${kind}:${viewer.id}`, MOST[kind]);
    if (!giveBack) {
      const message = `At most ${MOST[kind]} ${kind}s a user.`;
      throw new WarbleError("RATE_LIMITED", { message, retryAfter: RETRY_AFTER });
    }
    const channel: Channel = { kind, viewer, close, giveBack, expiry: undefined, expiresAt: 0 };
    this.#open.add(channel);
    if (expiresAt) this.#extend(channel, expiresAt);
    return { ended: () => this.#forget(channel), extend: (until) => this.#extend(channel, until) };
  }

  /** An older token takes nothing away. */
  #extend(channel: Channel, expiresAt: Date): number {
    channel.expiresAt = Math.max(channel.expiresAt, expiresAt.getTime());
    const left = channel.expiresAt - nowMs();
    clearTimeout(channel.expiry);
    if (this.#open.has(channel))
      channel.expiry = setTimeout(() => this.#end(channel, "expired"), Math.max(0, left));
    return Math.max(0, Math.floor(left / 1000));
  }

  /** Closes what has expired although its timer has not noticed: time was let pass. */
  closeExpired(): void {
    for (const channel of [...this.#open])
      if (channel.expiry && channel.expiresAt <= nowMs()) this.#end(channel, "expired");
  }

  /** How many channels of a kind this user has open here. */
  countOf(userId: string, kind: Kind = "socket"): number {
    return this.#matching((viewer) => viewer.id === userId).filter((channel) => channel.kind === kind).length;
  }

  closeSession(sessionId: string): void {
    this.closeSessionHere(sessionId);
    this.#relay.tell({ kind: "closeSession", sessionId });
  }

  /** Closes a session's channels on this node: for what each node finds out by itself. */
  closeSessionHere(sessionId: string): void {
    this.#close((viewer) => viewer.sessionId === sessionId);
  }

  /** Closes all of a user's channels, but not those of the session `except`. */
  closeUser(userId: string, except?: string): void {
    this.#closeUserHere(userId, except);
    this.#relay.tell({ kind: "closeUser", userId, except });
  }

  #closeUserHere(userId: string, except: string | undefined): void {
    this.#close((viewer) => viewer.id === userId && viewer.sessionId !== except);
  }

  closeAll(): void {
    this.#close(() => true, "stopping");
  }

  /** The sessions that have a channel open, to check again whether they still hold. */
  sessions(): Channel["viewer"][] {
    return [...new Map([...this.#open].map(({ viewer }) => [viewer.sessionId, viewer])).values()];
  }

  #matching(chosen: (viewer: Channel["viewer"]) => boolean): Channel[] {
    return [...this.#open].filter((channel) => chosen(channel.viewer));
  }

  #close(chosen: (viewer: Channel["viewer"]) => boolean, why: Closing = "revoked"): void {
    for (const channel of this.#matching(chosen)) this.#end(channel, why);
  }

  #end(channel: Channel, why: Closing): void {
    this.#forget(channel);
    channel.close(why);
  }

  #forget(channel: Channel): void {
    clearTimeout(channel.expiry);
    this.#open.delete(channel);
    channel.giveBack();
  }
}
