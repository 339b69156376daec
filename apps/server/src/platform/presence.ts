import type { Leases } from "./leases";
import { Watcher, type WatcherOptions } from "./presence-watcher";
import type { Relay } from "./relay";

interface PresenceOptions {
  leases: Leases;
  relay: Relay;
  /** Seconds for which a user who has gone is not said to be: a reconnect is not seen. */
  grace: number;
  failed: (error: unknown) => void;
}

interface Watched {
  watchers: Set<Watcher>;
  /** As it was found last. */
  online: boolean;
}

const keyOf = (userId: string): string => `online:${userId}`;

/**
 * Who is there, on any node, and who wants to know. Nodes tell each other only that there is something to look at:
 * what is true is looked up, so a note that is lost or comes twice does no harm.
 */
export class Presence {
  readonly #options: PresenceOptions;
  /** By user: how many sockets are open here, and what ends that they are here. */
  readonly #here = new Map<string, { sockets: number; leave: () => void; leaving?: NodeJS.Timeout }>();
  readonly #watched = new Map<string, Watched>();
  /** The watchers of those who watch. */
  readonly #owned = new Map<string, Set<Watcher>>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: PresenceOptions) {
    this.#options = options;
    options.relay.hear((note) => note.kind === "presence" && this.#look(note.userId, note.rights));
    const sweep = () => void this.#sweep().catch(options.failed);
    this.#timer = setInterval(sweep, options.leases.everyMs);
  }

  /** A socket of this user has opened here. @returns what to call when it has ended */
  come(userId: string): () => void {
    const known = this.#here.get(userId);
    const user = known ?? { sockets: 0, leave: this.#options.leases.hold(keyOf(userId)) };
    clearTimeout(user.leaving);
    user.sockets++;
    this.#here.set(userId, user);
    if (!known) this.#tell(userId, false);
    return () => {
      if (--user.sockets > 0) return;
      user.leaving = setTimeout(() => {
        this.#here.delete(userId);
        user.leave();
        this.#tell(userId, false);
      }, this.#options.grace * 1000);
    };
  }

  /** Something has changed by which it is decided who may know of this user, or of whom they may. */
  changed(userId: string): void {
    this.#tell(userId, true);
  }

  /** Those of these users who are there. While other nodes cannot be asked, those who are here. */
  async online(userIds: string[]): Promise<Set<string>> {
    const counts = await this.#options.leases.count(userIds.map(keyOf));
    const online = new Set(userIds.filter((_userId, index) => (counts[index] ?? 0) > 0));
    for (const userId of userIds) {
      const watched = this.#watched.get(userId);
      if (watched) watched.online = online.has(userId);
    }
    return online;
  }

  /** Somebody who may want to know who is there. */
  watcher(options: Omit<WatcherOptions, "online" | "failed" | "enter" | "leave">): Watcher {
    return new Watcher({
      ...options,
      online: (userIds) => this.online(userIds),
      failed: this.#options.failed,
      enter: (watcher) => this.#enter(watcher, options.userId),
      leave: (watcher) => this.#leave(watcher, options.userId),
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { leaving } of this.#here.values()) clearTimeout(leaving);
  }

  #tell(userId: string, rights: boolean): void {
    this.#look(userId, rights);
    this.#options.relay.tell({ kind: "presence", userId, rights });
  }

  #look(userId: string, rights: boolean): void {
    for (const watcher of this.#watched.get(userId)?.watchers ?? []) watcher.look([userId]);
    if (rights) for (const watcher of this.#owned.get(userId) ?? []) watcher.look(watcher.userIds);
  }

  /** Finds what no note told: one that was lost, or a node that has died. */
  async #sweep(): Promise<void> {
    if (!this.#options.leases.complete) return;
    const before = [...this.#watched].map(([userId, { online }]) => ({ userId, online }));
    const online = await this.online(before.map(({ userId }) => userId));
    if (!this.#options.leases.complete) return;
    for (const was of before) if (online.has(was.userId) !== was.online) this.#look(was.userId, false);
  }

  #enter(watcher: Watcher, owner: string): void {
    this.#owned.set(owner, (this.#owned.get(owner) ?? new Set()).add(watcher));
    for (const userId of watcher.userIds) {
      const watched = this.#watched.get(userId) ?? { watchers: new Set(), online: false };
      watched.watchers.add(watcher);
      this.#watched.set(userId, watched);
    }
  }

  #leave(watcher: Watcher, owner: string): void {
    const owned = this.#owned.get(owner);
    owned?.delete(watcher);
    if (owned?.size === 0) this.#owned.delete(owner);
    for (const userId of watcher.userIds) {
      const watched = this.#watched.get(userId);
      watched?.watchers.delete(watcher);
      if (watched?.watchers.size === 0) this.#watched.delete(userId);
    }
  }
}
