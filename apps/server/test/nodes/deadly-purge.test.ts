import { expect, test, vi } from "vitest";
import { oid } from "../../src/platform/id";
import { PASSWORD } from "../http";
import { visit } from "../mistakes/client";
import { startCluster } from "./cluster";

const cluster = startCluster({ people: ["mal", "bob"], count: 1 });
const stored = (collection: string) => cluster.db.collection(collection);
const PURGE = { name: "account.closed>purge" };
const TWEETS = 25;

test("a purge whose process is killed in the middle is done to its end by the next", async () => {
  const { call, ask } = visit(cluster.nodes[0]!);
  const [mal, bob] = [await cluster.signIn("mal"), await cluster.signIn("bob")];
  await call("users.follow", { id: mal.id }, { by: bob });
  await call("users.follow", { id: bob.id }, { by: mal });
  const write = (n: number, by: typeof mal) =>
    call<{ id: string }>("tweets.create", { content: `canary ${n} #canary` }, { by });
  const ids = await Promise.all(
    Array.from({ length: TWEETS }, async (_, n) => (await write(n, bob)).data.id),
  );
  await Promise.all(Array.from({ length: TWEETS }, (_, n) => write(n, mal)));
  for (const id of ids) await call("tweets.like", { id }, { by: mal });
  const hers = { authorId: oid(mal.id) };
  const likes = { userId: oid(mal.id) };
  const left = async () =>
    (await stored("posts").countDocuments({ ...hers, deletedAt: null })) +
    (await stored("likes").countDocuments(likes));
  expect(await left()).toBe(2 * TWEETS);

  await call("users.deleteAccount", { password: PASSWORD }, { by: mal });
  await vi.waitFor(async () => expect(await left()).toBeLessThan(1.6 * TWEETS), {
    timeout: 30_000,
    interval: 5,
  });
  await cluster.kill(0);
  expect(await left()).toBeGreaterThan(0);
  // As if a lease had passed, and the wait after it.
  await stored("jobs").updateMany({ lease: { $ne: null } }, { $set: { leaseUntil: new Date(0) } });
  await cluster.restart(0);
  await vi.waitFor(
    async () => expect(await stored("jobs").findOne({ ...PURGE, attempts: { $gt: 0 } })).not.toBeNull(),
    { timeout: 10_000 },
  );
  await stored("jobs").updateMany(PURGE, { $set: { runAt: new Date(0) } });
  await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 30_000 });
  await stored("users").updateOne({ _id: oid(mal.id) }, { $set: { deletedAt: new Date(0) } });
  const gone = async () => {
    await stored("jobs").updateMany(PURGE, { $set: { runAt: new Date(0) } });
    expect(await stored("users").countDocuments({ _id: oid(mal.id) })).toBe(0);
  };
  await vi.waitFor(gone, { timeout: 30_000, interval: 300 });
  expect((await ask<{ counts: object }>("users.get", { username: "bob" }, { by: bob })).data.counts).toEqual({
    followers: 0,
    following: 0,
    tweets: TWEETS,
  });
  const counted = await stored("posts")
    .find({ authorId: oid(bob.id) })
    .toArray();
  expect(counted.map(({ counts }) => counts.likes)).toEqual(Array(TWEETS).fill(0));
  await vi.waitFor(
    async () => expect(await stored("hashtags").findOne({ key: "canary" })).toMatchObject({ uses: TWEETS }),
    { timeout: 10_000 },
  );
}, 180_000);
