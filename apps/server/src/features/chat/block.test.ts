import { randomUUID } from "node:crypto";
import { afterAll, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";

const app = startTestApp();
afterAll(closeClients);

const say = (client: ChatClient, to: { to: string } | { conversationId: string }, content = "hello") =>
  client.raw("chat:send", { clientId: randomUUID(), content, ...to });
const block = async (one: string, other: string) =>
  (await app.as(one)).users.block({ id: await app.id(other) });

interface Pair {
  one: ChatClient;
  other: ChatClient;
  conversationId: string;
  messageId: string;
  otherMessageId: string;
}

/** Two who know each other and talk, both with a socket open. */
async function talking(one: string, other: string): Promise<Pair> {
  await app.befriend(one, other);
  const [a, b] = [await connect(app, one), await connect(app, other)];
  const sent = await a.say("chat:send", {
    clientId: randomUUID(),
    to: await app.id(other),
    content: "hello",
  });
  const { conversationId, id: messageId } = sent.message;
  const answer = await b.say("chat:send", { clientId: randomUUID(), conversationId, content: "hello you" });
  await app.settled();
  await vi.waitFor(() => expect(a.messages()).toHaveLength(2));
  await vi.waitFor(() => expect(b.messages()).toHaveLength(2));
  return { one: a, other: b, conversationId, messageId, otherMessageId: answer.message.id };
}

test("a block ends a conversation at once on open sockets, both ways; what was said stays", async () => {
  const { one, other, conversationId, messageId, otherMessageId } = await talking("alice", "bob");
  await block("alice", "bob");
  for (const to of [{ to: await app.id("alice") }, { conversationId }])
    expect(await say(other, to)).toMatchObject({ ok: false, reason: "USER_NOT_FOUND" });
  for (const to of [{ to: await app.id("bob") }, { conversationId }])
    expect(await say(one, to)).toMatchObject({ ok: false, reason: "BLOCKING" });
  const react = { emoji: "\u{1F426}" };
  expect(await one.raw("chat:react", { messageId: otherMessageId, ...react })).toMatchObject({
    reason: "BLOCKING",
  });
  expect(await other.raw("chat:react", { messageId, ...react })).toMatchObject({ reason: "USER_NOT_FOUND" });
  expect(await other.raw("chat:edit", { messageId: otherMessageId, content: "changed" })).toMatchObject({
    reason: "USER_NOT_FOUND",
  });
  const marksOf = (client: ChatClient) =>
    client.heard.filter(({ name }) => name === "chat:read" || name === "chat:typing");
  const before = [marksOf(one).length, marksOf(other).length];
  await one.raw("chat:typing", { conversationId });
  await other.raw("chat:typing", { conversationId });
  await one.raw("chat:read", { conversationId, number: 2 });
  await other.raw("chat:read", { conversationId, number: 1 });
  // Each hears of their own mark, after which the other's would have come.
  await vi.waitFor(() => expect(marksOf(one)).toHaveLength(before[0]! + 1));
  await vi.waitFor(() => expect(marksOf(other)).toHaveLength(before[1]! + 1));
  expect(marksOf(one).at(-1)?.data.userId).toBe(await app.id("alice"));
  expect(marksOf(other).at(-1)?.data.userId).toBe(await app.id("bob"));
  for (const name of ["alice", "bob"]) {
    const { chat } = await app.as(name);
    const { items } = await chat.messages({ conversationId });
    expect(items.map(({ content }) => content)).toEqual(["hello you", "hello"]);
    const [conversation] = (await chat.conversations({})).items;
    expect(conversation?.reads.map(({ userId }) => userId)).toEqual([await app.id(name)]);
  }
});

test("presence ends with a block, both ways", async () => {
  const { one, other } = await talking("carol", "dan");
  const [carol, dan] = [await app.id("carol"), await app.id("dan")];
  expect(await one.say("chat:presence", { userIds: [dan] })).toMatchObject({ online: [dan] });
  await block("carol", "dan");
  expect(await one.say("chat:presence", { userIds: [dan] })).toMatchObject({ online: [] });
  expect(await other.say("chat:presence", { userIds: [carol] })).toMatchObject({ online: [] });
});

test("a message in flight is either there before the block or refused", async () => {
  const { one, other, conversationId } = await talking("erin", "frank");
  const sends = Array.from({ length: 40 }, (_, n) => say(other, { conversationId }, `in flight ${n}`));
  await vi.waitFor(() => expect(one.messages().length).toBeGreaterThan(4), { timeout: 10_000 });
  await block("erin", "frank");
  const { items: before } = await (await app.as("erin")).chat.messages({ conversationId, limit: 100 });
  const answers = await Promise.all(sends);
  const { items: after } = await (await app.as("erin")).chat.messages({ conversationId, limit: 100 });
  expect(after).toEqual(before);
  const stored = answers.filter(({ ok }) => ok).length;
  expect(before).toHaveLength(stored + 2);
  expect(stored).toBeLessThan(40);
  expect(answers.filter(({ ok, reason }) => !ok && reason !== "USER_NOT_FOUND")).toEqual([]);
});

test("a muted person's messages come, and no notification of them does", async () => {
  const { other, conversationId } = await talking("gina", "hugo");
  const gina = await app.as("gina");
  await gina.notifications.markAllRead();
  await gina.users.mute({ id: await app.id("hugo") });
  expect(await say(other, { conversationId })).toMatchObject({ ok: true });
  await app.settled();
  expect((await gina.chat.messages({ conversationId })).items).toHaveLength(3);
  expect(await gina.notifications.unreadCount()).toMatchObject({ count: 0 });
});

test("in a group, a block hides the two from each other and leaves the rest", async () => {
  await talking("iris", "john");
  await app.befriend("kate", "iris");
  await app.befriend("kate", "john");
  const kate = await app.as("kate");
  const group = await kate.chat.createGroup({
    title: "birds",
    userIds: [await app.id("iris"), await app.id("john")],
  });
  const clients = await Promise.all(["iris", "john", "kate"].map((name) => connect(app, name)));
  await block("iris", "john");
  for (const client of clients)
    expect(await say(client, { conversationId: group.id }, "to all")).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(clients.map((client) => client.messages().length)).toEqual([2, 2, 3]));
  const seenBy = async (name: string) =>
    (await (await app.as(name)).chat.messages({ conversationId: group.id })).items.length;
  expect([await seenBy("iris"), await seenBy("john"), await seenBy("kate")]).toEqual([2, 2, 3]);
});
