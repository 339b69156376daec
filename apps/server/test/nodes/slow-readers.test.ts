import { setTimeout as sleep } from "node:timers/promises";
import mongoose from "mongoose";
import { afterEach, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "../chat-client";
import { openRaw, type RawSocket } from "../raw-socket";
import { type Guest, report, startCluster } from "./cluster";

const SLOW = 50;
/** So many events of four kilobytes wait for each. */
const EVENTS = 1_500;
const TALK_MS = 5_000;
/** By then most of them take nothing any more; they are cut when it has been so for five seconds. */
const FILLED_MS = 6_000;

const slow = Array.from({ length: SLOW }, (_, n) => `slow_${n}`);
const cluster = startCluster({ people: ["alice", "bob", ...slow], count: 1 });
afterEach(closeClients);

/** Writes to somebody, and puts that into their log many times more. */
async function fillLog(from: ChatClient, { id }: Guest): Promise<void> {
  const content = "\u{1F426}".repeat(1_000);
  const { message } = await from.say("chat:send", { clientId: id, to: id, content });
  const userId = new mongoose.Types.ObjectId(id);
  const heads = cluster.db.collection("eventHeads");
  const head = await heads.findOneAndUpdate({ _id: userId }, { $inc: { number: EVENTS } });
  const data = { messageId: message.id, conversationId: message.conversationId };
  await cluster.db.collection("events").insertMany(
    Array.from({ length: EVENTS }, (_, n) => ({
      userId,
      number: head!.number + 1 + n,
      type: "message",
      data,
      createdAt: new Date(),
    })),
  );
}

/** Joins, goes on from the beginning, and from then on says what keeps a connection and reads nothing. */
async function openSlow({ accessToken }: Guest): Promise<RawSocket> {
  const raw = await openRaw(cluster.nodes[0]!);
  raw.socket.send(`40/chat,${JSON.stringify({ token: accessToken, lastEvent: 0 })}`);
  await vi.waitFor(() => expect(raw.heard.some((frame) => frame.startsWith("40/chat"))).toBe(true), 5_000);
  raw.socket.pause();
  const pong = setInterval(() => raw.socket.send("3"), 1_000);
  void raw.closed.then(() => clearInterval(pong));
  return raw;
}

interface Talk {
  from: ChatClient;
  to: ChatClient;
  toId: string;
}

/** Milliseconds from sending to receiving, for so long, of one message after the other: what 99 % are below. */
async function p99({ from, to, toId }: Talk, ms: number): Promise<number> {
  const end = performance.now() + ms;
  const waits: number[] = [];
  const had = to.messages().length;
  while (performance.now() < end || waits.length < 30) {
    const since = performance.now();
    const clientId = `${had + waits.length}`;
    await from.say("chat:send", { clientId, to: toId, content: "hello" });
    await vi.waitFor(() => expect(to.messages()).toHaveLength(had + waits.length + 1), {
      timeout: 10_000,
      interval: 2,
    });
    waits.push(performance.now() - since);
  }
  waits.sort((one, other) => one - other);
  return waits[Math.floor(waits.length * 0.99)]!;
}

test("fifty who do not read hold less than a megabyte each and are cut, others go on, and who comes back has all", async () => {
  const [alice, bob] = [await cluster.signIn("alice"), await cluster.signIn("bob")];
  const guests: Guest[] = [];
  // One after the other: fifty at once are more passwords than a node lets wait.
  for (const name of slow) guests.push(await cluster.signIn(name));
  const [from, to] = await Promise.all(
    [alice, bob].map(({ accessToken }) => connectWith(cluster.nodes[0]!, { auth: { token: accessToken } })),
  );
  for (const guest of guests) await fillLog(from!, guest);
  await vi.waitFor(async () => expect(await cluster.db.collection("jobs").countDocuments()).toBe(0), 60_000);
  const talk = { from: from!, to: to!, toId: bob.id };
  const before = await p99(talk, TALK_MS);

  const held = (await cluster.ask(0)).megabytes;
  const since = performance.now();
  const raws = await Promise.all(guests.map(openSlow));
  // At first they are sent what the sockets between take, as to fifty who come back at once.
  await sleep(FILLED_MS / 2);
  const grown = (await cluster.ask(0)).megabytes - held;
  await sleep(FILLED_MS / 2);
  expect((await cluster.ask(0)).sessions).toBeGreaterThan(2);
  const during = await p99(talk, TALK_MS);
  // All that are left are alice and bob.
  await vi.waitFor(async () => expect((await cluster.ask(0)).sessions).toBe(2), {
    timeout: 30_000,
    interval: 500,
  });
  const cut = performance.now() - since;
  report(
    `${SLOW} slow readers were cut within ${cut.toFixed(0)} ms; until then they held ${grown.toFixed(1)} MB`,
  );
  report(`others waited ${before.toFixed(0)} ms before and ${during.toFixed(0)} ms meanwhile (p99)`);
  for (const { socket } of raws) socket.resume();
  await Promise.all(raws.map(({ closed }) => closed));
  for (const { heard } of raws) expect(heard.length).toBeLessThan(EVENTS);
  expect(grown).toBeLessThan(SLOW);
  expect(during).toBeLessThan(5_000);
  for (const { accessToken } of guests.slice(0, 5)) {
    const back = await connectWith(cluster.nodes[0]!, { auth: { token: accessToken, lastEvent: 0 } });
    await vi.waitFor(() => expect(back.messages()).toHaveLength(EVENTS + 1), 20_000);
    const numbers = back.messages().map(({ event }) => event);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  }
}, 180_000);
