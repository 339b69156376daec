import type { Tweet } from "@warble/contracts";
import mongoose from "mongoose";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "../chat-client";
import { visit } from "../mistakes/client";
import type { Address } from "../raw-socket";
import { closeStreams, stream } from "../stream-client";
import { type Guest, report, startCluster } from "./cluster";

const cluster = startCluster({ people: ["alice", "bob", "carol"] });
const [A, B] = [0, 1];
const node = (index: number): Address => cluster.nodes[index]!;
const on = (index: number) => visit(node(index));
const chat = (index: number, { accessToken }: Guest): Promise<ChatClient> =>
  connectWith(node(index), { auth: { token: accessToken } });
const soon = { timeout: 4_000, interval: 2 };
const within2s = { timeout: 2_000, interval: 5 };

let alice: Guest;
let bob: Guest;
beforeAll(async () => {
  [alice, bob] = [await cluster.signIn("alice"), await cluster.signIn("bob")];
});
afterEach(closeClients);
afterEach(closeStreams);

describe("between two nodes", () => {
  test("a message sent on one arrives at a socket on the other, and live", async () => {
    const [from, to] = [await chat(A, alice), await chat(B, bob)];
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      await from.say("chat:send", { clientId: `live-${n}`, to: bob.id, content: `message ${n}` });
      const stored = performance.now();
      await vi.waitFor(() => expect(to.messages()).toHaveLength(n + 1), soon);
      waits.push(performance.now() - stored);
    }
    waits.sort((one, other) => one - other);
    report(
      `to the other node: ${waits[10]!.toFixed(0)} ms after it is stored, ${waits[19]!.toFixed(0)} at most`,
    );
    // Without a wake it would be found by the next look, which is seconds away.
    expect(waits[10]).toBeLessThan(1_000);
    expect(to.messages().map(({ message }) => message.content)).toEqual(
      Array.from({ length: 20 }, (_, n) => `message ${n}`),
    );
  });

  test("a like on one is told to a stream on the other", async () => {
    const { data: tweet } = await on(A).call<{ id: string }>(
      "tweets.create",
      { content: "Swifts!" },
      { by: bob },
    );
    const heard = await stream(node(B) as never, { token: bob.accessToken });
    await on(A).call("tweets.like", { id: tweet.id }, { by: alice });
    await vi.waitFor(() => expect(heard.received).toHaveLength(1), { timeout: 3_000 });
    expect(heard.received[0]!.notification.type).toBe("like");
  });

  test("likes and retweets of one tweet on both at once, and taking them back, stay in step with its counters", async () => {
    const { data: tweet } = await on(A).call<{ id: string }>(
      "tweets.create",
      { content: "A storm" },
      { by: bob },
    );
    const people = [alice, bob, await cluster.signIn("carol")];
    const verbs = ["like", "unlike", "retweet", "unretweet"];
    for (let round = 0; round < 3; round++) {
      const calls = people.flatMap((by) =>
        [A, B].flatMap((index) =>
          verbs.map((verb) => on(index).call(`tweets.${verb}`, { id: tweet.id }, { by })),
        ),
      );
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 200));
      const { data } = await on(A).ask<Tweet>("tweets.get", { id: tweet.id }, { by: bob });
      const id = new mongoose.Types.ObjectId(tweet.id);
      const likes = await cluster.db.collection("likes").countDocuments({ postId: id });
      const retweets = await cluster.db
        .collection("entries")
        .countDocuments({ tweetId: id, kind: "retweet" });
      expect(data.counts).toMatchObject({ likes, retweets });
    }
  });

  test("typing is told across", async () => {
    await on(A).call("users.follow", { id: alice.id }, { by: bob });
    const [from, to] = [await chat(A, alice), await chat(B, bob)];
    const sent = await from.say("chat:send", { clientId: "typing", to: bob.id, content: "wait" });
    await from.say("chat:typing", { conversationId: sent.message.conversationId });
    const typing = () => to.heard.filter(({ name }) => name === "chat:typing");
    await vi.waitFor(() => expect(typing()).toHaveLength(1), soon);
    expect(typing()[0]!.data).toMatchObject({ userId: alice.id });
  });

  test("signing out on one closes what is open on the other, and it refuses the token", async () => {
    const gone = await cluster.signIn("carol");
    const stays = await cluster.signIn("carol");
    const [socket, other] = [await chat(B, gone), await chat(B, stays)];
    const open = await stream(node(B) as never, { token: gone.accessToken });
    const since = performance.now();
    await on(A).call("auth.logout", undefined, { by: gone });
    await vi.waitFor(() => expect(socket.socket.connected).toBe(false), within2s);
    report(`a socket closed ${(performance.now() - since).toFixed(0)} ms after signing out elsewhere`);
    await vi.waitFor(() => expect(open.ended()).toBe("NOT_SIGNED_IN"), { timeout: 3_000 });
    expect((await on(B).ask("auth.me", undefined, { by: gone })).status).toBe(401);
    expect(other.socket.connected).toBe(true);
    await on(A).call("auth.logoutOthers", undefined, { by: await cluster.signIn("carol") });
    await vi.waitFor(() => expect(other.socket.connected).toBe(false), within2s);
  });

  test("calls and sockets work through a proxy that sticks to nobody", async () => {
    const before = await chat(A, bob);
    for (let n = 0; n < 4; n++) {
      const client = await connectWith(cluster.door, { auth: { token: alice.accessToken } });
      await client.say("chat:send", { clientId: `door-${n}`, to: bob.id, content: `door ${n}` });
      client.close();
    }
    await vi.waitFor(() => expect(before.messages()).toHaveLength(4), soon);
    for (let n = 0; n < 4; n++) {
      const { status } = await visit(cluster.door).ask("auth.me", undefined, { by: alice });
      expect(status).toBe(200);
    }
  });

  test("jobs are done by both, each by one of them and once", async () => {
    const jobs = cluster.db.collection("jobs");
    // One node alone would take longer with so many than the second after which the other looks.
    const all = Array.from({ length: 1_000 }, (_, n) => n);
    await jobs.insertMany(all.map(tally));
    await vi.waitFor(async () => expect(await jobs.countDocuments()).toBe(0), { timeout: 15_000 });
    const done = await cluster.db.collection("tallies").find().toArray();
    expect(done.map(({ n }) => n).sort((one, other) => one - other)).toEqual(all);
    expect(new Set(done.map(({ pid }) => pid)).size).toBe(2);
  });
});

/** A stored job, which the nodes of these tests do by writing down that they did. */
const tally = (n: number) => ({
  name: "tally",
  payload: { n },
  lane: "events",
  runAt: new Date(),
  attempts: 0,
  lease: null,
  leaseUntil: null,
  expiresAt: null,
  parkedAt: null,
  error: null,
});
