import mongoose from "mongoose";
import { afterAll, describe, expect, test } from "vitest";
import { startTestApp } from "../../test/harness";
import { now, nowMs } from "./clock";
import { idAt, newId } from "./id";

const SKEW = 5 * 60_000;

// This node's clocks go wrong before the server starts: the wall clock is ahead, and jumps back later.
const { timeOrigin } = performance;
const realDateNow = Date.now;
Object.defineProperty(performance, "timeOrigin", { value: timeOrigin + SKEW, configurable: true });
Date.now = () => realDateNow() + SKEW;
afterAll(() => {
  Date.now = realDateNow;
  Object.defineProperty(performance, "timeOrigin", { value: timeOrigin, configurable: true });
});

const app = startTestApp({ logLevel: "silent" });

const databaseMs = async (): Promise<number> =>
  ((await mongoose.connection.db!.command({ hello: 1 })).localTime as Date).getTime();
const idMs = (id: string): number => Number.parseInt(id.slice(0, 12), 16);

describe("on a node whose clock is wrong by five minutes", () => {
  test("times and ids follow the database's clock, however the node's jumps", async () => {
    for (const skew of [SKEW, -SKEW, 0]) {
      Date.now = () => realDateNow() + skew;
      const before = await databaseMs();
      const tweet = await (await app.as("alice")).tweets.create({ content: `skewed by ${skew}` });
      const after = await databaseMs();
      for (const ms of [Date.parse(tweet.createdAt), idMs(tweet.id), nowMs()]) {
        expect(ms).toBeGreaterThan(before - 500);
        expect(ms).toBeLessThan(after + 500);
      }
    }
  });

  test("a token is good that the database's clock says is", async () => {
    const headers = { authorization: `Bearer ${await app.tokenFor("alice")}` };
    expect((await fetch(`${app.running.url}/trpc/auth.sessions`, { headers })).status).toBe(200);
  });
});

test("time never goes back", () => {
  let last = 0;
  for (let times = 0; times < 10_000; times++) {
    const next = nowMs();
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
});

test("ids sort as they were made and after idAt their moment, also more at one moment than a counter holds", () => {
  const from = idAt(now()).toHexString();
  const { now: tick } = performance;
  const moment = tick.call(performance);
  performance.now = () => moment;
  const ids = Array.from({ length: 150_000 }, () => newId().toHexString());
  performance.now = tick;
  expect(ids.every((id, index) => id > (ids[index - 1] ?? from))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});
