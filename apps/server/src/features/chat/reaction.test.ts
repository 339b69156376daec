import { LIMITS } from "@warble/contracts";
import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";

const app = startTestApp();
afterEach(closeClients);

let clients = 0;
const chatOf = async (name: string) => (await app.as(name)).chat;

async function send(from: string, to: string, more: { content?: string; replyTo?: string } = {}) {
  await app.befriend(from, to);
  const client = await connect(app, from);
  const input = { clientId: `reaction-${++clients}`, to: await app.id(to), content: "hello", ...more };
  const { message } = await client.say("chat:send", input);
  client.close();
  // Until its notification is in the log, too: the tests count events.
  await app.settled();
  return message;
}

test("both members set emoji on a message, each one once, and take them away", async () => {
  const sent = await send("alice", "bob");
  const [alice, bob] = [await connect(app, "alice"), await connect(app, "bob")];
  const [aliceId, bobId] = [await app.id("alice"), await app.id("bob")];
  const messageId = sent.id;
  await bob.say("chat:react", { messageId, emoji: "👍" });
  await bob.say("chat:react", { messageId, emoji: "👍" });
  await alice.say("chat:react", { messageId, emoji: "👍🏽" });
  const { message } = await alice.say("chat:react", { messageId, emoji: "👍" });
  expect(message).toEqual({
    ...sent,
    reactions: [
      { emoji: "👍", userIds: [bobId, aliceId] },
      { emoji: "👍🏽", userIds: [aliceId] },
    ],
  });
  expect((await (await chatOf("bob")).messages({ conversationId: sent.conversationId })).items).toEqual([
    message,
  ]);
  const chat = await chatOf("bob");
  await chat.react({ messageId, emoji: "👍", on: false });
  await chat.react({ messageId, emoji: "🎉", on: false });
  const less = await (await chatOf("alice")).react({ messageId, emoji: "👍🏽", on: false });
  expect(less.reactions).toEqual([{ emoji: "👍", userIds: [aliceId] }]);
  await vi.waitFor(() => expect(bob.heard).toHaveLength(5));
  expect(bob.heard.map(({ name }) => name)).toEqual(Array(5).fill("chat:updated"));
  expect(bob.heard.at(-1)?.data.message).toEqual(less);
});

test("reactions set at the same time all count", async () => {
  const { id: messageId } = await send("alice", "bob");
  const chats = [await chatOf("alice"), await chatOf("bob")];
  await Promise.all(
    ["👍", "❤️", "👨‍👩‍👧‍👦", "🇫🇷", "1️⃣"].flatMap((emoji) =>
      chats.map((chat) => chat.react({ messageId, emoji })),
    ),
  );
  const { reactions } = await chats[0]!.react({ messageId, emoji: "👍" });
  expect(reactions.map(({ userIds }) => userIds.length)).toEqual([2, 2, 2, 2, 2]);
});

test("a message takes so many different emoji, one at a time, and nothing else", async () => {
  const { id: messageId } = await send("alice", "bob");
  const chat = await chatOf("bob");
  for (let n = 0; n < LIMITS.reactionsPerMessage; n++) {
    await chat.react({ messageId, emoji: String.fromCodePoint(0x1f600 + n) });
  }
  await expect(chat.react({ messageId, emoji: "🎉" })).rejects.toMatchObject({
    reason: "BAD_INPUT",
    issues: [{ path: ["emoji"] }],
  });
  await (await chatOf("alice")).react({ messageId, emoji: "\u{1f600}" });
  for (const emoji of ["", "x", "👍👍", "1", "👍 ", "👍\u200d".repeat(40)]) {
    await expect(chat.react({ messageId, emoji }), emoji).rejects.toMatchObject({ reason: "BAD_INPUT" });
  }
});

test("nobody reacts to what they do not see", async () => {
  const [sent, gone, hidden] = [
    await send("alice", "bob"),
    await send("alice", "bob"),
    await send("dan", "bob"),
  ];
  await (await chatOf("bob")).react({ messageId: gone.id, emoji: "👍" });
  await (await chatOf("alice")).delete({ messageId: gone.id, for: "all" });
  const bob = await chatOf("bob");
  await bob.delete({ messageId: sent.id, for: "me" });
  await app.change("dan", { suspension: { reason: "spam", until: null } });
  expect((await bob.messages({ conversationId: sent.conversationId })).items[0]).toMatchObject({
    deleted: true,
    reactions: [],
  });
  for (const id of ["0".repeat(24), sent.id, gone.id, hidden.id]) {
    await expect(bob.react({ messageId: id, emoji: "👍" })).rejects.toMatchObject({
      reason: "MESSAGE_NOT_FOUND",
    });
  }
  const stranger = await connect(app, "carol");
  expect(await stranger.raw("chat:react", { messageId: sent.id, emoji: "👍" })).toMatchObject({
    reason: "MESSAGE_NOT_FOUND",
  });
  await expect(app.anonymous.chat.react({ messageId: sent.id, emoji: "👍" })).rejects.toMatchObject({
    reason: "NOT_SIGNED_IN",
  });
  await app.as("tom");
  await app.change("tom", { emailVerified: false });
  await expect((await chatOf("tom")).react({ messageId: sent.id, emoji: "👍" })).rejects.toMatchObject({
    reason: "EMAIL_NOT_VERIFIED",
  });
});

test("an answer shows what it answers, as that is now", async () => {
  const asked = await send("eve", "fay", { content: "🦜".repeat(150) });
  const answered = await send("fay", "eve", { replyTo: asked.id });
  const { id, number, senderId } = asked;
  expect(answered.replyTo).toEqual({ id, number, senderId, content: "🦜".repeat(LIMITS.quotedMessage) });
  const seenBy = async (name: string) =>
    (await (await chatOf(name)).messages({ conversationId: asked.conversationId })).items[0]?.replyTo;
  await (await chatOf("eve")).edit({ messageId: id, content: "again" });
  expect((await seenBy("eve"))?.content).toBe("again");
  await (await chatOf("eve")).delete({ messageId: id, for: "all" });
  expect(await seenBy("fay")).toEqual({ id, number, senderId, content: "" });
  await (await chatOf("fay")).delete({ messageId: id, for: "me" });
  expect([await seenBy("fay"), (await seenBy("eve"))?.id]).toEqual([null, id]);
});

test("a message answers one of its own conversation that is still there, or is not sent", async () => {
  const elsewhere = await send("gus", "ivy");
  const gone = await send("gus", "hal");
  const gus = await connect(app, "gus");
  await gus.say("chat:delete", { messageId: gone.id, for: "all" });
  const input = { to: await app.id("hal"), content: "x" };
  for (const replyTo of ["0".repeat(24), elsewhere.id, gone.id]) {
    const answer = await gus.raw("chat:send", { ...input, clientId: `reply-${replyTo}`, replyTo });
    expect(answer).toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
  }
  const newcomer = { clientId: "first", to: await app.id("jay"), content: "x", replyTo: elsewhere.id };
  expect(await gus.raw("chat:send", newcomer)).toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
  expect((await (await chatOf("jay")).conversations({})).items).toEqual([]);
  const first = await send("gus", "hal");
  expect(first.number).toBe(2);
  const sent = { ...input, clientId: "answers", replyTo: first.id };
  const { message } = await gus.say("chat:send", sent);
  expect((await gus.say("chat:send", sent)).message).toEqual(message);
  expect(await gus.raw("chat:send", { ...input, clientId: "answers" })).toMatchObject({
    reason: "BAD_INPUT",
  });
});
