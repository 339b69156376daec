import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Config } from "./config";
import type { Procedures } from "./docs/contract";
import { docsPages } from "./docs/docs.pages";
import { addressPages } from "./features/auth/auth.handlers";
import { authenticate, endedSince, recheck } from "./features/auth/session.service";
import { chatSocket } from "./features/chat/chat.handlers";
import { exportPage } from "./features/lifecycle/export.handlers";
import { startExports } from "./features/lifecycle/export.service";
import { appealPage } from "./features/moderation/moderation.handlers";
import { listeners } from "./listeners";
import { Channels } from "./platform/channels";
import { nowMs, syncClock } from "./platform/clock";
import type { App } from "./platform/context";
import { EventLog } from "./platform/event-log";
import { createHttp } from "./platform/http";
import { type Inbox, startInbox } from "./platform/inbox";
import { Jobs } from "./platform/jobs";
import { Leases } from "./platform/leases";
import { createLogger, type Logger } from "./platform/logger";
import { startMailer } from "./platform/mailer";
import { watchMemories } from "./platform/memory-watch";
import { connectMongo, disconnectMongo, mongoName } from "./platform/mongo";
import { PasswordHasher } from "./platform/password";
import { Places } from "./platform/places";
import { Presence } from "./platform/presence";
import { RateLimiter } from "./platform/rate-limit";
import { RedisLink } from "./platform/redis";
import { aloneRelay, relayOver } from "./platform/relay";
import { createSockets, type Namespace } from "./platform/socket";
import { TokenKeys } from "./platform/token";
import { checkAnswers, router } from "./platform/trpc";
import * as procedures from "./procedures";

const DRAIN_MS = 8_000;
const IDLE_MS = 100;
const RECHECK_MS = 60_000;
const ENDED_MS = 1_000;
/** How long before now a session may have ended that is only seen now: its transaction takes that long at most. */
const ENDED_BACK_MS = 30_000;

const namespaces: Namespace[] = [chatSocket];

/** A server that runs. */
export interface Running {
  url: string;
  /** Where the development inbox can be read; null when real mail is sent. */
  inboxUrl: string | null;
  /** What services take as their first argument when no call is under way. */
  app: App;
  /** Finishes what is under way, for some seconds at most, and lets go of everything. */
  close: () => Promise<void>;
}

export const appRouter = router(procedures);

/**
 * Starts the server: database, queue, mail, HTTP and sockets.
 * @throws when the database cannot be reached or the port is taken
 */
export async function createApp(config: Config): Promise<Running> {
  await connectMongo(config.mongoUrl);
  const stopClock = await syncClock();
  checkAnswers(!config.production);
  const log = createLogger(config.logLevel, !config.production);
  const redis = await connectRedis(config, log);
  const leases = new Leases(redis, config.policy.presence.keptFor);
  const app = compose(config, log, { redis, leases });
  const inbox = config.smtpUrl === undefined ? await startInbox() : null;
  const http = createHttp({
    app,
    router: appRouter,
    authenticate: (token) => authenticate(app, token),
    pages: {
      ...addressPages(),
      ...docsPages(appRouter._def.procedures as unknown as Procedures, config.policy),
      "/appeal": appealPage(),
      "/exports": exportPage(app),
      ...(inbox && { "/inbox": inbox.page }),
    },
  });
  const url = await listen(http, config.port);
  app.publicUrl = config.publicUrl ?? url;
  app.webUrl = config.webUrl ?? app.publicUrl;
  const io = createSockets(
    http,
    { app, authenticate: (token) => authenticate(app, token), recheck },
    namespaces,
  );
  const stopMailer = startWork(app, inbox);
  const stopWatch = watchChannels(app);
  const stopMemories = watchMemories(app.relay, (error) =>
    log.warn({ err: error }, "what others change could not be followed"),
  );
  const close = async () => {
    stopWatch();
    const answered = closed(http);
    app.channels.closeAll();
    await Promise.race([Promise.all([answered, io.close(), app.jobs.stop()]), delay(DRAIN_MS)]);
    http.closeAllConnections();
    stopMailer();
    await inbox?.close();
    stopClock();
    await stopMemories();
    app.presence.close();
    leases.close();
    redis?.close();
    await disconnectMongo();
  };
  return { url, inboxUrl: inbox && `${app.publicUrl}/inbox`, app, close };
}

/** The Redis that nodes share, if there is one; what is on it bears the name of their database. */
async function connectRedis({ redisUrl }: Config, log: Logger): Promise<RedisLink | undefined> {
  if (redisUrl === undefined) return undefined;
  const link = new RedisLink({ url: redisUrl, prefix: `warble:${mongoName()}`, log });
  await link.ready();
  return link;
}

interface Shared {
  redis: RedisLink | undefined;
  leases: Leases;
}

function compose(config: Config, log: Logger, { redis, leases }: Shared): App {
  const relay = redis ? relayOver(redis) : aloneRelay;
  return {
    config,
    log,
    jobs: new Jobs(log),
    relay,
    events: new EventLog(relay),
    channels: new Channels(relay, leases),
    presence: new Presence({
      leases,
      relay,
      grace: config.policy.presence.grace,
      failed: (error) => log.warn({ err: error }, "presence could not be looked up"),
    }),
    limiter: new RateLimiter(config.policy, redis),
    passwords: new PasswordHasher(config.passwordPepper, config.passwordCost),
    tokens: new TokenKeys(config.jwtSecrets),
    places: new Places(config.placesFile, log),
    publicUrl: "",
    webUrl: "",
  };
}

function startWork(app: App, inbox: Inbox | null): () => void {
  app.jobs.listen(listeners, app);
  app.jobs.start([...new Set(listeners.map(({ lane }) => lane))]);
  startExports(app);
  return startMailer({
    smtpUrl: inbox?.smtpUrl ?? app.config.smtpUrl ?? "",
    from: app.config.mailFrom,
    jobs: app.jobs,
    tokens: app.tokens,
  });
}

/** Nets under what is told between nodes, and under revocation: what no word came of is found here. */
function watchChannels(app: App): () => void {
  const failed = (error: unknown) => app.log.warn({ err: error }, "channels could not be checked");
  const stopEvents = app.events.watch(failed);
  const timers = [setInterval(() => void recheckAll(app).catch(failed), RECHECK_MS)];
  if (app.relay.state() !== "alone")
    timers.push(setInterval(() => void closeEnded(app).catch(failed), ENDED_MS));
  return () => {
    stopEvents();
    for (const timer of timers) clearInterval(timer);
  };
}

/** Finds whatever has taken a right away without closing its channels. */
async function recheckAll({ channels }: App): Promise<void> {
  for (const viewer of channels.sessions()) {
    if (!(await recheck(viewer))) channels.closeSessionHere(viewer.sessionId);
  }
}

/** Closes the channels of sessions that ended on other nodes. */
async function closeEnded({ channels }: App): Promise<void> {
  const since = new Date(nowMs() - ENDED_BACK_MS);
  for (const sessionId of await endedSince(since)) channels.closeSessionHere(sessionId);
}

/** Takes no more connections, and waits until all there are have had their answers. */
async function closed(http: Server): Promise<void> {
  const idle = setInterval(() => http.closeIdleConnections(), IDLE_MS);
  await new Promise((resolve) => http.close(resolve));
  clearInterval(idle);
}

async function listen(http: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, resolve);
  });
  return `http://localhost:${(http.address() as AddressInfo).port}`;
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
