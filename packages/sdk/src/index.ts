import { Auth } from "./auth";
import type { CallOptions } from "./calls";
import { Chat } from "./chat";
import { type ApiClient, createClient, createDownload } from "./client";
import { Factors } from "./factors";
import { Notifications } from "./notifications";
import { open } from "./open";
import { pages } from "./paginate";
import type { SessionListener } from "./session";
import type { SessionStorage } from "./storage";

export type * from "@warble/contracts";
export { LIMITS } from "@warble/contracts";
export { Auth } from "./auth";
export type { CallOptions, CallReport } from "./calls";
export { Chat, type Outgoing } from "./chat";
export type { ChatEvents } from "./chat-calls";
export type { ApiClient } from "./client";
export {
  type CookieAttributes,
  type CookieJar,
  type CookieOptions,
  cookieJar,
  cookieStorage,
  documentCookies,
} from "./cookie-storage";
export { isWarbleError, type Reason, WarbleError } from "./error";
export { Factors, type GivenPasskey, type MadePasskey } from "./factors";
export type { LiveEvent, NotificationEvent, RelationshipEvent } from "./follow";
export { Notifications, type NotificationWatcher, type StreamOptions } from "./notifications";
export {
  type Followable,
  type FollowedState,
  following,
  type Likeable,
  type LikeState,
  liking,
  Optimistic,
  type Retweetable,
  retweeting,
  type Switch,
} from "./optimistic";
export { pages } from "./paginate";
export { type CallName, type Refusal, refusalOf } from "./refusal";
export type { SessionChange, SessionListener } from "./session";
export {
  type AsyncStore,
  asyncStorage,
  browserStorage,
  memoryStorage,
  type SessionStorage,
} from "./storage";

/** How a client is made. */
export interface WarbleOptions extends CallOptions {
  /** Where the server is, such as `https://api.example.com`. */
  url: string;
  /** Where the session is kept; by default the browser's localStorage, or memory where there is none. */
  storage?: SessionStorage;
  /** Hears of every sign-in, refresh and sign-out, here or in another tab, as `auth.onChange` does. */
  onSessionChange?: SessionListener;
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
  const { url, fetch, anonymous, session } = open(options);
  const api = createClient({ url, session, fetch, calls: options });
  const notifications = new Notifications({ api, session }, url);
  const chat = new Chat({ url, session, load: async () => (await import("socket.io-client")).io });
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
