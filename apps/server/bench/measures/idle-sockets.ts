import { once } from "node:events";
import WebSocket from "ws";
import type { Line } from "../report";
import { startTarget, type Target } from "../target";

const SOCKETS = 10_000;
const EACH = 5;
const AT_ONCE = 50;

/** P9: what one signed-in socket that says nothing costs in memory, when there are ten thousand. */
export async function measureIdleSockets(mongoUrl: (name: string) => string): Promise<Line[]> {
  const value = await costOf("server.ts", mongoUrl("idle"));
  const floor = await costOf("floors/chat.ts", mongoUrl("idle-floor"));
  const unit = "kB";
  const what = `resident memory of an idle socket, ${SOCKETS.toLocaleString("en")} open`;
  return [
    { id: "P9", what, value: value.rss, unit, floor: floor.rss, target: { of: "value", atMost: 25 } },
    { id: "P9", what: "of that, on the heap", value: value.heap, unit, floor: floor.heap },
  ];
}

async function costOf(file: string, mongoUrl: string): Promise<{ rss: number; heap: number }> {
  const target = await startTarget(file, mongoUrl);
  const open: WebSocket[] = [];
  try {
    const people = await target.people(SOCKETS / EACH);
    const tokens = people.flatMap(({ token }) => Array<string>(EACH).fill(token));
    // The first ones pay for what is loaded once.
    for (const token of tokens.splice(0, AT_ONCE)) open.push(await connect(target, token));
    const before = await target.memory();
    const counted = tokens.length;
    while (tokens.length > 0)
      open.push(...(await Promise.all(tokens.splice(0, AT_ONCE).map((token) => connect(target, token)))));
    const after = await target.memory();
    const each = (name: "rss" | "heap") => (after[name] - before[name]) / counted / 1000;
    return { rss: each("rss"), heap: each("heap") };
  } finally {
    for (const socket of open) socket.terminate();
    await target.stop();
  }
}

/** A client that is no more than a WebSocket: ten thousand of them fit beside the server. */
async function connect({ url }: Target, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const ready = new Promise<void>((resolve, reject) => {
    socket.on("message", (data) => {
      const packet = String(data);
      if (packet.startsWith("0")) socket.send(`40/chat,${JSON.stringify({ token })}`);
      if (packet === "2") socket.send("3");
      if (packet.startsWith("44")) reject(new Error(`not admitted: ${packet}`));
      if (packet.startsWith('42/chat,["chat:ready"')) resolve();
    });
    socket.once("close", () => reject(new Error("closed before it was ready")));
    socket.on("error", reject);
  });
  await once(socket, "open");
  await ready;
  return socket;
}
