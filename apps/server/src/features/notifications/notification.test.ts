import { randomUUID } from "node:crypto";
import type { Notification } from "@warble/contracts";
import mongoose from "mongoose";
import { afterEach, describe, expect, test } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import type { EventType } from "../../platform/events";
import { oid } from "../../platform/id";
import { messageSent } from "../chat/message-send.service";
import { postCreated, postLiked } from "../posts/post.service";
import { NotificationModel } from "./notification.model";

const app = startTestApp();
afterEach(closeClients);

const [alice, bob, carol] = ["alice", "bob", "carol"] as const;

const tweet = async (name: string, content: string) => (await app.as(name)).tweets.create({ content });
const comment = async (name: string, on: { tweetId: string; parentId?: string }, content: string) =>
  (await app.as(name)).comments.create({ ...on, content });

/** What a person was told about a tweet or comment, or by somebody, the latest first. */
async function told(name: string, about: (notification: Notification) => boolean): Promise<Notification[]> {
  await app.settled();
  const { items } = await (await app.as(name)).notifications.list({ limit: 100 });
  return items.filter(about);
}
const aboutTweet = (id: string) => (item: Notification) => item.tweetId === id;
const types = (items: Notification[]) => items.map((item) => `${item.type} by ${item.actor.username}`);

/** Has the listeners run once more. */
const again = <Payload extends object>(event: EventType<Payload>, payload: Payload) =>
  app.running.app.jobs.emit(event, payload);

const eventsOf = async (name: string) =>
  mongoose.connection.collection("events").countDocuments({
    userId: oid(await app.id(name)),
    type: "notification",
  });

describe("a post", () => {
  test("tells those whom it mentions, and not its author", async () => {
    await Promise.all([alice, bob, carol].map((name) => app.id(name)));
    const { id } = await tweet(alice, "good morning @bob @carol @alice @bob");
    expect(types(await told(bob, aboutTweet(id)))).toEqual(["mention by alice"]);
    expect(types(await told(carol, aboutTweet(id)))).toEqual(["mention by alice"]);
    expect(await told(alice, aboutTweet(id))).toEqual([]);
  });

  test("tells the authors of what it answers once, however often it mentions them", async () => {
    const { id } = await tweet(alice, "a question");
    const first = await comment(bob, { tweetId: id }, "hello @alice");
    await comment(carol, { tweetId: id, parentId: first.id }, "no, @bob and @alice");
    await comment(alice, { tweetId: id }, "thanks to myself");
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["reply by carol", "reply by bob"]);
    const [reply] = await told(bob, aboutTweet(id));
    expect(reply).toMatchObject({ type: "reply", tweetId: id, conversationId: null, read: false });
    expect(await told(carol, aboutTweet(id))).toEqual([]);
  });

  test("tells only the newly mentioned when it is edited", async () => {
    const { id } = await tweet(alice, "hello @bob");
    await app.settled();
    const before = await eventsOf(bob);
    await (await app.as(alice)).tweets.update({ id, content: "hello @bob and @carol" });
    expect(types(await told(carol, aboutTweet(id)))).toEqual(["mention by alice"]);
    expect(types(await told(bob, aboutTweet(id)))).toEqual(["mention by alice"]);
    expect(await eventsOf(bob)).toBe(before);
  });

  test("takes all that was told of it along when it is deleted, and no more", async () => {
    const { id } = await tweet(alice, "hello @bob");
    const answer = await comment(bob, { tweetId: id }, "hello @carol");
    await (await app.as(bob)).tweets.like({ id });
    await (await app.as(carol)).tweets.retweet({ id });
    await (await app.as(carol)).comments.like({ id: answer.id });
    expect(types(await told(alice, aboutTweet(id))).sort()).toEqual([
      "like by bob",
      "reply by bob",
      "retweet by carol",
    ]);
    expect(types(await told(bob, aboutTweet(id))).sort()).toEqual(["like by carol", "mention by alice"]);
    await (await app.as(alice)).tweets.delete({ id });
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["reply by bob"]);
    expect(types(await told(bob, aboutTweet(id)))).toEqual(["like by carol"]);
    await (await app.as(bob)).comments.delete({ id: answer.id });
    expect(await told(alice, aboutTweet(id))).toEqual([]);
    expect(await told(bob, aboutTweet(id))).toEqual([]);
    expect(await told(carol, aboutTweet(id))).toEqual([]);
    const left = await NotificationModel.countDocuments({ tweetId: oid(id), goneAt: null });
    expect(left).toBe(0);
  });

  test("that was deleted before it was told of is told to nobody", async () => {
    const { id } = await tweet(alice, "hello @bob");
    await (await app.as(alice)).tweets.delete({ id });
    await again(postCreated, { postId: id, kind: "tweet", hashtags: false, mentions: true });
    expect(await told(bob, aboutTweet(id))).toEqual([]);
  });
});

describe("a like, a retweet, a follow", () => {
  test("and taking it back, twenty times, make one notification and one event", async () => {
    const { id } = await tweet(alice, "like me");
    const before = await eventsOf(alice);
    const caller = await app.as(bob);
    for (let n = 0; n < 20; n++) {
      await caller.tweets.like({ id });
      if (n % 3 === 0) await app.settled();
      await caller.tweets.unlike({ id });
      if (n % 4 === 0) await app.settled();
    }
    expect(await told(alice, aboutTweet(id))).toEqual([]);
    await caller.tweets.like({ id });
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["like by bob"]);
    expect(await eventsOf(alice)).toBe(before + 1);
    await (await app.as(alice)).tweets.like({ id });
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["like by bob"]);
  });

  test("comes back to the place it had", async () => {
    const { id } = await tweet(alice, "like me");
    await (await app.as(bob)).tweets.like({ id });
    const [first] = await told(alice, aboutTweet(id));
    await (await app.as(carol)).tweets.retweet({ id });
    await (await app.as(bob)).tweets.unlike({ id });
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["retweet by carol"]);
    await (await app.as(bob)).tweets.like({ id });
    const both = await told(alice, aboutTweet(id));
    expect(types(both)).toEqual(["retweet by carol", "like by bob"]);
    expect(both[1]).toEqual(first);
    await (await app.as(carol)).tweets.unretweet({ id });
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["like by bob"]);
  });

  test("of the same kind by many at once make one for each", async () => {
    const { id } = await tweet(alice, "a crowd");
    const fans = Array.from({ length: 12 }, (_, n) => `fan${n}`);
    await Promise.all(fans.map(async (name) => (await app.as(name)).tweets.like({ id })));
    expect(await told(alice, aboutTweet(id))).toHaveLength(12);
  });

  test("told of again and again, in any order, is told once", async () => {
    const { id } = await tweet(alice, "again");
    await (await app.as(bob)).tweets.like({ id });
    const userId = await app.id(bob);
    await Promise.all([1, 2, 3].map(() => again(postLiked, { postId: id, userId, own: false })));
    expect(types(await told(alice, aboutTweet(id)))).toEqual(["like by bob"]);
  });

  test("follows tell whom they are for", async () => {
    const id = await app.id("dan");
    const isFollow = (item: Notification) => item.type === "follow";
    await (await app.as(bob)).users.follow({ id });
    await (await app.as(bob)).users.unfollow({ id });
    expect(await told("dan", isFollow)).toEqual([]);
    await (await app.as(bob)).users.follow({ id });
    expect(types(await told("dan", isFollow))).toEqual(["follow by bob"]);
    expect(await told(bob, isFollow)).toEqual([]);
  });
});

describe("a message", () => {
  const say = async (from: string, to: string, content: string) => {
    const sent = await send(from, to, content);
    await app.settled();
    return sent;
  };
  const isMessage = (item: Notification) => item.type === "message";

  test("tells the other member; while it is unread, a newer one takes its place", async () => {
    const { conversationId } = await say(alice, "erin", "one");
    const [first] = await told("erin", isMessage);
    expect(first).toMatchObject({ actor: { username: alice }, conversationId, tweetId: null, read: false });
    await say(alice, "erin", "two");
    const [second, ...none] = await told("erin", isMessage);
    expect(none).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
    expect(await told(alice, isMessage)).toEqual([]);
    expect(await eventsOf("erin")).toBe(2);
  });

  test("that was read in the chat is read here; the next one is told of beside it", async () => {
    const { conversationId, number } = await say(alice, "frank", "one");
    await read("frank", conversationId, number);
    expect((await told("frank", isMessage)).map((item) => item.read)).toEqual([true]);
    await say(alice, "frank", "two");
    expect((await told("frank", isMessage)).map((item) => item.read)).toEqual([false, true]);
  });

  test("that was read before it was told of is not told of, and none is twice", async () => {
    const { conversationId } = await say(alice, "grace", "one");
    await (await app.as("grace")).notifications.markAllRead();
    await say(alice, "grace", "two");
    await again(messageSent, { conversationId });
    expect(await told("grace", isMessage)).toHaveLength(2);
    const unread = await send(alice, "grace", "three");
    await read("grace", conversationId, unread.number);
    await again(messageSent, { conversationId });
    expect((await told("grace", isMessage)).filter((item) => !item.read)).toEqual([]);
  });

  async function send(from: string, to: string, content: string) {
    await app.befriend(from, to);
    const client = await connect(app, from);
    const { message } = await client.say("chat:send", {
      clientId: randomUUID(),
      to: await app.id(to),
      content,
    });
    return message;
  }

  async function read(name: string, conversationId: string, number: number) {
    await (await connect(app, name)).say("chat:read", { conversationId, number });
    await app.settled();
  }
});

describe("who is suspended", () => {
  test("is hidden with what they did, from the list and from the count", async () => {
    const { id } = await tweet("heidi", "a tweet");
    await (await app.as("ivan")).tweets.like({ id });
    await (await app.as(bob)).tweets.like({ id });
    expect(await told("heidi", () => true)).toHaveLength(2);
    await app.change("ivan", { suspension: { reason: "spam", until: null } });
    expect(types(await told("heidi", () => true))).toEqual(["like by bob"]);
    expect(await (await app.as("heidi")).notifications.unreadCount()).toMatchObject({
      count: 1,
      more: false,
    });
    await app.change("ivan", { suspension: null });
    expect(await told("heidi", () => true)).toHaveLength(2);
  });

  test("tells nobody anything", async () => {
    const { id } = await tweet("heidi", "another tweet");
    await app.id("judy");
    await app.change("judy", { suspension: { reason: "spam", until: null } });
    await (await app.as("judy")).tweets.create({ content: "@heidi" });
    expect(await told("heidi", aboutTweet(id))).toEqual([]);
    expect(await NotificationModel.countDocuments({ actorId: oid(await app.id("judy")) })).toBe(0);
  });
});

describe("reading", () => {
  test("goes through pages without gaps or repeats while more comes", async () => {
    const { id } = await tweet("kate", "popular");
    for (const name of ["fan0", "fan1", "fan2", "fan3", "fan4"]) {
      await (await app.as(name)).tweets.like({ id });
      await app.settled();
    }
    const kate = await app.as("kate");
    const first = await kate.notifications.list({ limit: 2 });
    await (await app.as("fan5")).tweets.like({ id });
    await app.settled();
    const second = await kate.notifications.list({ limit: 2, cursor: first.nextCursor ?? "" });
    const third = await kate.notifications.list({ limit: 2, cursor: second.nextCursor ?? "" });
    const names = [first, second, third].flatMap((page) => page.items.map((item) => item.actor.username));
    expect(names).toEqual(["fan4", "fan3", "fan2", "fan1", "fan0"]);
    expect(third.nextCursor).toBeNull();
    await expect(kate.notifications.list({ cursor: "made-up" })).rejects.toMatchObject({
      reason: "BAD_CURSOR",
    });
  });

  test("marks up to one, then all, and only one's own", async () => {
    const kate = await app.as("kate");
    const { items } = await kate.notifications.list({});
    expect(await kate.notifications.unreadCount()).toMatchObject({ count: 6, more: false });
    await (await app.as(bob)).notifications.markRead({ upTo: items[0]!.id });
    expect(await kate.notifications.unreadCount()).toMatchObject({ count: 6, more: false });
    expect(await kate.notifications.markRead({ upTo: items[2]!.id })).toMatchObject({
      count: 2,
      more: false,
    });
    expect((await kate.notifications.list({})).items.map((item) => item.read)).toEqual([
      false,
      false,
      ...Array(4).fill(true),
    ]);
    expect(await kate.notifications.markAllRead()).toMatchObject({ count: 0, more: false });
    expect(await kate.notifications.markAllRead()).toMatchObject({ count: 0, more: false });
  });

  test("counts no further than a hundred", async () => {
    const recipientId = oid(await app.id("leo"));
    const actorId = oid(await app.id(bob));
    const many = (from: number, to: number) =>
      NotificationModel.insertMany(
        Array.from({ length: to - from }, (_, n) => ({
          recipientId,
          type: "follow" as const,
          actorId,
          key: `test:${from + n}`,
          createdAt: new Date(),
        })),
      );
    const leo = await app.as("leo");
    await many(0, 100);
    expect(await leo.notifications.unreadCount()).toMatchObject({ count: 100, more: false });
    await many(100, 101);
    expect(await leo.notifications.unreadCount()).toMatchObject({ count: 100, more: true });
  });

  test("is refused to nobody in particular, and with bad input", async () => {
    const { notifications } = app.anonymous;
    const refused = { reason: "NOT_SIGNED_IN" };
    await expect(notifications.list({})).rejects.toMatchObject(refused);
    await expect(notifications.unreadCount()).rejects.toMatchObject(refused);
    await expect(notifications.markAllRead()).rejects.toMatchObject(refused);
    await expect(notifications.markRead({ upTo: "0".repeat(24) })).rejects.toMatchObject(refused);
    await expect(notifications.stream({})).rejects.toMatchObject(refused);
    const kate = await app.as("kate");
    await expect(kate.notifications.markRead({ upTo: "1" })).rejects.toMatchObject({ reason: "BAD_INPUT" });
    await expect(kate.notifications.list({ limit: 101 })).rejects.toMatchObject({ reason: "BAD_INPUT" });
  });
});
