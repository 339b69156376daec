import { beforeEach, expect, test } from "vitest";
import { startTestApp } from "../../test/harness";
import { WarbleError } from "./error";
import { inGroups } from "./group";
import { JobModel } from "./job-lane";
import { transaction } from "./mongo";

const app = startTestApp({ logLevel: "silent" });

let groups: number[][] = [];
/** Stores each number; what is thrown at -1 is of its own kind. */
const storing = (poison: () => Error) =>
  inGroups<number, string>({
    turnsOf: (n) => [`turn ${n % 2}`],
    write: (all) =>
      transaction(async () => {
        groups.push(all);
        for (const n of all) {
          await app.running.app.jobs.add([{ name: "kept", payload: { n }, lane: "kept" }]);
          if (n < 0) throw poison();
        }
        return all.map((n) => `stored ${n}`);
      }),
  });

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const kept = async () =>
  (await JobModel.find({ lane: "kept" }).lean())
    .map(({ payload }) => (payload as { n: number }).n)
    .sort((a, b) => a - b);

beforeEach(async () => {
  groups = [];
  await JobModel.deleteMany({ lane: "kept" });
});

test("those who ask at once share a transaction, up to sixty-four, and each has their own answer", async () => {
  const store = storing(() => new Error("never"));
  expect(await Promise.all(upTo(100).map(store))).toEqual(upTo(100).map((n) => `stored ${n}`));
  expect(groups.map((group) => group.length)).toEqual([64, 36]);
  expect(await kept()).toEqual(upTo(100));
});

test.each([
  ["refused", () => new WarbleError("TWEET_NOT_FOUND")],
  ["wrong in a way that nobody thought of", () => new TypeError("odd")],
])("who is %s leaves the others what they asked for, and each is stored once", async (_, poison) => {
  const store = storing(poison);
  const outcomes = await Promise.allSettled([3, -1, 4, 5].map(store));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { message: poison().message } });
  expect(await kept()).toEqual([3, 4, 5]);
});

test("where the database is away nobody is tried again by themselves", async () => {
  const store = storing(() => new WarbleError("UNAVAILABLE"));
  const outcomes = await Promise.allSettled([3, -1, 4].map(store));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(groups).toHaveLength(1);
  expect(await kept()).toEqual([]);
});
