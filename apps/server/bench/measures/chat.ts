import { once } from "node:events";
import { io, type Socket } from "socket.io-client";
import { found, LINES } from "../lines";
import { type Findings, median, percentile } from "../report";
import type { Stage } from "../stage";
import type { Person, Target } from "../target";

const PAIRS = 16;
const CALM_PAIRS = 8;
/** How many rounds long it is calm. */
const CALM = 2;
/** Between two messages of one pair: 40 a second in all, which leaves both servers mostly idle. */
const CALM_EVERY_MS = 200;

interface Pair {
  sender: Socket;
  receiver: Socket;
  to: string;
}

/** P8: messages acknowledged a second beside the floor, and the time from sending to the other one's socket. */
export async function measureChat({ size, mongoUrl, start }: Stage): Promise<Findings> {
  const { rounds, roundMs } = size;
  const warble = await start("server", { mongoUrl: mongoUrl("chat") });
  const floor = await start("chat", { mongoUrl: mongoUrl("chat-floor") });
  const both = [await connectPairs(warble), await connectPairs(floor)] as const;
  try {
    const rates: [number[], number[]] = [[], []];
    for (const pairs of both) await sendBusily(pairs, roundMs / 2);
    // In turns, so that what else this machine does falls on both.
    for (let round = 0; round < rounds; round++) {
      for (const side of [0, 1] as const) rates[side].push(await sendBusily(both[side], roundMs));
    }
    const [ours, bare] = [
      await sendCalmly(both[0], roundMs * CALM),
      await sendCalmly(both[1], roundMs * CALM),
    ];
    const both50 = { value: percentile(ours, 50), against: percentile(bare, 50) };
    return {
      lines: [
        found(LINES.chat.rate, { value: median(rates[0]), against: median(rates[1]) }),
        { id: "P8", what: "sent to received, p50", unit: "ms", ...both50 },
        found(LINES.chat.p99, { value: percentile(ours, 99), against: percentile(bare, 99) }),
      ],
    };
  } finally {
    for (const { sender, receiver } of both.flat()) for (const each of [sender, receiver]) each.disconnect();
    await Promise.all([warble.stop(), floor.stop()]);
  }
}

async function connectPairs(target: Target): Promise<Pair[]> {
  const people = await target.people(PAIRS * 2);
  const sockets = await Promise.all(people.map((person) => connect(target, person)));
  return Array.from({ length: PAIRS }, (_, pair) => ({
    sender: sockets[pair * 2] as Socket,
    receiver: sockets[pair * 2 + 1] as Socket,
    to: people[pair * 2 + 1]?.id ?? "",
  }));
}

async function connect({ url }: Target, { token }: Person): Promise<Socket> {
  const socket = io(`${url}/chat`, { forceNew: true, transports: ["websocket"], auth: { token } });
  await once(socket as never, "chat:ready");
  return socket;
}

/** Each pair sends the next message when the last is acknowledged. @returns messages a second */
async function sendBusily(pairs: Pair[], ms: number): Promise<number> {
  const start = performance.now();
  let sent = 0;
  await Promise.all(
    pairs.map(async (pair) => {
      while (performance.now() - start < ms) {
        await send(pair);
        sent++;
      }
    }),
  );
  return (sent / (performance.now() - start)) * 1000;
}

/** A few messages a second. @returns for each the milliseconds from sending to the other one's socket */
async function sendCalmly(all: Pair[], ms: number): Promise<number[]> {
  const pairs = all.slice(0, CALM_PAIRS);
  const sentAt = new Map<string, number>();
  const took: number[] = [];
  const note = ({ message }: { message: { clientId: string } }) => {
    const at = sentAt.get(message.clientId);
    if (at !== undefined) took.push(performance.now() - at);
  };
  for (const { receiver } of pairs) receiver.on("chat:message", note);
  const start = performance.now();
  await Promise.all(
    pairs.map(async (pair, index) => {
      await pause((index / CALM_PAIRS) * CALM_EVERY_MS);
      while (performance.now() - start < ms) {
        const clientId = crypto.randomUUID();
        sentAt.set(clientId, performance.now());
        await Promise.all([send(pair, clientId), pause(CALM_EVERY_MS)]);
      }
    }),
  );
  for (const { receiver } of pairs) receiver.off("chat:message", note);
  return took;
}

async function send({ sender, to }: Pair, clientId: string = crypto.randomUUID()): Promise<void> {
  const said = { clientId, to, content: "A message of the usual length, neither long nor short." };
  const answer: { ok: boolean; reason?: string } = await sender
    .timeout(30_000)
    .emitWithAck("chat:send", said);
  if (!answer.ok) throw new Error(`a message was refused: ${answer.reason}`);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
