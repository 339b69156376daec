import type { ClientToServer, Logged, Message, Refused, ServerToClient } from "@warble/contracts";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { TestApp } from "./harness";
import type { Address } from "./raw-socket";

type Plain = Socket<ServerToClient, ClientToServer>;
type Answered<E extends keyof ClientToServer> = Parameters<Parameters<ClientToServer[E]>[1]>[0];
type Ok<E extends keyof ClientToServer> = Exclude<Answered<E>, Refused>;

/** A real client on `/chat`, with all that it was sent. */
export interface ChatClient {
  socket: Plain;
  /** The number of the newest event when it connected. */
  ready: number;
  heard: { name: string; data: Record<string, unknown> }[];
  /** The messages that it was sent, in the order in which they came. */
  messages(): Logged<{ message: Message }>[];
  /** @throws when refused */
  say<E extends keyof ClientToServer>(event: E, input: Parameters<ClientToServer[E]>[0]): Promise<Ok<E>>;
  /** Says anything at all; answers what came back. */
  raw(event: string, ...args: unknown[]): Promise<Record<string, unknown>>;
  close(): void;
}

const open = new Set<Plain>();

/** A client of somebody, connected. @throws the refusal's data when it was refused */
export async function connect(
  app: TestApp,
  name: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<ChatClient> {
  return connectWith(app, { auth: { token: await app.tokenFor(name) }, ...options });
}

export function connectWith(
  app: Address,
  options: Partial<ManagerOptions & SocketOptions>,
): Promise<ChatClient> {
  const socket: Plain = io(`${app.running.url}/chat`, {
    forceNew: true,
    reconnection: false,
    transports: ["websocket"],
    ...options,
  });
  open.add(socket);
  const client = clientOf(socket);
  return new Promise((resolve, reject) => {
    socket.once("connect_error", (error) =>
      reject(Object.assign(error, (error as { data?: object }).data ?? {})),
    );
    socket.once("chat:ready", ({ event }) => {
      client.ready = event;
      resolve(client);
    });
  });
}

/** Closes what a test left open. */
export function closeClients(): void {
  for (const socket of open) socket.disconnect();
  open.clear();
}

function clientOf(socket: Plain): ChatClient {
  const heard: ChatClient["heard"] = [];
  socket.onAny((name, data) => void (name === "chat:ready" || heard.push({ name, data })));
  const raw: ChatClient["raw"] = (event, ...args) =>
    (socket as Socket).timeout(60_000).emitWithAck(event, ...args);
  return {
    socket,
    ready: 0,
    heard,
    messages: () => heard.filter(({ name }) => name === "chat:message").map(({ data }) => data as never),
    say: async (event, input) => {
      const answer = await raw(event, input);
      if (!answer.ok) throw Object.assign(new Error(`refused: ${answer.reason}`), answer);
      return answer as never;
    },
    raw,
    close: () => void socket.disconnect(),
  };
}
