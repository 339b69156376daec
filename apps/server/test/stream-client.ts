import { createServer, connect as dial, type Socket } from "node:net";
import { createTRPCClient, httpSubscriptionLink, type TRPCClientError } from "@trpc/client";
import type { ErrorReason, Notification, UserCard } from "@warble/contracts";
import { EventSource } from "eventsource";
import type { Api } from "../src/api";
import type { TestApp } from "./harness";

/** A real client of `notifications.stream`, with all that it was sent. */
export interface StreamClient {
  received: { id: number; notification: Notification; at: number }[];
  relationships: { id: number; user: UserCard }[];
  /** How often it was connected. */
  starts(): number;
  /** Why it ended for good; undefined while it goes on. */
  ended(): ErrorReason | undefined;
  stop(): void;
}

const open = new Set<{ stop(): void }>();

/** Ends what a test left open. */
export function closeStreams(): void {
  for (const { stop } of open) stop();
  open.clear();
}

interface StreamOptions {
  token: string;
  lastEventId?: string;
  /** Where it connects to, when not straight to the server. */
  url?: string;
}

/** Opens a stream over HTTP; comes back once it is connected or refused. */
export async function stream(app: TestApp, options: StreamOptions): Promise<StreamClient> {
  const { token, lastEventId, url = app.running.url } = options;
  const withToken: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
  const client = createTRPCClient<Api>({
    links: [
      httpSubscriptionLink({
        url: `${url}/trpc`,
        EventSource,
        eventSourceOptions: { fetch: withToken as never },
      }),
    ],
  });
  const received: StreamClient["received"] = [];
  const relationships: StreamClient["relationships"] = [];
  let starts = 0;
  let ended: ErrorReason | undefined;
  await new Promise<void>((resolve) => {
    const subscription = client.notifications.stream.subscribe(
      lastEventId === undefined ? {} : { lastEventId },
      {
        onStarted: () => {
          starts++;
          resolve();
        },
        onData: ({ id, data }) => {
          if (data.type === "relationship") relationships.push({ id: Number(id), user: data.user });
          else received.push({ id: Number(id), notification: data, at: performance.now() });
        },
        onError: (error: TRPCClientError<Api>) => {
          ended = error.data?.reason ?? "INTERNAL";
          resolve();
        },
      },
    );
    open.add({ stop: () => subscription.unsubscribe() });
  });
  const last = [...open].at(-1);
  return { received, relationships, starts: () => starts, ended: () => ended, stop: () => last?.stop() };
}

/** A wire to the server that can be cut. */
export async function wireTo(app: TestApp): Promise<{ url: string; cut(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(Number(new URL(app.running.url).port), "localhost");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const { port } = server.address() as { port: number };
  const close = () => {
    cut();
    server.close();
  };
  open.add({ stop: close });
  return { url: `http://localhost:${port}`, cut, close };
}
