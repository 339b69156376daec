import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "../chat-client";
import { visit } from "../mistakes/client";
import { openRaw } from "../raw-socket";
import { closeStreams, type StreamClient, stream } from "../stream-client";
import { type Guest, report, startCluster } from "./cluster";

vi.setConfig({ testTimeout: 60_000 });
const people = ["alice", "bob", "carol", "dan", "root"];
const cluster = startCluster({ people, count: 3 });
const [A, B, C] = [0, 1, 2];
afterEach(closeClients);
afterEach(closeStreams);

const within2s = { timeout: 2_000, interval: 10 };
const chat = (node: number, { accessToken }: Guest): Promise<ChatClient> =>
  connectWith(cluster.nodes[node]!, { auth: { token: accessToken } });
const open = (node: number, { accessToken }: Guest): Promise<StreamClient> =>
  stream(cluster.nodes[node] as never, { token: accessToken });
const tooMany = (node: number, guest: Guest) =>
  expect(chat(node, guest)).rejects.toMatchObject({ reason: "RATE_LIMITED", retryAfter: expect.any(Number) });
const isIn = (node: number, guest: Guest) =>
  vi.waitFor(() => chat(node, guest), { timeout: 15_000, interval: 100 });

const guests: Record<string, Guest> = {};
beforeAll(async () => {
  for (const name of people) guests[name] = await cluster.signIn(name);
});

test("a user's sixth socket is refused whichever node it comes to, and let in when one has ended", async () => {
  const alice = guests.alice!;
  const sockets = await Promise.all([A, A, A, B, B].map((node) => chat(node, alice)));
  for (const node of [A, B, C]) await tooMany(node, alice);
  sockets[0]?.close();
  await isIn(B, alice);
  await tooMany(A, alice);
  expect(sockets.slice(1).every(({ socket }) => socket.connected)).toBe(true);
});

test("of many at once on all nodes five are let in", async () => {
  const tries = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => chat(n % 3, guests.bob!)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
});

test("a user's twenty-first stream is refused whichever node it comes to", async () => {
  const carol = guests.carol!;
  const streams: StreamClient[] = [];
  for (let n = 0; n < 20; n++) streams.push(await open(n % 2, carol));
  expect(streams.map((each) => each.ended())).toEqual(Array(20).fill(undefined));
  const refused = await open(C, carol);
  await vi.waitFor(() => expect(refused.ended()).toBe("RATE_LIMITED"), within2s);
  streams[0]?.stop();
  await sleep(500);
  expect((await open(C, carol)).ended()).toBeUndefined();
});

test("a change of role closes what is open on the other nodes too, and soon", async () => {
  const { root, dan } = guests;
  await cluster.db.collection("users").updateOne({ username: "root" }, { $set: { role: "admin" } });
  const [socket, far] = [await chat(B, dan!), await open(C, dan!)];
  for (const role of ["moderator", "user"]) {
    const again = role === "user" ? await chat(B, dan!) : socket;
    const since = performance.now();
    const { status } = await visit(cluster.nodes[A]!).call(
      "moderation.setRole",
      { userId: dan!.id, role },
      { by: root! },
    );
    expect(status).toBe(200);
    await vi.waitFor(() => expect(again.socket.connected).toBe(false), within2s);
    report(`a socket closed ${(performance.now() - since).toFixed(0)} ms after a change of role elsewhere`);
  }
  await vi.waitFor(() => expect(far.ended()).toBe("NOT_SIGNED_IN"), within2s);
});

test("a thousand mute connections are all gone within six seconds", async () => {
  const since = performance.now();
  const mute = await Promise.all(Array.from({ length: 1_000 }, () => openRaw(cluster.nodes[A]!)));
  const opened = performance.now();
  await Promise.all(mute.map(({ closed }) => closed));
  const [all, last] = [performance.now() - since, performance.now() - opened];
  report(
    `1000 mute connections: opened in ${(opened - since).toFixed(0)} ms, gone ${last.toFixed(0)} ms later`,
  );
  expect(all).toBeGreaterThan(4_500);
  // A machine that takes long to open them takes long to see them end.
  expect(last).toBeLessThan(6_000 + (opened - since));
});

test("while Redis is gone each node counts for itself; what a dead node held counts no longer", async () => {
  const alice = guests.alice!;
  await Promise.all([A, A, A, C, C].map((node) => chat(node, alice)));
  await tooMany(B, alice);
  await cluster.kill(C);
  const since = performance.now();
  await isIn(B, alice);
  report(`a dead node's sockets count for ${((performance.now() - since) / 1000).toFixed(1)} s`);
  await cluster.redis.kill();
  await sleep(500);
  await Promise.all([B, B, B, B].map((node) => chat(node, alice)));
  await tooMany(B, alice);
});
