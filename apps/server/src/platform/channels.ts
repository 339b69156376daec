import type { Viewer } from "./context";
import { aloneRelay, type Relay } from "./relay";

/** Why a channel is closed: its holder may no longer have it, or the server stops and they may come back. */
export type Closing = "revoked" | "stopping";

type Kind = "socket" | "stream";

interface Channel {
  kind: Kind;
  viewer: Pick<Viewer, "id" | "sessionId">;
  close: (why: Closing) => void;
}

/**
 * The streams and sockets that are open on this node. A channel outlives the call that opened it, so whoever
 * takes a right away closes what was opened with it, on all nodes.
 */
export class Channels {
  readonly #open = new Set<Channel>();
  readonly #relay: Relay;

  constructor(relay: Relay = aloneRelay) {
    this.#relay = relay;
    relay.hear((note) => {
      if (note.kind === "closeSession") this.closeSessionHere(note.sessionId);
      if (note.kind === "closeUser") this.#closeUserHere(note.userId, note.except);
    });
  }

  /** Registers an open channel. @returns what to call when it has ended by itself */
  add(viewer: Channel["viewer"], close: Channel["close"], kind: Kind = "socket"): () => void {
    const channel = { kind, viewer, close };
    this.#open.add(channel);
    return () => this.#open.delete(channel);
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
    for (const channel of this.#matching(chosen)) {
      this.#open.delete(channel);
      channel.close(why);
    }
  }
}
