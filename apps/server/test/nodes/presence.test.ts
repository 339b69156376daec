import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "../chat-client";
import { type Guest, report, startCluster } from "./cluster";

vi.setConfig({ testTimeout: 60_000 });
const cluster = startCluster({ people: ["alice", "bob", "carol"], count: 3 });
const [A, B, C] = [0, 1, 2];
afterEach(closeClients);

/** A test's users are said to be gone after one second, and what a dead node held counts for six. */
const soon = { timeout: 4_000, interval: 5 };
const expired = { timeout: 12_000, interval: 20 };

const chat = (node: number, { accessToken }: Guest): Promise<ChatClient> =>
  connectWith(cluster.nodes[node]!, { auth: { token: accessToken } });
const told = ({ heard }: ChatClient) =>
  heard.filter(({ name }) => name === "chat:presence").map(({ data }) => data.online);
const online = async (client: ChatClient, ...people: Guest[]) =>
  (await client.say("chat:presence", { userIds: people.map(({ id }) => id) })).online;

let alice: Guest;
let bob: Guest;
let carol: Guest;
beforeAll(async () => {
  [alice, bob, carol] = [
    await cluster.signIn("alice"),
    await cluster.signIn("bob"),
    await cluster.signIn("carol"),
  ];
  for (const other of [bob, carol]) {
    for (const [from, to] of [
      [alice, other],
      [other, alice],
    ] as const) {
      const client = await chat(A, from);
      await client.say("chat:send", { clientId: `to ${to.name}`, to: to.id, content: "hello" });
      client.close();
    }
  }
  await sleep(2_000);
});

test("who comes and goes on one node is told on another; who changes the node has not been gone", async () => {
  const watcher = await chat(A, alice);
  expect(await online(watcher, bob, carol)).toEqual([]);
  const first = await chat(B, bob);
  const since = performance.now();
  await vi.waitFor(() => expect(told(watcher)).toEqual([true]), soon);
  report(`a contact is seen ${(performance.now() - since).toFixed(0)} ms after coming to another node`);
  expect(await online(watcher, bob, carol)).toEqual([bob.id]);
  first.close();
  const second = await chat(C, bob);
  await sleep(2_500);
  expect(told(watcher)).toEqual([true]);
  second.close();
  await vi.waitFor(() => expect(told(watcher)).toEqual([true, false]), soon);
  expect(await online(watcher, bob)).toEqual([]);
});

test("while Redis is gone each node answers from what it knows, at once; afterwards all is known again", async () => {
  const watcher = await chat(A, alice);
  await chat(A, bob);
  await chat(B, carol);
  await vi.waitFor(async () => expect(await online(watcher, bob, carol)).toHaveLength(2), soon);
  await sleep(500);
  await cluster.redis.kill();
  await sleep(300);
  const since = performance.now();
  expect(await online(watcher, bob, carol)).toContain(bob.id);
  await sleep(3_000);
  const later = performance.now();
  expect(await online(watcher, bob, carol)).toEqual([bob.id]);
  report(
    `answered within ${Math.max(later - since - 3_000, performance.now() - later).toFixed(0)} ms without Redis`,
  );
  expect(performance.now() - later).toBeLessThan(1_000);
  await cluster.redis.start();
  await vi.waitFor(() => expect(cluster.isJoined()).toBe(true), { timeout: 10_000 });
  await vi.waitFor(() => expect(told(watcher)).toEqual([true]), expired);
  expect(await online(watcher, bob, carol)).toEqual([bob.id, carol.id]);
  await sleep(5_000);
  expect(told(watcher)).toEqual([true]);
});

test("the users of a node that dies are gone when what it held has expired", async () => {
  const watcher = await chat(A, alice);
  await chat(C, carol);
  await vi.waitFor(async () => expect(await online(watcher, carol)).toEqual([carol.id]), soon);
  await cluster.kill(C);
  const since = performance.now();
  await vi.waitFor(() => expect(told(watcher)).toEqual([false]), expired);
  report(`a dead node's user is gone after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  expect(await online(watcher, carol)).toEqual([]);
});
