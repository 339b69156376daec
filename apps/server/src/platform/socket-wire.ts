import type { Socket } from "socket.io";

/** The connection below a socket: a WebSocket, or a row of polls. */
export type Wire = Socket["conn"];

const FULL = { packets: 500, bytes: 1024 * 1024 };
const CALM = { packets: 50, bytes: 64 * 1024 };
const STALLED_MS = 5_000;
const LOOK_MS = 20;
const GOODBYE_MS = 1_000;
const WINDOW_MS = 10_000;
const TRY_AGAIN_LATER = 1013;

/** What Engine.IO and ws keep for themselves: what waits to be sent, and the way to end it at once. */
interface Inside {
  writeBuffer: { data?: unknown }[];
  transport: {
    socket?: {
      bufferedAmount: number;
      close: (code: number, reason: string) => void;
      terminate: () => void;
      on: (event: "ping", listener: () => void) => void;
    };
  };
}

const inside = (wire: Wire): Inside => wire as unknown as Inside;

/** How much waits because the client does not read. */
function waiting(wire: Wire): typeof FULL {
  const { writeBuffer, transport } = inside(wire);
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) if (typeof data === "string") bytes += data.length;
  return { packets: writeBuffer.length, bytes };
}

const exceeds = (limit: typeof FULL, { packets, bytes }: typeof FULL): boolean =>
  packets > limit.packets || bytes > limit.bytes;

/** Ends a connection, whatever still waits to be sent: the client may come back. */
export function hangUp(wire: Wire, reason?: "TOO_SLOW"): void {
  if (reason) inside(wire).transport.socket?.close(TRY_AGAIN_LATER, reason);
  wire.close(true);
}

/** Hangs up on a client that has let more pile up than a connection may hold. */
export function hangUpIfFull(wire: Wire): void {
  if (exceeds(FULL, waiting(wire))) hangUp(wire, "TOO_SLOW");
}

/**
 * Waits until little is left to be sent; hangs up on a client that takes nothing for five seconds.
 * @param isOver whether there is nothing to wait for any more
 * @returns whether there is still somebody to send to
 */
export async function untilCalm(wire: Wire, isOver: () => boolean): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY;
  let since = performance.now();
  while (!isOver()) {
    const now = waiting(wire);
    if (!exceeds(CALM, now)) return true;
    if (now.bytes < least) {
      least = now.bytes;
      since = performance.now();
    }
    if (performance.now() - since > STALLED_MS) hangUp(wire, "TOO_SLOW");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

/**
 * Watches a connection from its first byte: ends it when packets pour in or are binary, and sees to it that it is
 * gone a second after it was closed, even if the client never answers the goodbye.
 * @param packets how many may come in ten seconds
 */
export function watchWire(wire: Wire, packets: number): void {
  let since = performance.now();
  let counted = 0;
  const count = () => {
    const at = performance.now();
    if (at - since > WINDOW_MS) {
      since = at;
      counted = 0;
    }
    counted++;
    if (counted > packets) hangUp(wire);
  };
  const countPings = () => void inside(wire).transport.socket?.on("ping", count);
  wire.on("packet", ({ data }: { data?: unknown }) => {
    count();
    if (data !== undefined && typeof data !== "string") hangUp(wire);
  });
  countPings();
  wire.on("upgrade", countPings);
  wire.once("close", () => {
    const { socket } = inside(wire).transport;
    if (socket) setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
  });
}
