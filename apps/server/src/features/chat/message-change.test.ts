import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { now } from "../../platform/clock";
import { MessageModel } from "./message.model";

const app = startTestApp();
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
const missing = "0".repeat(24);
let clients = 0;

async function send(from: string, to: string, content = "hello") {
  await app.befriend(from, to);
  const client = await connect(app, from);
  const input = { clientId: `change-${++clients}`, to: await app.id(to), content };
  const { message } = await client.say("chat:send", input);
  client.close();
  // Until its notification is in the log, too: the tests count events.
  await app.settled();
  return message;
}

const chatOf = async (name: string) => (await app.as(name)).chat;
const conversationOf = async (name: string) => (await (await chatOf(name)).conversations({})).items[0];
const toldOf = async (name: string) => (await (await app.as(name)).notifications.list({})).items;
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => ({ reason: "none", message: "" }),
    ({ reason, message }: { reason: string; message: string }) => ({ reason, message }),
  );

test("an edited message says its new words to both members, everywhere", async () => {
  const sent = await send("alice", "bob", "helo");
  const devices = [await connect(app, "alice"), await connect(app, "bob")];
  const { message } = await devices[0]!.say("chat:edit", { messageId: sent.id, content: "hello" });
  expect(message).toEqual({ ...sent, content: "hello", editedAt: expect.any(String) });
  expect(await (await chatOf("alice")).edit({ messageId: sent.id, content: "hello" })).toEqual(message);
  for (const device of devices) {
    await vi.waitFor(() => expect(device.heard).toHaveLength(1));
    expect(device.heard[0]).toEqual({ name: "chat:updated", data: { message, event: device.ready + 1 } });
  }
  const { conversationId } = sent;
  expect((await (await chatOf("bob")).messages({ conversationId })).items).toEqual([message]);
  expect((await conversationOf("bob"))?.lastMessage).toEqual(message);
});

test("the first words of a message stay stored however often it is edited", async () => {
  const { id } = await send("alice", "bob", "version 0");
  const chat = await chatOf("alice");
  for (let n = 1; n <= 12; n++) await chat.edit({ messageId: id, content: `version ${n}` });
  const stored = await MessageModel.findById(id).lean();
  expect(stored?.content).toBe("version 12");
  expect(stored?.earlier).toEqual(Array.from({ length: 10 }, (_, n) => `version ${n}`));
});

test("only the sender edits a message, within a day, and not to nothing", async () => {
  const { id: messageId } = await send("alice", "bob");
  const [alice, bob] = [await chatOf("alice"), await chatOf("bob")];
  await expect(bob.edit({ messageId, content: "mine" })).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await expect(alice.edit({ messageId, content: " " })).rejects.toMatchObject({ reason: "BAD_INPUT" });
  await MessageModel.updateOne({ _id: messageId }, { createdAt: new Date(now().getTime() - 86_401_000) });
  await expect(alice.edit({ messageId, content: "late" })).rejects.toMatchObject({
    reason: "FORBIDDEN",
    message: "A message can be edited for 24 hours after it was sent.",
  });
  expect((await MessageModel.findById(messageId).lean())?.content).toBe("hello");
});

test("a message deleted for all leaves an empty place with its number, and its words as evidence", async () => {
  await send("carol", "dan", "first");
  const sent = await send("carol", "dan", "second");
  const { conversationId, id: messageId } = sent;
  await app.settled();
  expect(await toldOf("dan")).toHaveLength(1);
  const devices = [await connect(app, "carol"), await connect(app, "dan")];
  await devices[0]!.say("chat:delete", { messageId, for: "all" });
  await (await chatOf("carol")).delete({ messageId, for: "all" });
  for (const device of devices) {
    await vi.waitFor(() => expect(device.heard).toHaveLength(1));
    const data = { conversationId, messageId, number: 2, for: "all", event: device.ready + 1 };
    expect(device.heard[0]).toEqual({ name: "chat:deleted", data });
  }
  const tombstone = { ...sent, content: "", deleted: true };
  const [latest] = (await (await chatOf("dan")).messages({ conversationId })).items;
  expect(latest).toEqual(tombstone);
  expect(await conversationOf("dan")).toMatchObject({ lastMessage: tombstone, unread: 1 });
  await app.settled();
  expect(await toldOf("dan")).toEqual([]);
  expect((await MessageModel.findById(messageId).lean())?.content).toBe("second");
  await expect((await chatOf("carol")).edit({ messageId, content: "back" })).rejects.toMatchObject({
    reason: "MESSAGE_NOT_FOUND",
  });
});

test("a message deleted for me is gone from my view only", async () => {
  const kept = await send("eve", "fay", "first");
  const gone = await send("eve", "fay", "second");
  const { conversationId, id: messageId } = gone;
  const [eve, fay] = [await connect(app, "eve"), await connect(app, "fay")];
  await fay.say("chat:delete", { messageId, for: "me" });
  await fay.say("chat:delete", { messageId, for: "me" });
  await vi.waitFor(() => expect(fay.heard).toHaveLength(1));
  const data = { conversationId, messageId, number: 2, for: "me", event: fay.ready + 1 };
  expect(fay.heard[0]).toEqual({ name: "chat:deleted", data });
  expect((await (await chatOf("fay")).messages({ conversationId })).items).toEqual([kept]);
  expect(await conversationOf("fay")).toMatchObject({ lastMessage: kept, unread: 1 });
  expect((await (await chatOf("eve")).messages({ conversationId })).items).toEqual([gone, kept]);
  expect((await conversationOf("eve"))?.lastMessage).toEqual(gone);
  await eve.say("chat:edit", { messageId, content: "edited" });
  await eve.say("chat:edit", { messageId: kept.id, content: "seen" });
  await vi.waitFor(() => expect(fay.heard).toHaveLength(2));
  expect(fay.heard[1]?.data.message).toMatchObject({ id: kept.id, content: "seen" });
  const back = await connect(app, "fay", { auth: { token: await app.tokenFor("fay"), lastEvent: 0 } });
  await vi.waitFor(() => expect(back.heard.at(-1)?.name).toBe("chat:updated"));
  expect(back.messages().map(({ message }) => message.id)).toEqual([kept.id]);
  await expect((await chatOf("fay")).delete({ messageId, for: "all" })).rejects.toMatchObject({
    reason: "MESSAGE_NOT_FOUND",
  });
});

test("reading after deletions counts what is left", async () => {
  const sent = [];
  for (let n = 1; n <= 4; n++) sent.push(await send("gus", "hal", `${n}`));
  const [gus, hal] = [await chatOf("gus"), await chatOf("hal")];
  await Promise.all([
    gus.delete({ messageId: sent[2]!.id, for: "all" }),
    hal.delete({ messageId: sent[2]!.id, for: "me" }),
    hal.delete({ messageId: sent[3]!.id, for: "me" }),
    gus.delete({ messageId: sent[3]!.id, for: "all" }),
  ]);
  expect(await hal.unreadCount()).toEqual({ count: 2, more: false });
  const device = await connect(app, "hal");
  await device.say("chat:read", { conversationId: sent[0]!.conversationId, number: 1 });
  expect(await hal.unreadCount()).toEqual({ count: 1, more: false });
});

test("messages of others, missing ones and those of hidden people answer alike", async () => {
  const theirs = await send("alice", "bob");
  const hidden = await send("ivy", "jay");
  const mine = await send("jay", "ivy");
  await app.change("ivy", suspended);
  const jay = await chatOf("jay");
  const answers = [];
  for (const messageId of [missing, theirs.id, hidden.id, mine.id]) {
    answers.push([
      await refusal(jay.edit({ messageId, content: "x" })),
      await refusal(jay.delete({ messageId, for: "me" })),
      await refusal(jay.delete({ messageId, for: "all" })),
    ]);
  }
  expect(answers[0]?.map(({ reason }) => reason)).toEqual(Array(3).fill("MESSAGE_NOT_FOUND"));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  const bob = await chatOf("bob");
  expect((await refusal(bob.delete({ messageId: theirs.id, for: "all" }))).reason).toBe("FORBIDDEN");
});

test("who is not signed in or not verified changes no message, and nothing else is taken", async () => {
  const { id: messageId } = await send("alice", "bob");
  await app.as("tom");
  await app.change("tom", { emailVerified: false });
  for (const [chat, reason] of [
    [app.anonymous.chat, "NOT_SIGNED_IN"],
    [await chatOf("tom"), "EMAIL_NOT_VERIFIED"],
  ] as const) {
    await expect(chat.edit({ messageId, content: "x" })).rejects.toMatchObject({ reason });
    await expect(chat.delete({ messageId, for: "me" })).rejects.toMatchObject({ reason });
  }
  const alice = await connect(app, "alice");
  for (const [event, input] of [
    ["chat:edit", { messageId }],
    ["chat:edit", { messageId: { $ne: null }, content: "x" }],
    ["chat:delete", { messageId }],
    ["chat:delete", { messageId, for: "everyone" }],
  ] as const) {
    expect(await alice.raw(event, input)).toMatchObject({ reason: "BAD_INPUT" });
  }
});
