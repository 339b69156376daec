import type { Warble } from "../index";

/** Who is signed in, for many components at once: by id, null for nobody, undefined until it is known. */
export class SessionStore {
  readonly #warble: Warble;
  readonly #listeners = new Set<() => void>();
  readonly #userListeners = new Set<() => void>();
  #user: string | null | undefined;
  #stop: (() => void) | undefined;

  constructor(warble: Warble) {
    this.#warble = warble;
  }

  readonly user = (): string | null | undefined => this.#user;

  /** Calls `listener` when it is known, and when it is another one. @returns what to call to stop */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stop ??= this.#watch();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  };

  /** Calls `listener` when it is another one than before. @returns what to call to stop */
  onUser(listener: () => void): () => void {
    this.#userListeners.add(listener);
    const stop = this.subscribe(() => undefined);
    return () => {
      this.#userListeners.delete(listener);
      stop();
    };
  }

  #watch(): () => void {
    const look = () =>
      void this.#warble.auth.userId().then(
        (user) => this.#take(user),
        () => this.#take(null),
      );
    look();
    return this.#warble.auth.onChange(look);
  }

  #take(user: string | null): void {
    const before = this.#user;
    if (user === before) return;
    this.#user = user;
    if (before !== undefined) for (const listener of [...this.#userListeners]) listener();
    for (const listener of [...this.#listeners]) listener();
  }
}

const known = new WeakMap<Warble, SessionStore>();

/** The store of a client: the same for all who ask. */
export function sessionStoreOf(warble: Warble): SessionStore {
  const store = known.get(warble) ?? new SessionStore(warble);
  known.set(warble, store);
  return store;
}
