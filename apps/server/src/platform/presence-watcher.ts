/** Changes are gathered for so long: when many come back at once, each watcher looks once. */
const GATHER_MS = 200;
const RETRY_MS = 1_000;

export interface WatcherOptions {
  /** Who watches. */
  userId: string;
  /** Those of these users of whom the one who watches may know now. */
  mayKnow: (userIds: string[]) => Promise<string[]>;
  tell: (userId: string, online: boolean) => Promise<void>;
  online: (userIds: string[]) => Promise<Set<string>>;
  failed: (error: unknown) => void;
  enter: (watcher: Watcher) => void;
  leave: (watcher: Watcher) => void;
}

/** Follows who of some users is there, as far as its owner may know: who is hidden looks like somebody who is not. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #pending = new Set<string>();
  #userIds = new Set<string>();
  /** Who is there, as far as was told. */
  #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  get userIds(): ReadonlySet<string> {
    return this.#userIds;
  }

  /** Follows these from now on, in place of those before. @returns who of them is there */
  watch(userIds: string[]): Promise<string[]> {
    return this.#inTurn(async () => {
      this.#options.leave(this);
      this.#userIds = new Set(userIds);
      this.#told = new Set();
      // It listens before it looks, so nothing falls between the two.
      if (!this.#stopped) this.#options.enter(this);
      this.#told = await this.#find(userIds);
      return userIds.filter((userId) => this.#told.has(userId));
    });
  }

  /** Something may have changed about these. */
  look(userIds: Iterable<string>, soonMs = GATHER_MS): void {
    for (const userId of userIds) this.#pending.add(userId);
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#inTurn(() => this.#tellChanges());
    }, soonMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#options.leave(this);
  }

  async #tellChanges(): Promise<void> {
    const userIds = [...this.#pending].filter((userId) => this.#userIds.has(userId));
    this.#pending.clear();
    try {
      const online = await this.#find(userIds);
      for (const userId of userIds) {
        const isOnline = online.has(userId);
        if (this.#stopped || isOnline === this.#told.has(userId)) continue;
        if (isOnline) this.#told.add(userId);
        else this.#told.delete(userId);
        await this.#options.tell(userId, isOnline);
      }
    } catch (error) {
      this.#options.failed(error);
      this.look(userIds, RETRY_MS);
    }
  }

  async #find(userIds: string[]): Promise<Set<string>> {
    const known = userIds.length > 0 ? await this.#options.mayKnow(userIds) : [];
    return known.length > 0 ? this.#options.online(known) : new Set();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
