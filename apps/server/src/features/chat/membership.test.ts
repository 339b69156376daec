import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { now } from "../../platform/clock";
import { ConversationModel } from "./conversation.model";

const app = startTestApp();
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const chatOf = async (name: string) => (await app.as(name)).chat;
const conversationsOf = async (name: string) => (await (await chatOf(name)).conversations({})).items;
const toldOf = async (name: string) => (await (await app.as(name)).notifications.list({})).items;

async function send(from: string, to: string, content = "hello") {
  await app.befriend(from, to);
  const client = await connect(app, from);
  const input = { clientId: `member-${++clients}`, to: await app.id(to), content };
  const { message } = await client.say("chat:send", input);
  client.close();
  // Until its notification is in the log, too: the tests count events.
  await app.settled();
  return message;
}

test("what has arrived is marked forward only, for messages of others, and told to both members", async () => {
  const { conversationId } = await send("alice", "bob");
  await send("alice", "bob");
  await send("bob", "alice");
  await app.settled();
  const [alice, bob] = [await connect(app, "alice"), await connect(app, "bob")];
  const marks: number[] = [];
  for (const number of [1, 1, 3, 2, 99]) {
    marks.push((await bob.say("chat:delivered", { conversationId, number })).number);
  }
  expect(marks).toEqual([1, 1, 2, 2, 2]);
  const userId = await app.id("bob");
  for (const device of [alice, bob]) {
    await vi.waitFor(() => expect(device.heard).toHaveLength(2));
    expect(device.heard).toEqual(
      [1, 2].map((number, index) => ({
        name: "chat:delivered",
        data: { conversationId, userId, number, event: device.ready + 1 + index },
      })),
    );
  }
  const [conversation] = await conversationsOf("alice");
  expect(conversation?.delivered).toContainEqual({ conversationId, userId, number: 2 });
  expect(conversation?.reads).toContainEqual({ conversationId, userId, number: 0 });
});

test("sending again what was sent before one left brings nothing back", async () => {
  await app.befriend("sam", "tess");
  const sam = await connect(app, "sam");
  const input = { clientId: "before-leaving", to: await app.id("tess"), content: "hello" };
  const { message } = await sam.say("chat:send", input);
  await sam.say("chat:leave", { conversationId: message.conversationId });
  const { conversationId } = message;
  expect((await sam.say("chat:send", input)).message.id).toBe(message.id);
  const { to: _to, ...there } = { ...input, conversationId };
  expect((await sam.say("chat:send", there)).message.id).toBe(message.id);
  expect(await conversationsOf("sam")).toEqual([]);
});

test("what is read has arrived", async () => {
  const { conversationId } = await send("carol", "dan");
  const dan = await connect(app, "dan");
  await dan.say("chat:read", { conversationId, number: 1 });
  expect(await dan.say("chat:delivered", { conversationId, number: 1 })).toMatchObject({ number: 1 });
  const userId = await app.id("dan");
  expect((await conversationsOf("carol"))[0]?.delivered).toContainEqual({
    conversationId,
    userId,
    number: 1,
  });
  await vi.waitFor(() => expect(dan.heard.map(({ name }) => name)).toEqual(["chat:read"]));
});

test("who leaves a conversation sees nothing of it until a new message comes", async () => {
  const old = await send("eve", "fay", "old");
  const { conversationId } = old;
  await app.settled();
  const [eve, fay] = [await connect(app, "eve"), await connect(app, "fay")];
  await fay.say("chat:leave", { conversationId });
  await (await chatOf("fay")).leave({ conversationId });
  expect(await conversationsOf("fay")).toEqual([]);
  expect(await (await chatOf("fay")).unreadCount()).toEqual({ count: 0, more: false });
  expect((await (await chatOf("fay")).messages({ conversationId })).items).toEqual([]);
  await expect((await chatOf("fay")).react({ messageId: old.id, emoji: "👍" })).rejects.toMatchObject({
    reason: "MESSAGE_NOT_FOUND",
  });
  expect(await conversationsOf("eve")).toMatchObject([{ lastMessage: old, reads: expect.anything() }]);
  await app.settled();
  expect((await toldOf("fay")).map(({ read }) => read)).toEqual([true]);
  const input = { clientId: "again", conversationId, content: "new", replyTo: old.id };
  const { message } = await eve.say("chat:send", input);
  expect(message).toMatchObject({ number: 2, replyTo: { id: old.id } });
  await vi.waitFor(() => expect(fay.heard).toHaveLength(3));
  expect(fay.heard.map(({ name }) => name)).toEqual(["chat:left", "chat:conversation", "chat:message"]);
  expect(fay.heard[0]?.data).toEqual({ conversationId, event: fay.ready + 1 });
  const seen = { ...message, replyTo: null };
  expect(fay.heard[2]?.data.message).toEqual(seen);
  expect(await conversationsOf("fay")).toMatchObject([{ lastMessage: seen, unread: 1 }]);
  expect((await (await chatOf("fay")).messages({ conversationId })).items).toEqual([seen]);
  await (await chatOf("eve")).delete({ messageId: old.id, for: "all" });
  expect(await (await chatOf("fay")).unreadCount()).toEqual({ count: 1, more: false });
  expect(eve.heard.map(({ name }) => name)).not.toContain("chat:left");
});

test("who opens a conversation that they left has it back, empty", async () => {
  const { conversationId } = await send("gus", "hal");
  const hal = await chatOf("hal");
  await hal.leave({ conversationId });
  const opened = await hal.start({ userId: await app.id("gus") });
  expect(opened).toMatchObject({ id: conversationId, lastMessage: null, unread: 0 });
  expect(await conversationsOf("hal")).toEqual([opened]);
  const written = await send("hal", "gus");
  expect(written.number).toBe(2);
  expect(await conversationsOf("hal")).toMatchObject([{ lastMessage: written }]);
});

test("a muted conversation makes no notifications and is not counted, until it ends", async () => {
  const { conversationId } = await send("ivy", "jay");
  await send("kim", "jay");
  await app.settled();
  const device = await connect(app, "jay");
  const jay = await chatOf("jay");
  const { conversation } = await device.say("chat:mute", { conversationId });
  expect(conversation).toMatchObject({ id: conversationId, muted: true, mutedUntil: null, unread: 1 });
  expect(await jay.mute({ conversationId })).toEqual(conversation);
  await vi.waitFor(() => expect(device.heard).toHaveLength(1));
  expect(device.heard[0]).toEqual({
    name: "chat:conversation",
    data: { conversation, event: device.ready + 1 },
  });
  const told = await toldOf("jay");
  await send("ivy", "jay");
  await app.settled();
  expect(await toldOf("jay")).toEqual(told);
  expect(await jay.unreadCount()).toEqual({ count: 1, more: false });
  const until = new Date(now().getTime() + 3_600_000).toISOString();
  expect(await jay.mute({ conversationId, until })).toMatchObject({ muted: true, mutedUntil: until });
  expect(await jay.unreadCount()).toEqual({ count: 1, more: false });
  const past = new Date(now().getTime() - 1_000);
  await ConversationModel.updateOne(
    { _id: conversationId, "members.muted": true },
    { "members.$.mutedUntil": past },
  );
  expect(await jay.unreadCount()).toEqual({ count: 3, more: false });
  expect((await conversationsOf("jay")).map(({ muted }) => muted)).toEqual([false, false]);
  await jay.mute({ conversationId });
  expect((await device.say("chat:unmute", { conversationId })).conversation).toMatchObject({ muted: false });
  expect(await jay.unmute({ conversationId })).toMatchObject({ muted: false });
  await send("ivy", "jay");
  await app.settled();
  expect((await toldOf("jay")).map(({ id }) => id)).not.toEqual(told.map(({ id }) => id));
  expect((await conversationsOf("ivy"))[0]?.muted).toBe(false);
});

test("conversations of others, missing ones and those with hidden people answer alike", async () => {
  const theirs = await send("alice", "bob");
  const hidden = await send("lea", "max");
  await app.change("lea", suspended);
  const max = await connect(app, "max");
  const chat = await chatOf("max");
  const answers = [];
  for (const conversationId of ["0".repeat(24), theirs.conversationId, hidden.conversationId]) {
    const refused = [];
    for (const event of ["chat:delivered", "chat:leave", "chat:mute", "chat:unmute"]) {
      refused.push(
        await max.raw(event, { conversationId, ...(event === "chat:delivered" && { number: 1 }) }),
      );
    }
    answers.push(refused);
    for (const call of [chat.leave, chat.mute, chat.unmute]) {
      await expect(call({ conversationId })).rejects.toMatchObject({ reason: "CONVERSATION_NOT_FOUND" });
    }
  }
  expect(answers[0]?.map(({ reason }) => reason)).toEqual(Array(4).fill("CONVERSATION_NOT_FOUND"));
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test("who is not signed in or not verified leaves and mutes nothing, and nobody mutes until the past", async () => {
  const { conversationId } = await send("alice", "bob");
  await app.as("tom");
  await app.change("tom", { emailVerified: false });
  for (const [chat, reason] of [
    [app.anonymous.chat, "NOT_SIGNED_IN"],
    [await chatOf("tom"), "EMAIL_NOT_VERIFIED"],
  ] as const) {
    for (const call of [chat.leave, chat.mute, chat.unmute]) {
      await expect(call({ conversationId })).rejects.toMatchObject({ reason });
    }
  }
  const bob = await chatOf("bob");
  for (const until of ["2020-01-01T00:00:00Z", "tomorrow", ""]) {
    await expect(bob.mute({ conversationId, until })).rejects.toMatchObject({ reason: "BAD_INPUT" });
  }
});
