import type { Server as HttpServer, IncomingMessage } from "node:http";
import { LIMITS } from "@warble/contracts";
import { type Namespace as Place, Server, type Socket } from "socket.io";
import { z } from "zod";
import { trustsOf } from "./address";
import type { OpenChannel } from "./channels";
import { now } from "./clock";
import type { App, Authenticate, Bearer, Viewer } from "./context";
import { requireContract } from "./contract";
import { toWarbleError, WarbleError } from "./error";
import { remembering } from "./memory";
import type { Watcher } from "./presence-watcher";
import { answerCalls, refusal, type SocketCall, type SocketContext } from "./socket-call";
import { Feed, type ShowEvents } from "./socket-feed";
import { Gate } from "./socket-gate";
import { hangUp, untilCalm, type Wire, watchWire } from "./socket-wire";

const JOIN_MS = 5_000;
// A packet is not always a call: what pours in this much faster than calls may come is no client of ours.
const PACKETS_PER_CALL = 10;

/** What a client that comes back says in its handshake: the last event that it has. */
const LastEvent = z.int().min(0).optional();

/** A namespace: what clients may say on it, and what they are sent. */
export interface Namespace {
  name: string;
  calls: Record<string, SocketCall>;
  show: ShowEvents;
  /**
   * Sent once, first of all: `event` is the number of the user's newest event, `expiresIn` for how many seconds the
   * socket is good.
   */
  ready: string;
  /** The event that says that a user has come or gone, and who may know it: those of these users who are the viewer's. */
  presence: { event: string; contactsOf: (ctx: SocketContext, userIds: string[]) => Promise<string[]> };
}

interface SocketOptions {
  app: App;
  authenticate: Authenticate;
  /** Looks again whether a session still holds; null when not. */
  recheck: (viewer: Viewer) => Promise<Viewer | null>;
}

/** Whom a socket belongs to, the user's newest event before it was connected, and after which one it goes on. */
interface Admitted extends Bearer {
  ip: string;
  channel: OpenChannel;
  newest: number;
  after: number;
}

/** Socket.IO on the HTTP server: origins, identity and limits are checked here, for every namespace. */
export function createSockets(http: HttpServer, options: SocketOptions, namespaces: Namespace[]): Server {
  const { app } = options;
  const { unjoined } = app.config.policy.connections;
  const gate = new Gate({ trusts: trustsOf(app.config.trustProxy), most: unjoined, longestMs: JOIN_MS });
  const io = new Server(http, {
    maxHttpBufferSize: LIMITS.frame,
    connectTimeout: JOIN_MS,
    serveClient: false,
    cors: { origin: app.config.corsOrigins },
    allowRequest: (request, decide) => {
      const isKnown = isAllowedOrigin(app, request.headers.origin);
      const allowed = isKnown && gate.enter(request);
      if (!allowed && request.headers.upgrade)
        refuseUpgrade(request, isKnown ? "429 Too Many Requests" : "403 Forbidden");
      decide(null, allowed);
    },
  });
  const calls = app.config.policy.limits.socket[0]?.points ?? Number.POSITIVE_INFINITY;
  io.engine.on("connection", (wire: Wire) => {
    watchWire(wire, calls * PACKETS_PER_CALL);
    wire.once("close", () => gate.leave(wire.request));
  });
  // What never joins a namespace is nobody's: nothing may be said on the root.
  io.use((_socket, next) => next(refusal(new WarbleError("NOT_FOUND"))));
  for (const namespace of namespaces) open(io, namespace, { ...options, gate });
  const places = new Map(namespaces.map(({ name }) => [name, io.of(name)]));
  app.relay.hear((note) => note.kind === "live" && tellHere(places.get(note.place), note));
  return io;
}

function isAllowedOrigin(app: App, origin: string | undefined): boolean {
  return (
    origin === undefined ||
    origin === new URL(app.publicUrl).origin ||
    app.config.corsOrigins.includes(origin)
  );
}

/** Engine.IO would answer 400 to a WebSocket. */
function refuseUpgrade({ socket }: IncomingMessage, status: string): void {
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function open(io: Server, namespace: Namespace, options: SocketOptions & { gate: Gate }): void {
  const place = io.of(namespace.name);
  const joining = new WeakSet<Wire>();
  place.use((socket, next) => {
    if (joining.has(socket.conn)) {
      return next(refusal(new WarbleError("BAD_REQUEST", { message: "A connection joins once." })));
    }
    joining.add(socket.conn);
    admit(socket, options).then(
      () => next(),
      (error) => {
        const refused = toWarbleError(error);
        if (refused.reason === "INTERNAL") options.app.log.error({ err: error }, "socket not admitted");
        next(refusal(refused));
      },
    );
  });
  place.on("connection", (socket) => serve(socket, namespace, options));
}

/** All of this happens before the client is told that it is connected, so that from then on nothing is missed. */
async function admit(socket: Socket, options: SocketOptions & { gate: Gate }): Promise<void> {
  const { app, authenticate, recheck, gate } = options;
  requireContract(socket.handshake.auth.contract);
  const token: unknown = socket.handshake.auth.token;
  const bearer = typeof token === "string" && token.length <= 4096 ? await authenticate(token) : null;
  if (!bearer || bearer.expiresAt <= now()) throw new WarbleError("NOT_SIGNED_IN");
  const { viewer } = bearer;
  const channel = await app.channels.open(bearer, () => hangUp(socket.conn));
  socket.conn.once("close", channel.ended);
  if (socket.conn.readyState !== "open") {
    channel.ended();
    throw new WarbleError("NOT_SIGNED_IN");
  }
  await socket.join(roomOf(viewer.id));
  const lastEvent = LastEvent.parse(socket.handshake.auth.lastEvent);
  const newest =
    lastEvent === undefined
      ? await app.events.lastNumber(viewer.id)
      : await app.events.requireKept(viewer.id, lastEvent);
  // The session may have ended before its channel was known.
  if (!(await recheck(viewer))) throw new WarbleError("NOT_SIGNED_IN");
  gate.leave(socket.request);
  socket.data = {
    viewer,
    expiresAt: bearer.expiresAt,
    ip: gate.addressOf(socket.request),
    channel,
    newest,
    after: lastEvent ?? newest,
  } satisfies Admitted;
}

interface Word {
  userId: string;
  event: string;
  data: object;
}

function tellHere(place: Place | undefined, { userId, event, data }: Word): void {
  place?.to(roomOf(userId)).volatile.emit(event, data);
}

const roomOf = (userId: string): string => `user:${userId}`;

function serve(socket: Socket, namespace: Namespace, { app, authenticate, recheck }: SocketOptions): void {
  const { viewer, ip, expiresAt, channel, newest, after } = socket.data as Admitted;
  // Most never ask.
  let watcher: Watcher | undefined;
  const renew = async (token: string): Promise<number> => {
    const bearer = await authenticate(token);
    if (!bearer || bearer.viewer.sessionId !== viewer.sessionId) throw new WarbleError("BAD_TOKEN");
    return channel.extend(bearer.expiresAt);
  };
  const current = async (): Promise<SocketContext | null> => {
    const still = await remembering(() => recheck(viewer));
    const watchPresence = (userIds: string[]) => {
      watcher ??= watcherOf();
      if (!socket.connected) watcher.stop();
      return watcher.watch(userIds);
    };
    return still && { ...contextOf(app, socket, still), ip, feed, renew, watchPresence };
  };
  const watcherOf = () =>
    app.presence.watcher({
      userId: viewer.id,
      mayKnow: async (userIds) => {
        const ctx = await current();
        return ctx ? namespace.presence.contactsOf(ctx, userIds) : [];
      },
      tell: async (userId, online) => {
        const isThere = await untilCalm(socket.conn, () => !socket.connected);
        if (isThere) socket.emit(namespace.presence.event, { userId, online });
      },
    });
  const leave = app.presence.come(viewer.id);
  const feed = new Feed({ app, socket, userId: viewer.id, show: namespace.show, current });
  socket.on("disconnect", () => {
    feed.end();
    watcher?.stop();
    leave();
    hangUp(socket.conn);
  });
  answerCalls({ app, socket, calls: namespace.calls, current });
  socket.emit(namespace.ready, { event: newest, expiresIn: channel.extend(expiresAt) });
  feed.start(after);
}

function contextOf(
  app: App,
  socket: Socket,
  viewer: Viewer,
): Omit<SocketContext, "ip" | "feed" | "renew" | "watchPresence"> {
  return {
    ...app,
    requestId: socket.id,
    userAgent: (socket.handshake.headers["user-agent"] ?? "").slice(0, 200),
    viewer,
    expiresAt: null,
    badToken: false,
    setHeader: () => undefined,
    tell: (userId, event, data) => {
      tellHere(socket.nsp, { userId, event, data });
      app.relay.tell({ kind: "live", place: socket.nsp.name, userId, event, data: { ...data } });
    },
  };
}
