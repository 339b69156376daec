import WebSocket, { type ClientOptions } from "ws";

/** Where a server is reached. */
export interface Address {
  readonly running: { readonly url: string };
}

/** A client that speaks Engine.IO frame by frame, and so can say what Socket.IO's own never would. */
export interface RawSocket {
  socket: WebSocket;
  heard: string[];
  closed: Promise<{ code: number; reason: string }>;
  isClosed(): boolean;
}

/** Opens a connection and joins nothing. @throws when the upgrade was refused */
export function openRaw(app: Address, options: ClientOptions = {}): Promise<RawSocket> {
  const url = `${app.running.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const heard: string[] = [];
  socket.on("message", (data) => heard.push(String(data)));
  let over = false;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      over = true;
      resolve({ code, reason: String(reason) });
    });
  });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("open", () => resolve({ socket, heard, closed, isClosed: () => over }));
  });
}

/** Opens a connection and joins `/chat`, or is refused; `heard` says which. */
export async function joinRaw(app: Address, token: string): Promise<RawSocket> {
  const raw = await openRaw(app);
  raw.socket.send(`40/chat,${JSON.stringify({ token })}`);
  while (!raw.isClosed() && !raw.heard.some((frame) => /^4[04]\/chat/.test(frame))) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return raw;
}
