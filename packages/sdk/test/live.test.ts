import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";
import { type Conversation, isWarbleError, type Message } from "../src/index";
import { comeIn, eventually } from "./people";

const app = startTestApp();

it("reads a whole list page after page, each item once", async () => {
  const alice = await comeIn(app, "alice");
  for (let n = 1; n <= 7; n++) await alice.api.tweets.create.mutate({ content: `tweet ${n}` });
  const seen: string[] = [];
  const timeline = alice.pages(alice.api.timelines.user.query, { username: alice.name, limit: 3 });
  for await (const { tweet } of timeline) seen.push(tweet.content);
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `tweet ${n}`));
});

it("iterates over notifications live, and goes on after the last one that was seen", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const ended = new AbortController();
  const ids: string[] = [];
  const reading = (async () => {
    for await (const { id } of bob.notifications.stream({ signal: ended.signal })) {
      ids.push(id);
      if (ids.length === 2) break;
    }
  })();
  await eventually(() => app.running.app.channels.countOf(bob.id, "stream") > 0 || undefined, "bob's stream");
  await alice.api.tweets.create.mutate({ content: `@${bob.name} one` });
  await alice.api.tweets.create.mutate({ content: `@${bob.name} two` });
  await reading;
  await alice.api.tweets.create.mutate({ content: `@${bob.name} three` });
  const [first = ""] = ids;
  const again: string[] = [];
  for await (const { id } of bob.notifications.stream({ lastEventId: first })) {
    again.push(id);
    if (again.length === 2) break;
  }
  expect(again[0]).toBe(ids[1]);
  expect(new Set([...ids, ...again]).size).toBe(3);
});

it("ends a stream with a reason when the session ends", async () => {
  const bob = await comeIn(app, "bob");
  const failed = new Promise<unknown>((resolve) => {
    bob.notifications.watch({ onEvent: () => undefined, onError: resolve });
  });
  await eventually(() => app.running.app.channels.countOf(bob.id, "stream") > 0 || undefined, "bob's stream");
  await bob.auth.logout();
  expect(isWarbleError(await failed, "NOT_SIGNED_IN")).toBe(true);
});

it("keeps a chat whole over breaks: every message once, in order", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const received: Message[] = [];
  bob.chat.on("message", (message) => received.push(message));
  await bob.chat.connect();
  const { conversationId } = await alice.chat.send({ to: bob.id, content: "1" });
  for (let n = 2; n <= 30; n++) {
    if (n % 5 === 0) bob.chat.disconnect();
    if (n % 5 === 2) await bob.chat.connect();
    await alice.chat.send({ conversationId, content: String(n) });
  }
  await bob.chat.connect();
  await eventually(() => received.length >= 30 || undefined, "the last message");
  expect(received.map(({ content }) => Number(content))).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  expect(received.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  const history = await bob.chat.history({ conversationId, after: 27 });
  expect(history.items.map(({ number }) => number)).toEqual([28, 29, 30]);
});

it("refuses a chat call with its reason", async () => {
  const alice = await comeIn(app, "alice");
  const error = await alice.chat
    .send({ to: "0".repeat(24), content: "hello" })
    .catch((thrown: unknown) => thrown);
  expect(isWarbleError(error, "USER_NOT_FOUND")).toBe(true);
});

it("does not connect a chat for nobody", async () => {
  const { clientOf } = await import("./people");
  const error = await clientOf(app)
    .chat.connect()
    .catch((thrown: unknown) => thrown);
  expect(isWarbleError(error, "NOT_SIGNED_IN")).toBe(true);
});

it("edits and deletes messages, and hears of it", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const heard: unknown[] = [];
  bob.chat.on("updated", ({ content }) => heard.push(content));
  bob.chat.on("deleted", ({ number, for: from }) => heard.push({ number, from }));
  await bob.chat.connect();
  const { id, conversationId } = await alice.chat.send({ to: bob.id, content: "helo" });
  expect((await alice.chat.edit(id, "hello")).content).toBe("hello");
  await alice.chat.delete(id, "all");
  await eventually(() => heard.length === 2 || undefined, "what bob hears");
  expect(heard).toEqual(["hello", { number: 1, from: "all" }]);
  await bob.chat.delete(id);
  expect((await bob.chat.history({ conversationId })).items).toEqual([]);
});

it("accepts a stranger's request, and only then tells them what has arrived", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const states: string[] = [];
  bob.chat.on("conversation", ({ state }) => states.push(state));
  const came = new Promise((resolve) => bob.chat.on("message", resolve));
  const told: unknown[] = [];
  alice.chat.on("delivered", (mark) => told.push(mark));
  await bob.chat.connect();
  const message = await alice.chat.send({ to: bob.id, content: "Do we know each other?" });
  const { conversationId } = message;
  expect(await came).toEqual(message);
  const arrived = { conversationId, userId: bob.id, number: 1 };
  await eventually(async () => {
    const [request] = (await bob.chat.requests()).items;
    return request?.delivered.some(({ userId, number }) => userId === bob.id && number === 1) || undefined;
  }, "bob's own mark");
  expect((await bob.chat.conversations()).items).toEqual([]);
  expect((await alice.chat.conversations()).items[0]?.delivered).not.toContainEqual(arrived);
  const shown = new Promise<Conversation>((resolve) => alice.chat.on("conversation", resolve));
  expect(await bob.chat.accept(conversationId)).toMatchObject({ id: conversationId, state: "active" });
  expect((await shown).delivered).toContainEqual(arrived);
  await eventually(() => states.length === 2 || undefined, "the accepted conversation");
  expect([states, told]).toEqual([["request", "active"], []]);
});

it("says by itself what has arrived, and mutes and leaves conversations", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  await bob.api.users.follow.mutate({ id: alice.id });
  const heard: unknown[] = [];
  alice.chat.on("delivered", ({ userId, number }) => heard.push({ userId, number }));
  const { conversationId } = await alice.chat.send({ to: bob.id, content: "1" });
  await bob.chat.conversations();
  await eventually(() => heard.length === 1 || undefined, "the first receipt");
  await alice.chat.send({ to: bob.id, content: "2" });
  await eventually(() => heard.length === 2 || undefined, "the second receipt");
  expect(heard).toEqual([1, 2].map((number) => ({ userId: bob.id, number })));
  const until = new Date(Date.now() + 60_000);
  expect((await bob.chat.mute(conversationId, until)).mutedUntil).toBe(until.toISOString());
  expect((await bob.chat.unmute(conversationId)).muted).toBe(false);
  const left = new Promise((resolve) => bob.chat.on("left", resolve));
  await bob.chat.leave(conversationId);
  expect(await left).toBe(conversationId);
  expect((await bob.chat.conversations()).items).toEqual([]);
});
