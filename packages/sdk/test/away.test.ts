import { setTimeout as sleep } from "node:timers/promises";
import { type Guest, report, startCluster } from "@warble/server/test/nodes";
import { expect, it, vi } from "vitest";
import { isWarbleError, type Message, type NotificationEvent, type Warble } from "../src/index";
import { clientAt } from "./crowd";

/** How long Redis is away; WARBLE_REDIS_GONE_SECONDS=60 is the long variant. */
const GONE_MS = Number(process.env.WARBLE_REDIS_GONE_SECONDS ?? 10) * 1_000;
const EVERY_MS = 300;
const SOON = { timeout: 20_000, interval: 20 };

const cluster = startCluster({ people: ["alice", "bob", "carol", "dan", "erin"] });

/** Somebody with all that they were shown. */
interface Shown {
  guest: Guest;
  warble: Warble;
  messages: Message[];
  news: NotificationEvent[];
  errors: unknown[];
}

async function follow(name: string, node: number): Promise<Shown> {
  const guest = await cluster.signIn(name);
  const shown: Shown = {
    guest,
    warble: clientAt(cluster.nodes[node]!, guest),
    messages: [],
    news: [],
    errors: [],
  };
  shown.warble.chat.on("message", (message) => shown.messages.push(message));
  await shown.warble.chat.connect();
  await watch(shown);
  return shown;
}

async function watch({ warble, news, errors }: Shown, lastEventId?: string): Promise<void> {
  const opened = vi.fn();
  warble.notifications.watch(
    { onEvent: (event) => news.push(event), onError: (error) => errors.push(error), onOpen: opened },
    lastEventId === undefined ? {} : { lastEventId },
  );
  await vi.waitFor(() => expect(opened.mock.calls.length + errors.length).toBeGreaterThan(0), SOON);
}

const logOf = ({ guest }: Shown) => ({ $expr: { $eq: [{ $toString: "$userId" }, guest.id] } });

/** The ids of what somebody was told, as their log has them. */
async function logged(shown: Shown): Promise<string[]> {
  const events = cluster.db.collection("events").find({ ...logOf(shown), type: "notification" });
  return (await events.sort({ number: 1 }).toArray()).map(({ data }) => data.notificationId);
}

const told = ({ news }: Shown) => news.map(({ notification }) => notification.id);
const contents = ({ messages }: Shown) => messages.map(({ content }) => content);
const settled = () =>
  vi.waitFor(async () => expect(await cluster.db.collection("jobs").countDocuments()).toBe(0), SOON);

it(
  "nothing is lost while Redis is gone, also not for who was offline meanwhile",
  async () => {
    const [alice, bob, carol] = [await follow("alice", 0), await follow("bob", 1), await follow("carol", 1)];
    const sent: string[] = [];
    let going = true;
    const traffic = (async () => {
      while (going) {
        const content = `message ${sent.length}`;
        sent.push(content);
        for (const { guest } of [bob, carol]) await alice.warble.chat.send({ to: guest.id, content });
        await alice.warble.api.tweets.create.mutate({ content: `@bob @carol ${content}` });
        await sleep(EVERY_MS);
      }
    })();
    await vi.waitFor(() => expect(carol.news.length).toBeGreaterThan(0), SOON);
    carol.warble.close();
    const last = carol.news.at(-1)!.id;
    await cluster.redis.kill();
    await sleep(GONE_MS / 2);
    await carol.warble.chat.connect();
    await watch(carol, last);
    await sleep(GONE_MS / 2);
    await cluster.redis.start();
    await vi.waitFor(() => expect(cluster.isJoined()).toBe(true), SOON);
    await sleep(1_000);
    going = false;
    await traffic;
    await settled();
    for (const shown of [bob, carol]) {
      const ids = await logged(shown);
      await vi.waitFor(() => expect(told(shown).length).toBeGreaterThanOrEqual(ids.length), SOON);
      await vi.waitFor(() => expect(shown.messages.length).toBeGreaterThanOrEqual(sent.length), SOON);
      expect(told(shown)).toEqual(ids);
      expect(contents(shown)).toEqual(sent);
      expect(shown.errors).toEqual([]);
    }
    report(
      `Redis gone ${GONE_MS / 1000} s: ${sent.length} messages and ${bob.news.length} notifications each, all there`,
    );
  },
  GONE_MS + 120_000,
);

it("who was away for longer than events are kept loads again, and has all of it once", async () => {
  const [dan, erin] = [await follow("dan", 0), await follow("erin", 1)];
  const say = async (n: number) => {
    await dan.warble.chat.send({ to: erin.guest.id, content: `${n}` });
    await dan.warble.api.tweets.create.mutate({ content: `@erin ${n}` });
  };
  await say(1);
  await vi.waitFor(() => expect(erin.messages.length * erin.news.length).toBeGreaterThan(0), SOON);
  erin.warble.close();
  const last = erin.news.at(-1)!.id;
  for (const n of [2, 3, 4]) await say(n);
  await settled();
  await cluster.db.collection("events").deleteMany(logOf(erin));

  const { chat, api } = erin.warble;
  const history = new Map<number, string | null>();
  const loaded = new Promise<void>((resolve, reject) => {
    chat.on("resync", () => {
      const { conversationId } = erin.messages[0]!;
      const load = async () => {
        const { items } = await chat.history({ conversationId, limit: 100 });
        for (const { number, content } of items) history.set(number, content);
      };
      load().then(resolve, reject);
    });
  });
  const more = (async () => {
    for (const n of [5, 6, 7, 8, 9]) await say(n);
  })();
  await chat.connect();
  await watch(erin, last);
  expect(erin.errors.splice(0).map((error) => isWarbleError(error, "RESYNC"))).toEqual([true]);
  const { lastEventId } = await api.notifications.unreadCount.query();
  const listed = await api.notifications.list.query({ limit: 100 });
  await watch(erin, lastEventId);
  await Promise.all([loaded, more, settled()]);
  await say(10);
  await vi.waitFor(() => expect(contents(erin).at(-1)).toBe("10"), SOON);

  const numbers = erin.messages.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  for (const { number, content } of erin.messages) history.set(number, content);
  expect([...history].sort(([one], [other]) => one - other)).toEqual(
    Array.from({ length: 10 }, (_, index) => [index + 1, `${index + 1}`]),
  );
  await settled();
  const stored = await cluster.db
    .collection("notifications")
    .find({ $expr: { $eq: [{ $toString: "$recipientId" }, erin.guest.id] } })
    .toArray();
  const seen = () => [...new Set([...listed.items.map(({ id }) => id), ...told(erin)])];
  const mentions = stored.filter(({ type }) => type === "mention").map(({ _id }) => String(_id));
  await vi.waitFor(() => expect(seen()).toEqual(expect.arrayContaining(mentions)), SOON);
  expect(mentions).toHaveLength(10);
  expect(new Set(told(erin)).size).toBe(erin.news.length);
}, 120_000);
