import type { Tweet } from "@warble/contracts";
import { expect, test, vi } from "vitest";
import { visit } from "../mistakes/client";
import { report, startCluster } from "./cluster";

const cluster = startCluster({ people: ["alice"], count: 1 });
const stored = (name: string) => cluster.db.collection(name);
const KEYS = Array.from({ length: 20 }, (_, n) => `tweet ${n}`);

test("tweets whose node is killed before it answers are there once when they are asked for again", async () => {
  const by = await cluster.signIn("alice");
  const write = (key: string) =>
    visit(cluster.nodes[0]!).call<Tweet>("tweets.create", { content: key }, { by, key });
  const answers = KEYS.map((key) =>
    write(key).then(
      ({ data }) => data.id,
      () => undefined,
    ),
  );
  await vi.waitFor(async () => expect(await stored("posts").countDocuments()).toBeGreaterThan(0), {
    timeout: 10_000,
    interval: 1,
  });
  await cluster.kill(0);
  const answered = (await Promise.all(answers)).filter(Boolean);
  const cut = await stored("posts").countDocuments();
  await cluster.restart(0);
  // As if a lease had passed.
  await stored("onces").updateMany({ answer: null }, { $set: { leaseUntil: new Date(0) } });
  const ids: string[] = [];
  for (const key of KEYS) {
    const again = async () => expect(await write(key)).toMatchObject({ status: 200, data: { content: key } });
    // What the killed one had begun holds its records for a few seconds.
    await vi.waitFor(again, { timeout: 60_000, interval: 200 });
    ids.push((await write(key)).data.id);
  }
  expect((await stored("posts").distinct("_id")).map(String).sort()).toEqual([...ids].sort());
  expect(ids).toEqual(expect.arrayContaining(answered));
  report(
    `killed with ${cut} of ${KEYS.length} tweets stored and ${answered.length} answered; then each was there once`,
  );
}, 120_000);
