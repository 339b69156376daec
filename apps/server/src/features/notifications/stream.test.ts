import mongoose from "mongoose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startTestApp } from "../../../test/harness";
import { closeStreams, type StreamClient, stream, wireTo } from "../../../test/stream-client";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { endSession, endSessions } from "../auth/session.service";

vi.setConfig({ testTimeout: 60_000 });
const app = startTestApp();
afterEach(closeStreams);

const soon = { timeout: 15_000, interval: 20 };
const mention = async (name: string, from = "alice") =>
  (await app.as(from)).tweets.create({ content: `hello @${name}` });
const ids = (client: StreamClient) => client.received.map(({ id }) => id);
const tweetIds = (client: StreamClient) => client.received.map(({ notification }) => notification.tweetId);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function mentions(name: string, count: number): Promise<string[]> {
  const tweets: string[] = [];
  for (let n = 0; n < count; n++) tweets.push((await mention(name)).id);
  return tweets;
}

async function settledMentions(name: string, count: number): Promise<string[]> {
  await app.id(name);
  const tweets = await mentions(name, count);
  await app.settled();
  return tweets;
}

describe("a stream", () => {
  test("brings what happens from now on, and soon", async () => {
    await settledMentions("bob", 2);
    const bob = await stream(app, { token: await app.tokenFor("bob") });
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      const { id } = await mention("bob");
      const written = performance.now();
      await vi.waitFor(() => expect(tweetIds(bob).at(-1)).toBe(id), soon);
      waits.push((bob.received.at(-1)?.at ?? Number.NaN) - written);
    }
    expect(ids(bob)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(bob.received[0]?.notification).toMatchObject({
      type: "mention",
      actor: { username: "alice" },
      read: false,
    });
    expect(waits.sort((a, b) => a - b)[3]).toBeLessThan(1_000);
  });

  test("brings what was missed since a number, all of it, once and in order, then what is new", async () => {
    const missed = await settledMentions("carol", 130);
    const carol = await stream(app, { token: await app.tokenFor("carol"), lastEventId: "4" });
    const fresh = await mentions("carol", 3);
    await vi.waitFor(() => expect(carol.received).toHaveLength(129), soon);
    expect(ids(carol)).toEqual(upTo(133).slice(4));
    expect(new Set(tweetIds(carol)).size).toBe(129);
    expect([...missed, ...fresh]).toEqual(expect.arrayContaining(tweetIds(carol)));
  });

  test("goes on without gaps or repeats when its wire is cut, again and again", async () => {
    const token = await app.tokenFor("dan");
    const wire = await wireTo(app);
    const dan = await stream(app, { token, url: wire.url });
    const tweets: string[] = [];
    for (let round = 1; round <= 2; round++) {
      tweets.push(...(await mentions("dan", 3)));
      await vi.waitFor(() => expect(dan.received.length).toBeGreaterThan(0), soon);
      wire.cut();
      tweets.push(...(await mentions("dan", 3)));
      await vi.waitFor(() => expect(dan.starts()).toBe(round + 1), soon);
    }
    await vi.waitFor(() => expect(dan.received).toHaveLength(12), soon);
    expect(ids(dan)).toEqual(upTo(12));
    expect(new Set(tweetIds(dan))).toEqual(new Set(tweets));
  });

  test("goes on without gaps or repeats when the server closes it because it stops", async () => {
    const erin = await stream(app, { token: await app.tokenFor("erin") });
    await mentions("erin", 2);
    await vi.waitFor(() => expect(erin.received).toHaveLength(2), soon);
    app.running.app.channels.closeAll();
    await mentions("erin", 2);
    await vi.waitFor(() => expect(erin.starts()).toBe(2), soon);
    await mentions("erin", 1);
    await vi.waitFor(() => expect(erin.received).toHaveLength(5), soon);
    expect(ids(erin)).toEqual(upTo(5));
    expect(erin.ended()).toBeUndefined();
  });

  test("leaves out what has gone since and what is not a notification, and goes on behind it", async () => {
    const [first = "", second] = await settledMentions("frank", 2);
    const userId = await app.id("frank");
    await transaction(() => app.running.app.events.append([userId], "message", { messageId: "x" }));
    await (await app.as("alice")).tweets.delete({ id: first });
    await app.id("mallory");
    await mention("frank", "mallory");
    await app.settled();
    await app.change("mallory", { suspension: { reason: "spam", until: null } });
    const frank = await stream(app, { token: await app.tokenFor("frank"), lastEventId: "0" });
    const { id: last } = await mention("frank");
    await vi.waitFor(() => expect(frank.received).toHaveLength(2), soon);
    expect(tweetIds(frank)).toEqual([second, last]);
    expect(ids(frank)).toEqual([2, 5]);
  });
});

describe("a number", () => {
  const refusal = async (name: string, lastEventId: string) => {
    const client = await stream(app, { token: await app.tokenFor(name), lastEventId });
    await vi.waitFor(() => expect(client.ended()).toBeDefined(), soon);
    expect(client.received).toEqual([]);
    return client.ended();
  };

  test("that is made up is refused", async () => {
    await settledMentions("grace", 2);
    for (const bad of ["-1", "1.5", "1e3", "abc", "", "9".repeat(16), '{"$gt":0}']) {
      expect(await refusal("grace", bad), bad).toBe("BAD_INPUT");
    }
    expect(await refusal("grace", "3")).toBe("RESYNC");
    expect(await refusal("grace", "9".repeat(15))).toBe("RESYNC");
  });

  test("of another's log says nothing of theirs", async () => {
    await settledMentions("grace", 3);
    expect(await refusal("heidi", "3")).toBe("RESYNC");
    const heidi = await stream(app, { token: await app.tokenFor("heidi"), lastEventId: "0" });
    await mention("grace");
    const { id } = await mention("heidi");
    await vi.waitFor(() => expect(tweetIds(heidi)).toEqual([id]), soon);
  });

  test("from before what is kept asks the client to load again", async () => {
    await settledMentions("ivan", 6);
    await mongoose.connection
      .collection("events")
      .deleteMany({ userId: oid(await app.id("ivan")), number: { $lte: 3 } });
    expect(await refusal("ivan", "2")).toBe("RESYNC");
    const ivan = await stream(app, { token: await app.tokenFor("ivan"), lastEventId: "3" });
    await vi.waitFor(() => expect(ids(ivan)).toEqual([4, 5, 6]), soon);
  });
});

describe("rights", () => {
  const sessionOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid;

  test("end with the session, within a second, and other sessions go on", async () => {
    const [lost, kept] = [await app.tokenFor("judy"), await app.tokenFor("judy")];
    const [phone, laptop] = [await stream(app, { token: lost }), await stream(app, { token: kept })];
    const userId = oid(await app.id("judy"));
    const since = performance.now();
    await endSession(app.running.app, userId, sessionOf(lost));
    await vi.waitFor(() => expect(phone.ended()).toBe("NOT_SIGNED_IN"), soon);
    expect(performance.now() - since).toBeLessThan(1_000);
    await mention("judy");
    await vi.waitFor(() => expect(laptop.received).toHaveLength(1), soon);
    expect(phone.received).toEqual([]);
    await endSessions(app.running.app, userId);
    await vi.waitFor(() => expect(laptop.ended()).toBe("NOT_SIGNED_IN"), soon);
    expect(app.running.app.channels.countOf(String(userId), "stream")).toBe(0);
  });

  test("are looked at again for each event, even if nobody closed the stream", async () => {
    const token = await app.tokenFor("kate");
    const kate = await stream(app, { token });
    await mongoose.connection
      .collection("sessions")
      .updateOne({ _id: oid(sessionOf(token)) }, { $set: { revokedAt: new Date() } });
    await mention("kate");
    await vi.waitFor(() => expect(kate.ended()).toBe("NOT_SIGNED_IN"), soon);
    expect(kate.received).toEqual([]);
  });

  test("are needed: a revoked token and a made-up one are refused", async () => {
    const token = await app.tokenFor("leo");
    await endSessions(app.running.app, oid(await app.id("leo")));
    for (const bad of [token, "made-up"]) {
      const refused = await stream(app, { token: bad });
      await vi.waitFor(() => expect(refused.ended()).toBe("NOT_SIGNED_IN"), soon);
    }
  });

  test("hold for twenty streams of a user, and again for one more when one has ended", async () => {
    const token = await app.tokenFor("mia");
    const streams = await Promise.all(upTo(20).map(() => stream(app, { token })));
    expect(streams.map((each) => each.ended())).toEqual(Array(20).fill(undefined));
    const refused = await stream(app, { token });
    await vi.waitFor(() => expect(refused.ended()).toBe("RATE_LIMITED"), soon);
    const id = await app.id("mia");
    streams[0]?.stop();
    await vi.waitFor(() => expect(app.running.app.channels.countOf(id, "stream")).toBe(19), soon);
    const another = await stream(app, { token });
    await mention("mia");
    await vi.waitFor(() => expect(another.received).toHaveLength(1), soon);
  });
});
