import { afterEach, expect, test, vi } from "vitest";
import { startTestApp } from "../../../test/harness";
import { closeStreams, type StreamClient, stream } from "../../../test/stream-client";

vi.setConfig({ testTimeout: 60_000 });
const app = startTestApp();
afterEach(closeStreams);

const soon = { timeout: 10_000, interval: 10 };
const open = async (name: string, lastEventId?: string) =>
  stream(app, { token: await app.tokenFor(name), ...(lastEventId && { lastEventId }) });
const users = async (name: string) => (await app.as(name)).users;
const follow = async (from: string, to: string) => (await users(from)).follow({ id: await app.id(to) });
const unfollow = async (from: string, to: string) => (await users(from)).unfollow({ id: await app.id(to) });

/** What came: who it is about, and the two flags. */
const told = ({ relationships }: StreamClient) =>
  relationships.map(({ user: { username, viewer } }) => [username, viewer?.following, viewer?.followedBy]);
const heard = (client: StreamClient, ...expected: unknown[][]) =>
  vi.waitFor(() => expect(told(client)).toEqual(expected), soon);

test("a follow is told to both, on all their devices, and an unfollow too; again tells nobody", async () => {
  const [phone, laptop, bob] = [await open("alice"), await open("alice"), await open("bob")];
  await follow("alice", "bob");
  await follow("alice", "bob");
  for (const device of [phone, laptop]) await heard(device, ["bob", true, false]);
  await heard(bob, ["alice", false, true]);
  await unfollow("alice", "bob");
  await unfollow("alice", "bob");
  for (const device of [phone, laptop]) await heard(device, ["bob", true, false], ["bob", false, false]);
  await heard(bob, ["alice", false, true], ["alice", false, false]);
  await follow("bob", "alice");
  await heard(bob, ["alice", false, true], ["alice", false, false], ["alice", true, false]);
  const numbers = () => phone.relationships.map(({ id }) => id);
  await vi.waitFor(() => expect(numbers()).toEqual([1, 2, expect.any(Number)]), soon);
});

test("it is shown as it is when it is sent, in order with notifications, each once", async () => {
  await follow("carol", "dan");
  await app.settled();
  await unfollow("carol", "dan");
  await follow("dan", "carol");
  await (await app.as("carol")).tweets.create({ content: "hello @dan" });
  await app.settled();
  const dan = await open("dan", "0");
  await vi.waitFor(() => expect(dan.received).toHaveLength(1), soon);
  const now = ["carol", true, false];
  // Followed, unfollowed, following; the notification of the follow has gone with it.
  await heard(dan, now, now, now);
  expect(dan.relationships.map(({ id }) => id)).toEqual([1, 3, 4]);
  expect(dan.received[0]?.id).toBe(5);
});

test("whom the viewer may not see is not told of", async () => {
  await follow("mallory", "erin");
  await follow("frank", "erin");
  await app.settled();
  await app.change("mallory", { suspension: { reason: "spam", until: null } });
  const erin = await open("erin", "0");
  await heard(erin, ["frank", false, true]);
});

test("who is removed as a follower is not told", async () => {
  await follow("gina", "hugo");
  const [gina, hugo] = [await open("gina"), await open("hugo")];
  await (await users("hugo")).removeFollower({ id: await app.id("gina") });
  await heard(hugo, ["gina", false, false]);
  await follow("gina", "ida");
  await heard(gina, ["ida", true, false]);
});

test("what was refused is told to nobody", async () => {
  const [kim, lou] = [await open("kim"), await open("lou")];
  await app.change("kim", { emailVerified: false });
  await expect(follow("kim", "lou")).rejects.toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  await app.change("kim", { emailVerified: true });
  const { events } = app.running.app;
  expect([
    await events.lastNumber(await app.id("kim")),
    await events.lastNumber(await app.id("lou")),
  ]).toEqual([0, 0]);
  await follow("kim", "lou");
  await heard(kim, ["lou", true, false]);
  await heard(lou, ["kim", false, true]);
});
