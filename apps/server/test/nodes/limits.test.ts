import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { visit } from "../mistakes/client";
import { type Guest, startCluster } from "./cluster";

const cluster = startCluster({ people: ["alice", "bob", "carol"], limited: true });
const SEARCHES = 30;
const TWO_NODES = 2 * SEARCHES;

/** What came of so many searches, each on the next node. */
async function search(guest: Guest, count: number) {
  const replies = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      visit(cluster.nodes[n % 2]!).ask("search.hashtags", { query: "birds" }, { by: guest }),
    ),
  );
  return {
    answered: replies.filter(({ status }) => status === 200).length,
    refused: replies.filter(({ reason }) => reason === "RATE_LIMITED"),
    slowest: Math.max(...replies.map(({ ms }) => ms)),
    other: replies.filter(({ status, reason }) => status !== 200 && reason !== "RATE_LIMITED"),
  };
}

let guests: Guest[];
beforeAll(async () => {
  guests = [];
  for (const name of ["alice", "bob", "carol"]) guests.push(await cluster.signIn(name));
});
afterAll(() => void process.kill(cluster.redis.pid(), "SIGCONT"));

describe("a limit", () => {
  test("holds over both nodes together, and says how long to wait", async () => {
    const { answered, refused, other } = await search(guests[0]!, TWO_NODES);
    expect(other).toEqual([]);
    expect(answered).toBe(SEARCHES);
    expect(refused[0]!.retryAfter).toBeGreaterThan(0);
    expect(refused[0]!.retryAfter).toBeLessThanOrEqual(60);
  });

  test("holds on each node by itself while Redis does not answer, and nobody waits for it long", async () => {
    process.kill(cluster.redis.pid(), "SIGSTOP");
    const { answered, other, slowest } = await search(guests[1]!, TWO_NODES + 20);
    process.kill(cluster.redis.pid(), "SIGCONT");
    expect(other).toEqual([]);
    expect(answered).toBe(TWO_NODES);
    expect(slowest).toBeLessThan(5_000);
  });

  test("holds on each node while Redis is gone, and over both when it is back", async () => {
    await cluster.redis.kill();
    const gone = await search(guests[2]!, TWO_NODES + 20);
    expect(gone.other).toEqual([]);
    expect(gone.answered).toBe(TWO_NODES);
    await cluster.redis.start();
    await vi.waitFor(() => expect(cluster.isJoined()).toBe(true), { timeout: 10_000 });
    const back = await search(guests[0]!, TWO_NODES);
    expect(back.answered).toBe(SEARCHES);
  });
});
