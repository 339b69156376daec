import { once } from "node:events";
import WebSocket from "ws";
import { found, LINES } from "../lines";
import type { Findings } from "../report";
import type { Stage } from "../stage";
import type { Target } from "../target";

const EACH = 5;
const AT_ONCE = 50;

/** P9: what one signed-in socket that says nothing costs in memory, when there are very many. */
export async function measureIdleSockets({ size, mongoUrl, start }: Stage): Promise<Findings> {
  const { sockets } = size;
  const value = await costOf(await start("server", { mongoUrl: mongoUrl("idle") }), sockets);
  const floor = await costOf(await start("chat", { mongoUrl: mongoUrl("idle-floor") }), sockets);
  const done = `${sockets.toLocaleString("en")} sockets`;
  return {
    lines: [
      found(LINES["idle-sockets"].rss, { value: value.rss, against: floor.rss, done }),
      { id: "P9", what: "of that, on the heap", unit: "kB", value: value.heap, against: floor.heap },
    ],
  };
}

async function costOf(target: Target, sockets: number): Promise<{ rss: number; heap: number }> {
  const open: WebSocket[] = [];
  try {
    const people = await target.people(sockets / EACH);
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
