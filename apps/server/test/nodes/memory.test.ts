import { setTimeout as sleep } from "node:timers/promises";
import type { FeedItem, Page, Tweet, User } from "@warble/contracts";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { visit } from "../mistakes/client";
import { type Guest, report, startCluster } from "./cluster";

vi.setConfig({ testTimeout: 60_000 });
const SOON_MS = 1_000;
const people = ["alice", "bob", "carol", "root"];
const cluster = startCluster({ people });
const [A, B] = [0, 1];
const guests: Record<string, Guest> = {};

const act = async <T>(path: string, input: object, by: Guest): Promise<T> => {
  const { status, data, text } = await visit(cluster.nodes[A]!).call<T>(path, input, { by });
  if (status !== 200) throw new Error(`${path}: ${text}`);
  return data;
};
const look = <T>(path: string, input: object, by: Guest) =>
  visit(cluster.nodes[B]!).ask<T>(path, input, { by });

const homeOf = async (who: Guest) => (await look<Page<FeedItem>>("timelines.home", {}, who)).data.items;

/** Has node B keep what alice sees of bob; then does something on A, and says how long B went on as before. */
async function lag(change: () => Promise<unknown>, isChanged: () => Promise<boolean>): Promise<number> {
  for (let round = 0; round < 3; round++) await isChanged();
  expect(await isChanged()).toBe(false);
  await change();
  const since = performance.now();
  while (!(await isChanged())) {
    expect(performance.now() - since).toBeLessThan(SOON_MS);
    await sleep(2);
  }
  return performance.now() - since;
}

/** All that must not be served any more from memory, one after the other. */
async function changes(): Promise<Record<string, number>> {
  const { alice, bob, carol, root } = guests as Record<string, Guest>;
  const write = (content: string) => act<Tweet>("tweets.create", { content }, bob!);
  const [edited, deleted, kept] = [await write("first"), await write("second"), await write("third")];
  const holds = async (id: string) => (await homeOf(alice!)).some((item) => item.tweet.id === id);
  await vi.waitFor(async () => expect(await holds(kept.id)).toBe(true), { timeout: 5_000 });
  const isHidden = async () => !(await holds(kept.id));
  const isShown = () => holds(kept.id);
  const suspended = (path: string) => act(path, { userId: bob!.id, reason: "spam" }, root!);
  return {
    edit: await lag(
      () => act("tweets.update", { id: edited.id, content: "other" }, bob!),
      async () => (await look<Tweet>("tweets.get", { id: edited.id }, alice!)).data.content === "other",
    ),
    delete: await lag(
      () => act("tweets.delete", { id: deleted.id }, bob!),
      async () => !(await holds(deleted.id)),
    ),
    mute: await lag(() => act("users.mute", { id: bob!.id }, alice!), isHidden),
    unmute: await lag(() => act("users.unmute", { id: bob!.id }, alice!), isShown),
    word: await lag(() => act("users.muteWord", { word: "third" }, alice!), isHidden),
    block: await lag(
      () => act("users.block", { id: carol!.id }, bob!),
      async () => (await look<Tweet>("tweets.get", { id: kept.id }, carol!)).status === 404,
    ),
    name: await lag(
      () => act("users.update", { displayName: `Bob ${kept.id}` }, bob!),
      async () =>
        (await look<User>("users.get", { id: bob!.id }, alice!)).data.displayName === `Bob ${kept.id}`,
    ),
    unfollow: await lag(
      () => act("users.unfollow", { id: bob!.id }, alice!),
      async () => (await homeOf(alice!)).length === 0,
    ),
    suspend: await lag(
      () => suspended("moderation.suspend"),
      async () => (await look<User>("users.get", { id: bob!.id }, alice!)).status === 404,
    ),
  };
}

beforeAll(async () => {
  for (const name of people) guests[name] = await cluster.signIn(name);
  await cluster.db.collection("users").updateOne({ username: "root" }, { $set: { role: "admin" } });
  await act("users.follow", { id: guests.bob!.id }, guests.alice!);
}, 60_000);

describe("what is changed on one node is not served from another's memory", () => {
  test.each(["while they tell each other", "and without Redis by the database's own word"])(
    "for more than a second, %s",
    async (how) => {
      if (how.startsWith("and")) {
        await cluster.redis.kill();
        await sleep(1_500);
        await act("moderation.unsuspend", { userId: guests.bob!.id }, guests.root!);
        guests.bob = await cluster.signIn("bob");
        await act("users.unblock", { id: guests.carol!.id }, guests.bob);
        const words = await look<Page<{ id: string }>>("users.mutedWords", {}, guests.alice!);
        for (const { id } of words.data.items) await act("users.unmuteWord", { id }, guests.alice!);
        await act("users.follow", { id: guests.bob.id }, guests.alice!);
      }
      const lags = await changes();
      const told = Object.entries(lags).map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
      report(`seen on the other node after so many ms: ${told.join(", ")}`);
    },
  );
});
