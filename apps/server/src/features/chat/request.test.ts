import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp, unlimited } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { newId, oid } from "../../platform/id";
import { ConversationModel } from "./conversation.model";

const requests = [{ points: 3, seconds: 60 }];
const app = startTestApp({ policy: { ...unlimited, limits: { ...unlimited.limits, request: requests } } });
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const chatOf = async (name: string) => (await app.as(name)).chat;
const activeOf = async (name: string) => (await (await chatOf(name)).conversations({})).items;
const requestsOf = async (name: string) => (await (await chatOf(name)).requests({})).items;
const unreadOf = async (name: string) => (await (await chatOf(name)).unreadCount()).count;
const toldOf = async (name: string) =>
  (await (await app.as(name)).notifications.list({})).items.filter(({ type }) => type === "message");
const follow = async (one: string, other: string) =>
  (await app.as(one)).users.follow({ id: await app.id(other) });

async function send(from: string, to: string, content = "hello") {
  const client = await connect(app, from);
  const input = { clientId: `request-${++clients}`, to: await app.id(to), content };
  const { message } = await client.say("chat:send", input);
  client.close();
  await app.settled();
  return message;
}

test("what a stranger writes is a request until it is accepted, then a conversation like any other", async () => {
  const [alice, bob] = [await connect(app, "alice"), await connect(app, "bob")];
  const message = await send("alice", "bob");
  const { conversationId } = message;
  const [request] = await requestsOf("bob");
  expect(request).toMatchObject({ id: conversationId, state: "request", unread: 1, lastMessage: message });
  expect(await bob.say("chat:requests", {})).toEqual({ ok: true, items: [request], nextCursor: null });
  expect(await activeOf("bob")).toEqual([]);
  expect(await unreadOf("bob")).toBe(0);
  expect(await toldOf("bob")).toEqual([]);
  expect(await activeOf("alice")).toMatchObject([{ id: conversationId, state: "active" }]);
  expect(await requestsOf("alice")).toEqual([]);
  await vi.waitFor(() => expect(bob.heard).toHaveLength(2));
  expect(bob.heard).toMatchObject([
    { name: "chat:conversation", data: { conversation: { state: "request" } } },
    { name: "chat:message", data: { message } },
  ]);

  const accepted = await (await chatOf("bob")).accept({ conversationId });
  expect(accepted).toEqual({ ...request, state: "active" });
  expect((await bob.say("chat:accept", { conversationId })).conversation).toEqual(accepted);
  expect(await activeOf("bob")).toEqual([accepted]);
  expect(await requestsOf("bob")).toEqual([]);
  expect(await unreadOf("bob")).toBe(1);
  await vi.waitFor(() => expect(bob.heard).toHaveLength(3));
  expect(bob.heard[2]).toMatchObject({ name: "chat:conversation", data: { conversation: accepted } });
  await send("alice", "bob", "again");
  expect(await toldOf("bob")).toHaveLength(1);
  expect(await unreadOf("bob")).toBe(2);
  // Nothing was marked, so what alice is shown has not changed.
  expect(alice.heard.map(({ name }) => name)).toEqual(["chat:conversation", "chat:message", "chat:message"]);
});

test("to follow the sender before they write, or before they write again, is to accept", async () => {
  await follow("dan", "carol");
  await send("carol", "dan");
  expect(await activeOf("dan")).toMatchObject([{ state: "active" }]);
  expect(await toldOf("dan")).toHaveLength(1);

  const { conversationId } = await send("eve", "fay");
  await follow("fay", "eve");
  expect(await requestsOf("fay")).toHaveLength(1);
  const fay = await connect(app, "fay");
  await send("eve", "fay", "again");
  expect(await requestsOf("fay")).toEqual([]);
  expect(await activeOf("fay")).toMatchObject([{ id: conversationId, state: "active", unread: 2 }]);
  expect(await toldOf("fay")).toHaveLength(1);
  await vi.waitFor(() => expect(fay.heard).toHaveLength(2));
  expect(fay.heard.map(({ name }) => name)).toEqual(["chat:conversation", "chat:message"]);
  await (await app.as("fay")).users.unfollow({ id: await app.id("eve") });
  await send("eve", "fay", "accepted is accepted");
  expect(await activeOf("fay")).toMatchObject([{ unread: 3 }]);
});

test("that the sender follows the recipient, and not the other way round, accepts nothing", async () => {
  await follow("gus", "hal");
  await send("gus", "hal");
  expect(await activeOf("hal")).toEqual([]);
  expect(await requestsOf("hal")).toHaveLength(1);
});

test("to answer a request is to accept it", async () => {
  await send("guy", "ivy");
  const ivy = await connect(app, "ivy");
  await send("ivy", "guy", "hello yourself");
  expect(await activeOf("ivy")).toMatchObject([{ state: "active" }]);
  await vi.waitFor(() => expect(ivy.heard).toHaveLength(2));
  expect(ivy.heard.map(({ name }) => name)).toEqual(["chat:conversation", "chat:message"]);
  expect(await activeOf("guy")).toMatchObject([{ state: "active", unread: 1 }]);
});

test("a conversation that was only started is for who started it alone", async () => {
  const kim = await connect(app, "kim");
  await app.befriend("jay", "kim");
  const started = await (await chatOf("jay")).start({ userId: await app.id("kim") });
  expect(await activeOf("jay")).toEqual([started]);
  expect([await activeOf("kim"), await requestsOf("kim"), kim.heard]).toEqual([[], [], []]);
  const hers = await (await chatOf("kim")).start({ userId: await app.id("jay") });
  expect(hers).toMatchObject({ id: started.id, state: "active" });
  expect(await activeOf("kim")).toEqual([hers]);
});

test("until it is accepted, the sender learns nothing of what was read, has arrived or is typed", async () => {
  const { conversationId } = await send("lea", "max");
  await send("lea", "max", "two");
  const [lea, max] = [await connect(app, "lea"), await connect(app, "max")];
  expect(await max.say("chat:delivered", { conversationId, number: 2 })).toMatchObject({ number: 2 });
  expect(await max.say("chat:read", { conversationId, number: 1 })).toMatchObject({ number: 1 });
  for (const client of [lea, max]) await client.say("chat:typing", { conversationId });
  const reaction = { messageId: String((await requestsOf("max"))[0]?.lastMessage?.id), emoji: "👍" };
  expect(await max.raw("chat:react", reaction)).toMatchObject({ ok: false, reason: "FORBIDDEN" });
  await expect((await chatOf("max")).react(reaction)).rejects.toMatchObject({ reason: "FORBIDDEN" });
  const userId = await app.id("max");
  const [hidden, read, delivered] = [0, 1, 2].map((number) => ({ conversationId, userId, number }));
  expect(await requestsOf("max")).toMatchObject([{ unread: 1 }]);
  expect((await requestsOf("max"))[0]?.reads).toContainEqual(read);
  expect((await requestsOf("max"))[0]?.delivered).toContainEqual(delivered);
  const [shown] = await activeOf("lea");
  expect([shown?.reads, shown?.delivered]).toEqual([
    expect.arrayContaining([hidden]),
    expect.arrayContaining([hidden]),
  ]);
  await vi.waitFor(() => expect(max.heard).toHaveLength(2));
  expect(max.heard.map(({ name }) => name)).toEqual(["chat:delivered", "chat:read"]);
  expect(lea.heard).toEqual([]);

  await max.say("chat:accept", { conversationId });
  for (const client of [lea, max]) await client.say("chat:typing", { conversationId });
  await vi.waitFor(() => expect(lea.heard).toHaveLength(2));
  const told = { reads: expect.arrayContaining([read]), delivered: expect.arrayContaining([delivered]) };
  expect(lea.heard.find(({ name }) => name === "chat:conversation")?.data).toMatchObject({
    conversation: { id: conversationId, ...told },
  });
  expect(lea.heard.map(({ name }) => name)).toContain("chat:typing");
  await vi.waitFor(() => expect(max.heard).toHaveLength(4));
  expect(await activeOf("lea")).toMatchObject([told]);
  await max.say("chat:react", reaction);
  await max.say("chat:read", { conversationId, number: 2 });
  await vi.waitFor(() => expect(lea.heard).toHaveLength(4));
});

test("a request that is left is declined, in silence; a new message brings it back as one", async () => {
  const { conversationId } = await send("ned", "olga");
  const ned = await connect(app, "ned");
  const before = await activeOf("ned");
  await (await chatOf("olga")).leave({ conversationId });
  expect([await requestsOf("olga"), await activeOf("olga")]).toEqual([[], []]);
  expect([await activeOf("ned"), ned.heard]).toEqual([before, []]);
  await send("ned", "olga", "please");
  expect(await requestsOf("olga")).toMatchObject([{ unread: 1, lastMessage: { content: "please" } }]);
  expect(await toldOf("olga")).toEqual([]);
  await (await chatOf("olga")).leave({ conversationId });
  const opened = await (await chatOf("olga")).start({ userId: await app.id("ned") });
  expect(opened).toMatchObject({ id: conversationId, state: "active", lastMessage: null });
  expect(await activeOf("olga")).toEqual([opened]);
});

test("who accepts what they declined has it back", async () => {
  const { conversationId } = await send("pat", "quin");
  const quin = await chatOf("quin");
  await quin.leave({ conversationId });
  expect(await quin.accept({ conversationId })).toMatchObject({ state: "active", lastMessage: null });
  expect(await activeOf("quin")).toHaveLength(1);
});

test("a user begins so many conversations with strangers, and goes on in those", async () => {
  const writer = await connect(app, "spam");
  const write = async (to: string) =>
    writer.raw("chat:send", { clientId: `spam-${++clients}`, to: await app.id(to), content: "buy" });
  await app.befriend("spam", "friend");
  for (const to of ["man1", "man2", "friend", "man1", "man3"])
    expect(await write(to)).toMatchObject({ ok: true });
  expect(await write("man4")).toMatchObject({
    ok: false,
    reason: "RATE_LIMITED",
    retryAfter: expect.any(Number),
  });
  expect([await requestsOf("man4"), await activeOf("spam")]).toMatchObject([[], { length: 4 }]);
  await (await chatOf("spam")).start({ userId: await app.id("man4") });
  expect(await write("man4")).toMatchObject({ reason: "RATE_LIMITED" });
  expect(await write("man1")).toMatchObject({ ok: true });
  await follow("man5", "spam");
  expect(await write("man5")).toMatchObject({ ok: true });
  expect(await activeOf("man5")).toHaveLength(1);
});

test("requests of others, missing ones and those of hidden people answer alike", async () => {
  const theirs = await send("rob", "sue");
  const hidden = await send("tom", "uma");
  await app.change("tom", suspended);
  const [client, uma] = [await connect(app, "uma"), await chatOf("uma")];
  expect([await uma.requests({}), await uma.unreadCount()]).toMatchObject([{ items: [] }, { count: 0 }]);
  const answers = [];
  for (const conversationId of ["0".repeat(24), theirs.conversationId, hidden.conversationId]) {
    answers.push(await client.raw("chat:accept", { conversationId }));
    await expect(uma.accept({ conversationId })).rejects.toMatchObject({ reason: "CONVERSATION_NOT_FOUND" });
  }
  expect(answers[0]).toMatchObject({ ok: false, reason: "CONVERSATION_NOT_FOUND" });
  expect([answers[1], answers[2]]).toEqual([answers[0], answers[0]]);
  await app.change("tom", { suspension: null });
  expect(await requestsOf("uma")).toHaveLength(1);
});

test("refuses who is not signed in or not verified, and what is no id", async () => {
  const { conversationId } = await send("val", "wes");
  await app.as("xia");
  await app.change("xia", { emailVerified: false });
  for (const [chat, reason] of [
    [app.anonymous.chat, "NOT_SIGNED_IN"],
    [await chatOf("xia"), "EMAIL_NOT_VERIFIED"],
  ] as const) {
    await expect(chat.accept({ conversationId })).rejects.toMatchObject({ reason });
    await expect(chat.requests({})).rejects.toMatchObject({ reason });
  }
  const wes = await chatOf("wes");
  for (const id of [{ $ne: "" }, "", null, [conversationId]]) {
    await expect(wes.accept({ conversationId: id } as never)).rejects.toMatchObject({ reason: "BAD_INPUT" });
  }
  await expect(wes.requests({ cursor: "nonsense" })).rejects.toMatchObject({ reason: "BAD_CURSOR" });
  expect(await requestsOf("wes")).toHaveLength(1);
});

test("lists and counts read by index, in order, however many requests lie beside them", async () => {
  const yan = oid(await app.id("yan"));
  const others = await Promise.all(["zoe", "amy"].map(async (name) => oid(await app.id(name))));
  const record = (n: number, as: { accepted: boolean; leftAt: Date | null }) => ({
    _id: newId(),
    pairKey: `pair-${n}`,
    members: [
      { userId: yan, unread: n % 50 === 0 ? 1 : 0, ...as },
      { userId: others[n % 2], accepted: true },
    ],
    lastNumber: 1,
    lastMessageAt: new Date(n),
  });
  await ConversationModel.insertMany([
    ...Array.from({ length: 150 }, (_, n) => record(n, { accepted: true, leftAt: null })),
    ...Array.from({ length: 200 }, (_, n) => record(150 + n, { accepted: false, leftAt: null })),
    ...Array.from({ length: 200 }, (_, n) => record(350 + n, { accepted: n < 100, leftAt: new Date(n) })),
  ]);
  await app.settled();
  const chat = await chatOf("yan");
  const reads = await profiled(async () => {
    const first = await chat.conversations({ limit: 10 });
    expect(first.items).toHaveLength(10);
    expect((await chat.conversations({ limit: 10, cursor: first.nextCursor! })).items).toHaveLength(10);
    expect((await chat.requests({ limit: 10 })).items).toHaveLength(10);
    expect(await chat.unreadCount()).toEqual({ count: 3, more: false });
  });
  for (const read of reads) {
    expect(read.plan, JSON.stringify(read)).toMatch(/IXSCAN|IDHACK|EXPRESS/);
    expect(read.sorted, JSON.stringify(read)).toBe(false);
    expect(read.docsExamined, JSON.stringify(read)).toBeLessThanOrEqual(12);
  }
});
