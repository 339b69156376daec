import { AsyncLocalStorage } from "node:async_hooks";
import type { Role } from "@warble/contracts";
import type { Config } from "../config";
import type { Channels } from "./channels";
import type { EventLog } from "./event-log";
import type { ObjectId } from "./id";
import type { Jobs } from "./jobs";
import type { Logger } from "./logger";
import type { PasswordHasher } from "./password";
import type { Places } from "./places";
import type { Presence } from "./presence";
import type { RateLimiter } from "./rate-limit";
import type { Relay } from "./relay";
import type { TokenKeys } from "./token";

/** What one running server has: made once by `createApp`, in every context. */
export interface App {
  config: Config;
  log: Logger;
  jobs: Jobs;
  /** To the other nodes. */
  relay: Relay;
  events: EventLog;
  channels: Channels;
  presence: Presence;
  limiter: RateLimiter;
  passwords: PasswordHasher;
  tokens: TokenKeys;
  places: Places;
  /** Where clients reach this server. */
  publicUrl: string;
  /** What links in mails begin with. */
  webUrl: string;
}

/** Who asks. */
export interface Viewer {
  id: string;
  username: string;
  sessionId: string;
  role: Role;
  emailVerified: boolean;
}

/** What every call knows. */
export interface Context extends App {
  requestId: string;
  /** The client's address, `::ffff:` taken off. */
  ip: string;
  userAgent: string;
  viewer: Viewer | null;
  /** When the token that came along expires; null without one. */
  expiresAt: Date | null;
  /** The idempotency keys of the request's calls, in their order; undefined without any. */
  keys?: string[] | undefined;
  /** Of a call that is done once: the same one when it is done again after its node has died. */
  callId?: ObjectId | undefined;
  /** A token came along and was not good: such a call is refused, never answered as if nobody had asked. */
  badToken: boolean;
  setHeader(name: string, value: string): void;
}

/** A call by somebody who is signed in. */
export interface ViewerContext extends Context {
  viewer: Viewer;
}

/** The id of the HTTP request under way, for what fails before there is a context. */
export const requestIds = new AsyncLocalStorage<string>();

/** Who an access token stands for, and until when. */
export interface Bearer {
  viewer: Viewer;
  expiresAt: Date;
}

/** Finds who an access token stands for; null when it is expired, forged or revoked. */
export type Authenticate = (accessToken: string) => Promise<Bearer | null>;

const MAX_TOKEN = 4096;

/** The token of an `authorization: Bearer ...` header; undefined without one, null for any other form. */
export function bearerOf(header: string | undefined): string | null | undefined {
  if (header === undefined) return undefined;
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(header.slice(0, MAX_TOKEN + 8))?.[1];
  return token !== undefined && token.length <= MAX_TOKEN ? token : null;
}

/** A client's address as limits and sessions know it. */
export const plainIp = (address: string | undefined): string =>
  (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
