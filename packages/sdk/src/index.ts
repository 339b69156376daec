import { Auth } from "./auth";
import { Chat } from "./chat";
import { type ApiClient, createAnonymousClient, createClient, createDownload } from "./client";
import { Factors } from "./factors";
import { Notifications } from "./notifications";
import { pages } from "./paginate";
import { Session } from "./session";
import { defaultStorage, type SessionStorage } from "./storage";

export * from "@warble/contracts";
export { Auth } from "./auth";
export { Chat, type Outgoing } from "./chat";
export type { ChatEvents } from "./chat-calls";
export type { ApiClient } from "./client";
export { isWarbleError, type Reason, WarbleError } from "./error";
export { Factors, type GivenPasskey, type MadePasskey } from "./factors";
export type { LiveEvent, NotificationEvent, RelationshipEvent } from "./follow";
export { Notifications, type NotificationWatcher, type StreamOptions } from "./notifications";
export { pages } from "./paginate";
export { type CallName, type Refusal, refusalOf } from "./refusal";
export { browserStorage, memoryStorage, type SessionStorage } from "./storage";

/** How a client is made. */
export interface WarbleOptions {
  /** Where the server is, such as `https://api.example.com`. */
  url: string;
  /** Where the session is kept; by default the browser's localStorage, or memory where there is none. */
  storage?: SessionStorage;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch;
}

/** One user's door to a Warble server. */
export interface Warble {
  /** Signing up, in and out. */
  auth: Auth;
  /** The authenticator app and the passkeys of the signed-in user. */
  factors: Factors;
  /** Every procedure, typed: `api.tweets.create.mutate({ content })`. */
  api: ApiClient;
  /** Notifications as they happen. */
  notifications: Notifications;
  /** Messages, between two and in groups. */
  chat: Chat;
  /** All items of a list, page after page. */
  pages: typeof pages;
  /** Ends what is open: streams, the chat's connection, and listening to other tabs. The session is kept. */
  close: () => void;
}

/**
 * Makes a client. Nothing is sent before the first call.
 * @throws TypeError when `url` is no http(s) address
 * @example
 * const warble = createWarble({ url: "http://localhost:4000" });
 * await warble.auth.login({ identifier: "alice", password });
 * await warble.api.tweets.create.mutate({ content: "Hello @bob" });
 */
export function createWarble(options: WarbleOptions): Warble {
  const url = baseUrl(options.url);
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const anonymous = createAnonymousClient(url, fetch);
  const session = new Session({
    storage: options.storage ?? defaultStorage(),
    exchange: (refreshToken) => anonymous.auth.refresh.mutate({ refreshToken }),
  });
  const api = createClient({ url, session, fetch });
  const notifications = new Notifications({ api, session }, url);
  const chat = new Chat({ url, session });
  return {
    auth: new Auth({ api, anonymous, session, download: createDownload({ url, session, fetch }) }),
    factors: new Factors(api),
    api,
    notifications,
    chat,
    pages,
    close: () => {
      notifications.close();
      chat.disconnect();
      session.close();
    },
  };
}

function baseUrl(url: string): string {
  const { protocol, origin, pathname } = new URL(url);
  if (!/^https?:$/.test(protocol)) throw new TypeError(`createWarble needs an http(s) url, not ${url}`);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
