import type { Tokens } from "@warble/contracts";
import { tokensOf } from "./tokens";

/** Where a session is kept between visits. */
export interface SessionStorage {
  load(): Promise<Tokens | null> | Tokens | null;
  /** Null when nobody is signed in any more. */
  save(tokens: Tokens | null): Promise<void> | void;
  /** For a storage that several clients share: its name, under which one of them at a time refreshes the session. */
  readonly name?: string;
  /** For such a storage: calls `changed` when another client has saved. @returns what to call to stop */
  watch?(changed: () => void): () => void;
  /** Nothing can be saved: the session is used as it is, and not refreshed. */
  readonly readOnly?: boolean;
}

/** Keeps the session as long as the program runs. */
export function memoryStorage(tokens: Tokens | null = null): SessionStorage {
  let kept = tokens;
  return {
    load: () => kept,
    save: (next) => {
      kept = next;
    },
  };
}

/** Keeps the session in the browser's `localStorage`, under `key`: all tabs of the origin share it. */
export function browserStorage(key = "warble.session"): SessionStorage {
  // What a full or forbidden storage did not take lasts as long as the page.
  let unsaved: Tokens | null = null;
  return {
    name: key,
    load: () => unsaved ?? readTokens(stored(key)),
    save: (tokens) => {
      unsaved = null;
      try {
        if (tokens) localStorage.setItem(key, JSON.stringify(tokens));
        else localStorage.removeItem(key);
      } catch {
        unsaved = tokens;
      }
    },
    watch: (changed) => {
      const heard = (event: StorageEvent) => {
        if (event.key === key || event.key === null) changed();
      };
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}

/** What `asyncStorage` keeps a session in: React Native's AsyncStorage has this shape. */
export interface AsyncStore {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/**
 * Keeps the session in a store that answers later, under `key`. What is saved is written in the order of saving.
 * @example
 * createWarble({ url, storage: asyncStorage(AsyncStorage) });
 */
export function asyncStorage(store: AsyncStore, key = "warble.session"): SessionStorage {
  let written: Promise<unknown> = Promise.resolve();
  return {
    load: async () => {
      await written;
      return readTokens(await store.getItem(key));
    },
    save: async (tokens) => {
      const write = written.then(() =>
        tokens ? store.setItem(key, JSON.stringify(tokens)) : store.removeItem(key),
      );
      written = write.catch(() => undefined);
      await write;
    },
  };
}

/** What cannot be read as a session is none. */
export function readTokens(text: string | null | undefined): Tokens | null {
  try {
    return tokensOf(JSON.parse(text ?? "null"));
  } catch {
    return null;
  }
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** The browser's storage on a page, else memory: where there is no page, many users may share one process. */
export const defaultStorage = (): SessionStorage =>
  "document" in globalThis ? browserStorage() : memoryStorage();
