import mongoose from "mongoose";
import { afterEach, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connect, connectWith } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { joinRaw } from "../../../test/raw-socket";
import { now } from "../../platform/clock";
import { EventModel } from "../../platform/event-log";
import { newId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { MessageModel } from "./message.model";

vi.setConfig({ testTimeout: 60_000 });
const app = startTestApp();
afterEach(closeClients);

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const eventsOf = (client: ChatClient) => client.heard.map(({ data }) => data.event);
const numbersOf = (client: ChatClient) => client.messages().map(({ message }) => message.number);
/** The numbers of what a person's log holds for the chat; other things have numbers between them. */
async function chatEvents(name: string, after = 0): Promise<number[]> {
  const type = { $in: ["message", "read", "conversation"] };
  const found = await EventModel.find({ userId: oid(await app.id(name)), number: { $gt: after }, type })
    .sort({ number: 1 })
    .lean();
  return found.map(({ number }) => number);
}
const quiet = () => new Promise((resolve) => setTimeout(resolve, 400));

async function sendAll(from: string, to: string, count: number): Promise<string> {
  const client = await connect(app, from);
  const toId = await app.id(to);
  let conversationId = "";
  for (let index = 0; index < count; index++) {
    const input = { clientId: String(newId()), to: toId, content: `${index}` };
    conversationId = (await client.say("chat:send", input)).message.conversationId;
  }
  client.close();
  return conversationId;
}

/** Puts the same message into a log many times; who follows the log hears of it with the next event. */
async function fillLog(name: string, conversationId: string, count: number): Promise<void> {
  await app.settled();
  const { _id } = (await MessageModel.findOne({ conversationId: oid(conversationId) }).lean())!;
  const userId = oid(await app.id(name));
  const last = await app.running.app.events.lastNumber(String(userId));
  const data = { messageId: String(_id), conversationId };
  await EventModel.insertMany(
    upTo(last + count, last + 1).map((number) => ({
      _id: newId(),
      userId,
      number,
      type: "message",
      data,
      createdAt: now(),
    })),
  );
  await mongoose.connection.collection("eventHeads").updateOne({ _id: userId }, { $inc: { number: count } });
}

test("who comes back gets all that they missed, in order, once, and then what is new", async () => {
  const before = await connect(app, "bob");
  before.close();
  await sendAll("alice", "bob", 5);
  await app.settled();
  const bob = await connect(app, "bob");
  expect(bob.ready).toBe(await app.running.app.events.lastNumber(await app.id("bob")));
  expect(await bob.say("chat:resume", { lastEvent: 0 })).toEqual({ ok: true, lastEvent: bob.ready });
  await sendAll("alice", "bob", 2);
  await vi.waitFor(() => expect(numbersOf(bob)).toHaveLength(7));
  await quiet();
  expect(eventsOf(bob)).toEqual(await chatEvents("bob"));
  expect(numbersOf(bob)).toEqual(upTo(7));
});

test("nothing is lost, repeated or out of order for who comes and goes while others write", async () => {
  const sending = sendAll("carol", "dan", 20);
  const token = await app.tokenFor("dan");
  const events: unknown[] = [];
  let last = 0;
  for (let round = 0; round < 8 || events.length < 21; round++) {
    const dan = await connectWith(app, { auth: { token, lastEvent: last } });
    await new Promise((resolve) => setTimeout(resolve, (round * 37) % 150));
    dan.close();
    events.push(...eventsOf(dan));
    last = Number(events.at(-1) ?? 0);
  }
  await sending;
  expect(events).toEqual(await chatEvents("dan"));
}, 120_000);

test("who says in the handshake where to go on gets what was missed and what is new, in order, once", async () => {
  const conversationId = await sendAll("wes", "xia", 3);
  const wes = await connect(app, "wes");
  const token = await app.tokenFor("xia");
  const sending = wes.say("chat:send", { clientId: "meanwhile", conversationId, content: "new" });
  const xia = await connectWith(app, { auth: { token, lastEvent: 1 } });
  await sending;
  await vi.waitFor(() => expect(eventsOf(xia)).toHaveLength(4), { timeout: 5_000 });
  await quiet();
  expect(eventsOf(xia)).toEqual(await chatEvents("xia", 1));
  expect(numbersOf(xia)).toEqual(upTo(4));
});

test("a handshake with an event that is not kept, to come or none is refused", async () => {
  await sendAll("yan", "zoe", 1);
  const token = await app.tokenFor("zoe");
  const refused = (lastEvent: unknown) => connectWith(app, { auth: { token, lastEvent } });
  await expect(refused(1_000)).rejects.toMatchObject({ reason: "RESYNC" });
  for (const made of [-1, 0.5, "1", {}, null]) {
    await expect(refused(made)).rejects.toMatchObject({ reason: "BAD_INPUT" });
  }
});

test("who does not resume gets what comes after they connected, without delay to speak of", async () => {
  await sendAll("eve", "fay", 3);
  const fay = await connect(app, "fay");
  await sendAll("eve", "fay", 1);
  await vi.waitFor(() => expect(numbersOf(fay)).toEqual([4]), { timeout: 1_000 });
  expect(eventsOf(fay)).toEqual(await chatEvents("fay", fay.ready));
});

test("a log of many pages is sent whole", async () => {
  const conversationId = await sendAll("gus", "hal", 1);
  await fillLog("hal", conversationId, 400);
  const hal = await connect(app, "hal");
  await hal.say("chat:resume", { lastEvent: 0 });
  await vi.waitFor(() => expect(eventsOf(hal)).toHaveLength(402), { timeout: 5_000 });
  expect(eventsOf(hal)).toEqual(await chatEvents("hal"));
});

test("resuming again sends again, and both times in order", async () => {
  await sendAll("ivy", "jay", 12);
  const jay = await connect(app, "jay");
  jay.socket.emit("chat:resume", { lastEvent: 0 }, () => undefined);
  await jay.say("chat:resume", { lastEvent: 8 });
  await quiet();
  const late = await chatEvents("jay", 8);
  expect(eventsOf(jay).slice(-late.length)).toEqual(late);
  const first = eventsOf(jay).slice(0, -late.length);
  expect(first).toEqual((await chatEvents("jay")).slice(0, first.length));
});

test("an event that never was, or one before the kept log, is RESYNC", async () => {
  await sendAll("kim", "lea", 4);
  await app.settled();
  const userId = oid(await app.id("lea"));
  const lea = await connect(app, "lea");
  const newest = lea.ready;
  const resume = (lastEvent: number) => lea.raw("chat:resume", { lastEvent });
  expect(await resume(newest + 1)).toMatchObject({ ok: false, reason: "RESYNC" });
  expect(await lea.raw("chat:resume", { lastEvent: -1 })).toMatchObject({ ok: false, reason: "BAD_INPUT" });
  await EventModel.deleteMany({ userId, number: { $lte: 3 } });
  expect(await lea.raw("chat:resume", { lastEvent: 2 })).toMatchObject({ ok: false, reason: "RESYNC" });
  expect(await lea.raw("chat:resume", { lastEvent: 3 })).toMatchObject({ ok: true, lastEvent: newest });
  const kept = await chatEvents("lea");
  await vi.waitFor(() => expect(eventsOf(lea)).toEqual(kept));
  await EventModel.deleteMany({ userId });
  expect(await resume(newest - 1)).toMatchObject({ ok: false, reason: "RESYNC" });
  expect(await resume(newest)).toMatchObject({ ok: true, lastEvent: newest });
});

test("what somebody hidden wrote is not sent, and other kinds of events are left out", async () => {
  await sendAll("max", "ned", 3);
  const members = [await app.id("ned")];
  for (const type of ["other", "read", "message"]) {
    await transaction(() => app.running.app.events.append(members, type, { of: "no use" }));
  }
  await sendAll("olga", "ned", 1);
  await app.change("max", { suspension: { reason: "spam", until: null } });
  const ned = await connect(app, "ned");
  await ned.say("chat:resume", { lastEvent: 0 });
  await vi.waitFor(() => expect(ned.heard).toHaveLength(2));
  expect(eventsOf(ned)).toEqual((await chatEvents("ned")).slice(-2));
});

test("a session that has ended gets nothing more, even if nobody closed its socket", async () => {
  const pat = await connect(app, "pat");
  await sendAll("quin", "pat", 1);
  await vi.waitFor(() => expect(pat.messages()).toHaveLength(1));
  await app.change("pat", { suspension: { reason: "spam", until: null } });
  const { id: messageId, conversationId } = pat.messages()[0]!.message;
  const members = [await app.id("pat")];
  await transaction(() => app.running.app.events.append(members, "message", { messageId, conversationId }));
  await vi.waitFor(() => expect(pat.socket.connected).toBe(false));
  expect(pat.messages()).toHaveLength(1);
});

test("a client that does not read is hung up on before much piles up, and others notice nothing", async () => {
  const conversationId = await sendAll("rob", "sue", 1);
  await MessageModel.updateMany(
    { conversationId: oid(conversationId) },
    { $set: { content: "x".repeat(4_000) } },
  );
  await fillLog("sue", conversationId, 3_000);
  const slow = await joinRaw(app, await app.tokenFor("sue"));
  const channels = () => app.id("sue").then((id) => app.running.app.channels.countOf(id));
  slow.socket.pause();
  slow.socket.send('42/chat,1["chat:resume",{"lastEvent":0}]');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await channels()).toBe(1);
  const other = await connect(app, "rob");
  await sendAll("tom", "rob", 1);
  await vi.waitFor(() => expect(other.messages()).toHaveLength(1), { timeout: 1_000 });
  await vi.waitFor(async () => expect(await channels()).toBe(0), { timeout: 20_000, interval: 100 });
  slow.socket.resume();
  await slow.closed;
}, 120_000);

test("a client that asks much and reads nothing is hung up on too", async () => {
  const conversationId = await sendAll("uma", "val", 1);
  const { _id, number, clientId, ...rest } = (await MessageModel.findOne({
    conversationId: oid(conversationId),
  }).lean())!;
  await MessageModel.insertMany(
    upTo(100, 2).map((each) => ({
      ...rest,
      _id: newId(),
      number: each,
      clientId: `${each}`,
      content: "x".repeat(4000),
    })),
  );
  const greedy = await joinRaw(app, await app.tokenFor("val"));
  greedy.socket.pause();
  const ask = JSON.stringify(["chat:history", { conversationId, limit: 100 }]);
  for (let count = 0; count < 60; count++) greedy.socket.send(`42/chat,${count}${ask}`);
  const id = await app.id("val");
  await vi.waitFor(() => expect(app.running.app.channels.countOf(id)).toBe(0), { timeout: 15_000 });
  greedy.socket.resume();
  await greedy.closed;
});
