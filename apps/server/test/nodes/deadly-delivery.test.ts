import mongoose from "mongoose";
import { expect, test, vi } from "vitest";
import { visit } from "../mistakes/client";
import { report, startCluster } from "./cluster";

/** WARBLE_FOLLOWERS=100000 is the long variant. */
const FOLLOWERS = Number(process.env.WARBLE_FOLLOWERS ?? 20_000);
const AT_ONCE = 10_000;
const TIMEOUT = 120_000;

const cluster = startCluster({ people: ["alice"] });
const stored = (name: string) => cluster.db.collection(name);
const idOf = (n: number) => new mongoose.Types.ObjectId(`0100000000${n.toString(16).padStart(14, "0")}`);

/** People who follow alice and look at home: no more of them than a delivery needs. */
async function follow(toId: mongoose.Types.ObjectId): Promise<void> {
  const at = new Date();
  for (let from = 0; from < FOLLOWERS; from += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, FOLLOWERS - from) }, (_, n) => idOf(from + n));
    const edge = { kind: "follow", toId, until: null, only: null };
    await stored("edges").insertMany(ids.map((fromId) => ({ _id: fromId, fromId, ...edge })));
    await stored("inboxes").insertMany(ids.map((_id) => ({ _id, seenAt: at, filledAt: at, floor: null })));
  }
}

test(
  "a delivery whose process is killed in the middle goes on in another, and each follower has the tweet once",
  async () => {
    const alice = await cluster.signIn("alice");
    await follow(new mongoose.Types.ObjectId(alice.id));
    const delivered = () => stored("inboxEntries").countDocuments();
    const job = () => stored("jobs").findOne({ name: "entry.added>deliverEntry" });
    // The other node is to be there when the lease ends, not to take the job first.
    await cluster.kill(1);
    const { status } = await visit(cluster.nodes[0]!).call("tweets.create", { content: "hi" }, { by: alice });
    expect(status).toBe(200);
    await vi.waitFor(async () => expect(await delivered()).toBeGreaterThan(FOLLOWERS / 10), {
      timeout: TIMEOUT / 2,
      interval: 2,
    });
    await cluster.kill(0);
    const cut = await delivered();
    expect(cut).toBeLessThan(FOLLOWERS);
    const left = (await job())?.payload.after;
    expect(left).toEqual(expect.any(String));
    // As if a lease had passed, and the wait after a failure.
    await stored("jobs").updateMany({ lease: { $ne: null } }, { $set: { leaseUntil: new Date(0) } });
    await cluster.restart(1);
    await vi.waitFor(async () => expect(await job()).toMatchObject({ lease: null }), { timeout: 20_000 });
    await stored("jobs").updateMany({}, { $set: { runAt: new Date(0) } });
    await vi.waitFor(async () => expect(await job()).toBeNull(), { timeout: TIMEOUT / 2 });
    const [one] = await stored("inboxEntries").distinct("tweetId");
    expect(await stored("inboxEntries").countDocuments({ tweetId: one })).toBe(FOLLOWERS);
    expect(await delivered()).toBe(FOLLOWERS);
    report(`killed after ${cut} of ${FOLLOWERS} deliveries; then each follower had the tweet once`);
  },
  TIMEOUT,
);
