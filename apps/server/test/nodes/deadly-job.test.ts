import { expect, test, vi } from "vitest";
import { startCluster } from "./cluster";

const cluster = startCluster({ people: [], count: 1 });
const jobs = () => cluster.db.collection("jobs");

const job = (name: string, attempts: number) => ({
  name,
  payload: { n: attempts },
  lane: "events",
  runAt: new Date(),
  attempts,
  lease: null,
  leaseUntil: null,
  expiresAt: null,
  parkedAt: null,
  error: null,
});

test("a job that ends its process is counted each time and parked at the eighth, and others are done", async () => {
  await jobs().insertMany([job("deadly", 6), job("tally", 0)]);
  for (const attempts of [7, 8]) {
    await vi.waitFor(() => expect(cluster.isDead(0)).toBe(true), { timeout: 10_000 });
    // As if a lease had passed.
    await jobs().updateMany({ lease: { $ne: null } }, { $set: { leaseUntil: new Date(0) } });
    await cluster.restart(0);
    const counted = async () => expect(await jobs().findOne({ name: "deadly" })).toMatchObject({ attempts });
    await vi.waitFor(counted, { timeout: 10_000 });
    await jobs().updateMany({}, { $set: { runAt: new Date(0) } });
  }
  expect(await jobs().findOne({ name: "deadly" })).toMatchObject({
    parkedAt: expect.any(Date),
    error: expect.stringContaining("process ended"),
  });
  await vi.waitFor(async () => expect(await jobs().countDocuments({ name: "tally" })).toBe(0), {
    timeout: 10_000,
  });
  expect(await cluster.db.collection("tallies").countDocuments()).toBeGreaterThan(0);
  expect(cluster.isDead(0)).toBe(false);
}, 120_000);
