import { setTimeout as sleep } from "node:timers/promises";
import { type Address, type Guest, report, startCluster } from "@warble/server/test/nodes";
import { describe, expect, it, vi } from "vitest";
import type { Message, NotificationEvent, Warble } from "../src/index";
import { clientAt, collect, cutBy, type Dice, diceOf, percentile, SEED } from "./crowd";

/** How many are sent: each is some hundred operations of the database. WARBLE_DROPS_MESSAGES=10000 is the long variant. */
const MESSAGES = Number(process.env.WARBLE_DROPS_MESSAGES ?? 300);
/** How often somebody does what others are told of. */
const NEWS = 160;
const PAIRS = 30;
const SETTLED = { timeout: 60_000, interval: 50 };

const crowd = Array.from({ length: 24 }, (_, n) => `person_${n}`);
const watchers = Array.from({ length: 8 }, (_, n) => `watcher_${n}`);
const cluster = startCluster({ people: [...crowd, ...watchers, "actor_0", "actor_1"] });

interface Heard {
  guest: Guest;
  warble: Warble;
  /** What the listener was told, with when. */
  messages: (Message & { at: number })[];
  iterated: { items: Message[]; failed: unknown };
  /** What must not happen: being away too long, and the end. */
  odd: string[];
}

async function hear(name: string, door: Address): Promise<Heard> {
  const guest = await cluster.signIn(name);
  const warble = clientAt(door, guest);
  const heard: Heard = {
    guest,
    warble,
    messages: [],
    iterated: collect(warble.chat.messages()),
    odd: [],
  };
  warble.chat.on("message", (message) => heard.messages.push({ ...message, at: performance.now() }));
  warble.chat.on("resync", () => heard.odd.push("resync"));
  warble.chat.on("ended", ({ reason }) => heard.odd.push(`ended: ${reason}`));
  await vi.waitFor(() => warble.chat.connect(), SETTLED);
  return heard;
}

/** Random pairs, and so many messages both ways in each, one after the other. @returns when each was first sent */
async function chatter(people: Heard[], dice: Dice): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  let next = 0;
  const send = async (from: Heard, to: Heard) => {
    while (next < MESSAGES) {
      const content = `message ${next++}`;
      sentAt.set(content, performance.now());
      await from.warble.chat.send({ to: to.guest.id, content });
    }
  };
  const pairs = Array.from({ length: PAIRS }, () => {
    const [one, other] = [dice(people.length), dice(people.length - 1)];
    return [people[one]!, people[other < one ? other : other + 1]!] as const;
  });
  await Promise.all(pairs.flatMap(([one, other]) => [send(one, other), send(other, one)]));
  return sentAt;
}

const conversationOf = (messages: Pick<Message, "conversationId" | "number" | "content">[]) => {
  const lists: Record<string, unknown[]> = {};
  for (const { conversationId, number, content } of messages) {
    lists[conversationId] ??= [];
    lists[conversationId].push([number, content]);
  }
  return lists;
};

/** All messages as the database has them, by conversation, in order. */
async function stored(): Promise<
  (Pick<Message, "conversationId" | "number" | "content"> & { to: string[] })[]
> {
  const members = new Map<string, string[]>();
  for (const { _id, members: all } of await cluster.db.collection("conversations").find().toArray())
    members.set(
      String(_id),
      all.map(({ userId }: { userId: unknown }) => String(userId)),
    );
  const records = await cluster.db
    .collection("messages")
    .find()
    .sort({ conversationId: 1, number: 1 })
    .toArray();
  return records.map(({ conversationId, number, content }) => ({
    conversationId: String(conversationId),
    number,
    content,
    to: members.get(String(conversationId)) ?? [],
  }));
}

interface Watching {
  guest: Guest;
  told: NotificationEvent[];
  errors: unknown[];
  iterated: ReturnType<typeof collect<NotificationEvent>>;
}

/** Follows somebody's notifications in both ways that there are. */
async function watch(name: string, door: Address): Promise<Watching> {
  const guest = await cluster.signIn(name);
  const { notifications } = clientAt(door, guest);
  const [told, errors]: [NotificationEvent[], unknown[]] = [[], []];
  let opened = 0;
  notifications.watch({
    onEvent: (event) => told.push(event),
    onError: (error) => errors.push(error),
    onOpen: () => opened++,
  });
  await vi.waitFor(() => expect(opened).toBeGreaterThan(0), SETTLED);
  return { guest, told, errors, iterated: collect(notifications.stream({ lastEventId: "0" })) };
}

const tweetOf = async (guest: Guest): Promise<string> =>
  (await clientAt(cluster.door, guest).api.tweets.create.mutate({ content: "Swifts!" })).id;

/** Mentions of some watchers at once, answers and likes, in a random row. */
async function makeNews({ api }: Warble, tweets: string[], dice: Dice): Promise<void> {
  for (let made = 0; made < NEWS / 2; made++) {
    const tweetId = tweets[dice(tweets.length)]!;
    const kind = dice(8);
    if (kind === 0) await api.tweets.like.mutate({ id: tweetId });
    else if (kind < 4) await api.comments.create.mutate({ tweetId, content: `answer ${made}` });
    else await api.tweets.create.mutate({ content: `${mentions(dice)} ${made}` });
  }
}

const mentions = (dice: Dice) =>
  watchers
    .filter(() => dice(4) === 0)
    .map((name) => `@${name}`)
    .join(" ");

/** What the database has of somebody, in the order of a number where there is one. */
async function recordsOf(collection: string, { id }: Guest, { of, ...and }: { of: string; type?: string }) {
  const theirs = { $expr: { $eq: [{ $toString: `$${of}` }, id] }, ...and };
  return cluster.db.collection(collection).find(theirs).sort({ number: 1 }).toArray();
}

describe(`while connections are cut at random byte counts (WARBLE_DROPS_SEED=${SEED})`, () => {
  it("everybody is shown each notification once, in order", async () => {
    const dice = diceOf(SEED + 1);
    let cutting = true;
    const door = await cluster.flakyDoor(() => (cutting ? cutBy(dice) : undefined));
    const people = await Promise.all(watchers.map((name) => watch(name, door)));
    const actors = await Promise.all(
      ["actor_0", "actor_1"].map(async (name) => clientAt(cluster.door, await cluster.signIn(name))),
    );
    const tweets = await Promise.all(people.map(({ guest }) => tweetOf(guest)));
    const began = performance.now();
    await Promise.all(actors.map((actor) => makeNews(actor, tweets, dice)));
    await vi.waitFor(
      async () => expect(await cluster.db.collection("jobs").countDocuments()).toBe(0),
      SETTLED,
    );
    cutting = false;
    for (const { guest, told, errors, iterated } of people) {
      const logged = await recordsOf("events", guest, { of: "userId", type: "notification" });
      const ids = logged.map(({ data }) => data.notificationId);
      await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(ids.length), SETTLED);
      await vi.waitFor(() => expect(iterated.items.length).toBeGreaterThanOrEqual(ids.length), SETTLED);
      for (const events of [told, iterated.items])
        expect(events.map(({ notification }) => notification.id)).toEqual(ids);
      const listed = await recordsOf("notifications", guest, { of: "recipientId" });
      expect([...ids].sort()).toEqual(listed.map(({ _id }) => String(_id)).sort());
      expect([errors, iterated.failed]).toEqual([[], undefined]);
    }
    const shown = people.reduce((sum, { told }) => sum + told.length, 0);
    const seconds = (performance.now() - began) / 1000;
    report(`${shown} notifications in ${seconds.toFixed(1)} s through ${door.cuts()} cuts (seed ${SEED})`);
    expect(shown).toBeGreaterThan(NEWS / 2);
    expect(door.cuts()).toBeGreaterThan(shown / 40);
  }, 240_000);

  it(
    `${MESSAGES} messages all arrive, each once, in order`,
    async () => {
      const dice = diceOf(SEED);
      let cutting = true;
      const door = await cluster.flakyDoor(() => (cutting ? cutBy(dice) : undefined));
      const people = await Promise.all(crowd.map((name) => hear(name, door)));
      const began = performance.now();
      const sentAt = await chatter(people, dice);
      const seconds = (performance.now() - began) / 1000;
      cutting = false;
      const all = await stored();
      expect(all.map(({ content }) => content).sort()).toEqual([...sentAt.keys()].sort());
      for (const list of Object.values(conversationOf(all)))
        expect(list.map((each) => (each as [number])[0])).toEqual(list.map((_, index) => index + 1));
      const waits: number[] = [];
      for (const { guest, messages, iterated, odd } of people) {
        const theirs = all.filter(({ to }) => to.includes(guest.id));
        await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(theirs.length), SETTLED);
        expect(conversationOf(messages)).toEqual(conversationOf(theirs));
        expect(iterated.items.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
        expect([odd, iterated.failed]).toEqual([[], undefined]);
        for (const { senderId, content, at } of messages)
          if (senderId !== guest.id) waits.push(at - sentAt.get(content!)!);
      }
      await sleep(500);
      expect(people.reduce((sum, { messages }) => sum + messages.length, 0)).toBe(2 * MESSAGES);
      report(
        `${MESSAGES} messages in ${seconds.toFixed(1)} s (${Math.round(MESSAGES / seconds)}/s) through ${door.cuts()} cuts; ` +
          `sent to received p50 ${percentile(waits, 0.5)} ms, p99 ${percentile(waits, 0.99)} ms (seed ${SEED})`,
      );
      expect(door.cuts()).toBeGreaterThan(MESSAGES / 40);
    },
    120_000 + 500 * MESSAGES,
  );
});
