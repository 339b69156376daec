import type { Tokens } from "@warble/contracts";
import { isWarbleError } from "./error";
import { safely } from "./safely";
import type { SessionStorage } from "./storage";
import { tokensOf } from "./tokens";

const EARLY_MS = 30_000;
/** How long another tab may take to refresh: it may have been frozen meanwhile. */
const TURN_MS = 10_000;

/** What happened to the session: `expired` says that the server has ended it, or no longer takes its refresh token. */
export type SessionChange = "signedIn" | "refreshed" | "signedOut" | "expired";

/**
 * Called with the new tokens after sign-in and refresh, with null after sign-out or when the session has ended, and with
 * what it was. Of another tab it is known whether somebody is signed in: that its session has expired is `signedOut` here.
 */
export type SessionListener = (tokens: Tokens | null, change: SessionChange) => void;

interface SessionOptions {
  storage: SessionStorage;
  /** Exchanges a refresh token. */
  exchange: (refreshToken: string) => Promise<Tokens>;
}

/** The signed-in session: kept, refreshed in time, by one call however many ask at once. */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<SessionListener>();
  readonly #userListeners = new Set<() => void>();
  #tokens: Promise<Tokens | null> | undefined;
  #refreshing: Promise<Tokens | null> | undefined;
  #user: string | null = null;
  /** An access token that seemed stale when it was new: the clock here is wrong, and the server has to say when. */
  #untimed: string | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#stopWatching = options.storage.watch?.(() => void this.#reload());
  }

  /** The tokens as they are kept; null when nobody is signed in. */
  tokens(): Promise<Tokens | null> {
    this.#tokens ??= this.#load().then(
      (tokens) => {
        this.#user = userOf(tokens);
        return tokens;
      },
      (error) => {
        this.#tokens = undefined;
        throw error;
      },
    );
    return this.#tokens;
  }

  /** Who is signed in, by id; null when nobody is. */
  async user(): Promise<string | null> {
    return userOf(await this.tokens());
  }

  /** A token that is good for the next call; null when nobody is signed in. */
  async accessToken(): Promise<string | null> {
    const tokens = await this.tokens();
    if (!tokens) return null;
    if (isFresh(tokens) || tokens.accessToken === this.#untimed || this.#options.storage.readOnly) {
      return tokens.accessToken;
    }
    return (await this.refresh(tokens.accessToken))?.accessToken ?? null;
  }

  /** Gets new tokens in place of the ones whose access token was `stale`, unless somebody has already. */
  async refresh(stale: string): Promise<Tokens | null> {
    const tokens = await this.tokens();
    if (!tokens || tokens.accessToken !== stale) return tokens;
    // The next pair could not be kept, and the old one would be taken for stolen.
    if (this.#options.storage.readOnly) return null;
    this.#refreshing ??= inTurn(this.#options.storage.name, () => this.#refresh(tokens)).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Asks the server for new tokens now; null when the session has ended. @throws WarbleError UNREACHABLE */
  async renew(): Promise<Tokens | null> {
    const tokens = await this.tokens();
    return tokens && this.refresh(tokens.accessToken);
  }

  async #refresh(tokens: Tokens): Promise<Tokens | null> {
    // Another tab may have been first.
    if (this.#options.storage.name) await this.#reload();
    const kept = await this.tokens();
    if (kept?.accessToken !== tokens.accessToken) return kept;
    const next = await this.#options.exchange(tokens.refreshToken).catch((error: unknown) => {
      if (isWarbleError(error, "NOT_SIGNED_IN")) return null;
      throw error;
    });
    const now = await this.tokens();
    // Who signed in or out meanwhile is not overruled.
    if (now?.accessToken !== tokens.accessToken) return now;
    await this.set(next, next ? "refreshed" : "expired");
    return next;
  }

  /** Keeps these tokens from now on; null forgets the session. */
  async set(tokens: Tokens | null, change: SessionChange): Promise<void> {
    this.#untimed = tokens && !isFresh(tokens) ? tokens.accessToken : undefined;
    this.#take(tokens);
    try {
      await this.#options.storage.save(tokens);
    } finally {
      this.#tell(tokens, change);
    }
  }

  /** Calls `listener` at every change. @returns what to call to stop */
  onChange(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` when the signed-in user is another one, or nobody. @returns what to call to stop */
  onUser(listener: () => void): () => void {
    this.#userListeners.add(listener);
    return () => this.#userListeners.delete(listener);
  }

  /** Stops listening to other tabs. */
  close(): void {
    this.#stopWatching?.();
  }

  async #load(): Promise<Tokens | null> {
    return tokensOf(await this.#options.storage.load());
  }

  /** Takes over what another tab has saved. */
  async #reload(): Promise<void> {
    const [before, tokens] = [await this.tokens(), await this.#load()];
    if (before?.accessToken === tokens?.accessToken) return;
    this.#take(tokens);
    const another = userOf(before) === userOf(tokens) ? "refreshed" : "signedIn";
    this.#tell(tokens, tokens ? another : "signedOut");
  }

  #take(tokens: Tokens | null): void {
    this.#tokens = Promise.resolve(tokens);
    const user = userOf(tokens);
    if (user === this.#user) return;
    this.#user = user;
    for (const listener of [...this.#userListeners]) safely(listener);
  }

  #tell(tokens: Tokens | null, change: SessionChange): void {
    for (const listener of [...this.#listeners]) safely(() => listener(tokens, change));
  }
}

const isFresh = ({ accessExpiresAt }: Tokens): boolean => Date.parse(accessExpiresAt) - Date.now() > EARLY_MS;

/** Whose tokens these are, as the access token says; "" when it does not. */
function userOf(tokens: Tokens | null): string | null {
  if (!tokens) return null;
  try {
    const [, claims = ""] = tokens.accessToken.split(".");
    const { sub } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof sub === "string" ? sub : "";
  } catch {
    return "";
  }
}

/** Runs `act` while no other tab runs one under this name, where tabs can agree on that. */
async function inTurn<T>(name: string | undefined, act: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (name === undefined || !locks) return act();
  let began = false;
  try {
    return await locks.request(`warble.refresh ${name}`, { signal: AbortSignal.timeout(TURN_MS) }, () => {
      began = true;
      return act();
    });
  } catch (error) {
    if (began) throw error;
    return act();
  }
}
