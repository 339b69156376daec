import mongoose from "mongoose";
import { describe, expect, test } from "vitest";
import { startTestApp } from "../../test/harness";
import { roundTrips } from "../../test/round-trips";
import type { LoggedEvent } from "./event-log";
import { newId } from "./id";
import { transaction } from "./mongo";

const app = startTestApp({}, { counted: true });
const log = () => app.running.app.events;
const someone = () => String(newId());
const numbers = (events: LoggedEvent[]) => events.map((event) => event.number);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function append(userId: string, count: number): Promise<void> {
  await transaction(async () => {
    for (let n = 0; n < count; n++) await log().append([userId], "test", { n });
  });
}

/** Follows until `count` events have come, in how many batches they may. */
async function take(userId: string, after: number, count: number): Promise<LoggedEvent[]> {
  const stop = new AbortController();
  const events: LoggedEvent[] = [];
  for await (const batch of log().follow(userId, after, stop.signal)) {
    events.push(...batch);
    if (events.length >= count) stop.abort();
  }
  return events;
}

const forget = (userId: string, number: object | number) =>
  mongoose.connection
    .collection("events")
    .deleteMany({ userId: new mongoose.Types.ObjectId(userId), number });

describe("appending", () => {
  test("parallel transactions give one user 1..n without a gap", async () => {
    const [alice, bob] = [someone(), someone()];
    await Promise.all(
      upTo(20).map((n) =>
        transaction(() => log().append(n % 2 ? [alice, bob] : [bob, alice], "test", { n })),
      ),
    );
    expect(numbers(await log().read(alice, 0))).toEqual(upTo(20));
    expect(numbers(await log().read(bob, 0))).toEqual(upTo(20));
    expect(await log().lastNumber(alice)).toBe(20);
  });

  test("a transaction that fails takes its numbers back", async () => {
    const alice = someone();
    const failing = transaction(async () => {
      await log().append([alice], "test", {});
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await append(alice, 1);
    expect(numbers(await log().read(alice, 0))).toEqual([1]);
  });

  test("outside a transaction the number and the event are still stored together", async () => {
    const alice = someone();
    await Promise.all(upTo(5).map(() => log().append([alice, alice], "test", {})));
    expect(numbers(await log().read(alice, 0))).toEqual(upTo(5));
  });
});

describe("appending to many logs", () => {
  const crowd = () => Array.from({ length: 100 }, someone);

  test("takes as many round trips for a hundred users as for two, and one less for one", async () => {
    const rest = ["insert events", "commitTransaction"];
    const trips = (userIds: string[]) => roundTrips(() => log().append(userIds, "test", {}));
    expect(await trips([someone()])).toEqual(["findAndModify eventHeads", ...rest]);
    for (const userIds of [[someone(), someone()], crowd()])
      expect(await trips(userIds)).toEqual(["update eventHeads", "find eventHeads", ...rest]);
  });

  test("gives each user their own next number, also while others append to the same ones", async () => {
    const [alice, ...others] = crowd();
    const half = others.slice(50);
    await append(alice!, 3);
    await Promise.all(
      upTo(12).map((n) =>
        transaction(async () => {
          await log().append(n % 2 ? [...others, alice!] : [...half, alice!].reverse(), "test", { n });
          await log().append([alice!], "test", { n });
        }),
      ),
    );
    expect(numbers(await log().read(alice!, 0))).toEqual(upTo(3 + 24));
    for (const userId of others) {
      const last = half.includes(userId) ? 12 : 6;
      expect(numbers(await log().read(userId, 0))).toEqual(upTo(last));
      expect(await log().lastNumber(userId)).toBe(last);
    }
  });

  test("wakes all who follow", async () => {
    const userIds = crowd().slice(0, 20);
    const taken = userIds.map((userId) => take(userId, 0, 1));
    await log().append(userIds, "test", {});
    expect((await Promise.all(taken)).map(numbers)).toEqual(userIds.map(() => [1]));
  });
});

describe("following", () => {
  test("nothing is missed or repeated while others append", async () => {
    const alice = someone();
    await append(alice, 30);
    const taken = take(alice, 10, 60);
    await Promise.all(upTo(40).map(() => append(alice, 1)));
    expect(numbers(await taken)).toEqual(upTo(70).slice(10));
  });

  test("a long backlog comes in batches, read when they are asked for", async () => {
    const alice = someone();
    await append(alice, 250);
    const stop = new AbortController();
    const feed = log().follow(alice, 0, stop.signal);
    expect((await feed.next()).value).toHaveLength(100);
    await forget(alice, { $gt: 100 });
    await append(alice, 1);
    await expect(feed.next()).rejects.toMatchObject({ reason: "RESYNC" });
  });

  test("an event arrives within a quarter of a second of its commit", async () => {
    const alice = someone();
    const stop = new AbortController();
    const feed = log().follow(alice, 0, stop.signal);
    const waits: number[] = [];
    for (let n = 0; n < 10; n++) {
      const next = feed.next();
      await append(alice, 1);
      const committed = performance.now();
      await next;
      waits.push(performance.now() - committed);
    }
    stop.abort();
    expect(waits.sort((a, b) => a - b)[5]).toBeLessThan(250);
  });

  test("it ends when it is told to, before, while and after it waits", async () => {
    const alice = someone();
    expect(await log().follow(alice, 0, AbortSignal.abort()).next()).toMatchObject({ done: true });
    const stop = new AbortController();
    const waiting = log().follow(alice, 0, stop.signal).next();
    stop.abort();
    expect(await waiting).toMatchObject({ done: true });
  });
});

describe("coming back", () => {
  test("what is still kept is known from what is not", async () => {
    const alice = someone();
    await append(alice, 10);
    expect(await log().requireKept(alice, 10)).toBe(10);
    expect(await log().requireKept(alice, 0)).toBe(10);
    await expect(log().requireKept(alice, 11)).rejects.toMatchObject({ reason: "RESYNC" });
    await forget(alice, { $lte: 5 });
    expect(await log().requireKept(alice, 5)).toBe(10);
    await expect(log().requireKept(alice, 4)).rejects.toMatchObject({ reason: "RESYNC" });
    await forget(alice, { $gt: 0 });
    expect(await log().requireKept(alice, 10)).toBe(10);
    await expect(log().requireKept(alice, 9)).rejects.toMatchObject({ reason: "RESYNC" });
  });

  test("of what is kept ten thousand events are replayed at most", async () => {
    const alice = someone();
    await append(alice, 10_001);
    expect(await log().requireKept(alice, 1)).toBe(10_001);
    await expect(log().requireKept(alice, 0)).rejects.toMatchObject({ reason: "RESYNC" });
  });

  test("one user's numbers say nothing about another's", async () => {
    const [alice, bob] = [someone(), someone()];
    await append(alice, 5);
    expect(await log().read(bob, 0)).toEqual([]);
    await expect(log().requireKept(bob, 5)).rejects.toMatchObject({ reason: "RESYNC" });
  });

  test("a week of events is kept, by an index of the database", async () => {
    const indexes = await mongoose.connection.collection("events").indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ expireAfterSeconds: 7 * 24 * 60 * 60 }));
  });
});
