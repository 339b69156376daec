import { afterEach, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connect } from "../../../test/chat-client";
import { startTestApp, unlimited } from "../../../test/harness";
import { roundTrips } from "../../../test/round-trips";
import { newId, oid } from "../../platform/id";
import { inTurn } from "../../platform/turn";
import { ConversationModel, newMember } from "./conversation.model";
import { MessageModel } from "./message.model";

const limits = {
  ...unlimited.limits,
  group: [{ points: 4, seconds: 60 }],
  member: [{ points: 6, seconds: 60 }],
  request: [{ points: 2, seconds: 60 }],
};
vi.setConfig({ testTimeout: 60_000 });
const app = startTestApp({ policy: { ...unlimited, limits } }, { counted: true });
afterEach(closeClients);

const slow = { timeout: 30_000 };
const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const clientId = () => `member-of-group-${++clients}`;
const chatOf = async (name: string) => (await app.as(name)).chat;
const idsOf = (names: string[]) => Promise.all(names.map((name) => app.id(name)));
const heardBy = ({ heard }: ChatClient) => heard.map(({ name }) => name);
const groupOf = async (name: string, id: string) =>
  (await (await chatOf(name)).conversations({})).items.find((each) => each.id === id);
const saidTo = async (name: string, conversationId: string) =>
  (await (await chatOf(name)).messages({ conversationId, after: 0, limit: 100 })).items;
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** A group of friends of its owner, who comes first. */
async function makeGroup(names: string[]): Promise<string> {
  const [owner = "", ...others] = names;
  for (const name of others) await app.befriend(owner, name);
  return (await (await chatOf(owner)).createGroup({ title: "Birds", userIds: await idsOf(others) })).id;
}

async function send(from: string, conversationId: string, more: { content?: string; replyTo?: string } = {}) {
  const client = await connect(app, from);
  const input = { clientId: clientId(), conversationId, content: "hello", ...more };
  const { message } = await client.say("chat:send", input);
  client.close();
  await app.settled();
  return message;
}

async function add(by: string, conversationId: string, name: string) {
  await app.befriend(by, name);
  return (await chatOf(by)).addMembers({ conversationId, userIds: [await app.id(name)] });
}

const remove = async (by: string, conversationId: string, name: string) =>
  (await chatOf(by)).removeMember({ conversationId, userId: await app.id(name) });

/** Has the group as many members as that; nobody stands behind most of them. */
async function fill(conversationId: string, count: number): Promise<void> {
  const group = (await ConversationModel.findById(conversationId).lean())!;
  const members = upTo(count - group.members.length).map(() =>
    newMember(String(newId()), { accepted: true }),
  );
  await ConversationModel.updateOne({ _id: group._id }, { $push: { members: { $each: members } } });
}

test("who joins sees nothing from before, and who comes back nothing from between", async () => {
  const conversationId = await makeGroup(["alice", "bob"]);
  const old = await send("alice", conversationId);
  const carol = await connect(app, "carol");
  expect((await add("alice", conversationId, "carol")).members).toHaveLength(3);
  expect((await add("alice", conversationId, "carol")).members).toHaveLength(3);
  await vi.waitFor(() => expect(carol.heard).toHaveLength(1));
  expect(carol.heard[0]).toMatchObject({ name: "chat:conversation", data: { conversation: { unread: 0 } } });
  expect(await groupOf("carol", conversationId)).toMatchObject({ lastMessage: null, unread: 0 });
  expect(await saidTo("carol", conversationId)).toEqual([]);
  const input = { messageId: old.id, emoji: "👍" };
  expect(await carol.raw("chat:react", input)).toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
  expect(await carol.raw("chat:delete", { messageId: old.id, for: "me" })).toMatchObject({
    reason: "MESSAGE_NOT_FOUND",
  });
  expect(await carol.say("chat:delivered", { conversationId, number: 1 })).toMatchObject({ number: 0 });
  const answer = await send("bob", conversationId, { replyTo: old.id });
  expect(await saidTo("carol", conversationId)).toEqual([{ ...answer, replyTo: null }]);
  await (await chatOf("alice")).edit({ messageId: old.id, content: "edited" });
  await (await chatOf("alice")).delete({ messageId: old.id, for: "all" });
  await (await chatOf("carol")).leave({ conversationId });
  await send("bob", conversationId, { content: "between" });
  await add("alice", conversationId, "carol");
  const latest = await send("bob", conversationId, { content: "back" });
  expect(await saidTo("carol", conversationId)).toEqual([latest]);
  expect((await (await chatOf("carol")).search({ query: "between" })).items).toEqual([]);
  expect((await (await chatOf("carol")).search({ query: "back" })).items).toEqual([latest]);
  expect(await groupOf("carol", conversationId)).toMatchObject({ unread: 1, lastMessage: latest });
  await vi.waitFor(() => expect(carol.messages()).toHaveLength(2));
  const told = ["conversation", "message", "left", "conversation", "message"].map((name) => `chat:${name}`);
  expect(heardBy(carol)).toEqual(told);
  const again = await connect(app, "carol");
  await again.say("chat:resume", { lastEvent: 0 });
  await vi.waitFor(() => expect(heardBy(again)).toContain("chat:message"));
  expect(again.messages().map(({ message }) => message.number)).toEqual([latest.number]);
});

/** All that can be said of a conversation and of a message in it. */
const asks = (conversationId: string, messageId: string, userId: string): [string, object][] => [
  ["chat:send", { clientId: "theirs", conversationId, content: "mine" }],
  ["chat:send", { clientId: "new", conversationId, content: "hello" }],
  ["chat:history", { conversationId }],
  ["chat:search", { conversationId, query: "mine" }],
  ["chat:read", { conversationId, number: 1 }],
  ["chat:delivered", { conversationId, number: 1 }],
  ["chat:typing", { conversationId }],
  ["chat:accept", { conversationId }],
  ["chat:leave", { conversationId }],
  ["chat:mute", { conversationId }],
  ["chat:unmute", { conversationId }],
  ["chat:rename", { conversationId, title: "mine" }],
  ["chat:addMembers", { conversationId, userIds: [userId] }],
  ["chat:removeMember", { conversationId, userId }],
  ["chat:setRole", { conversationId, userId, role: "admin" }],
  ["chat:edit", { messageId, content: "changed" }],
  ["chat:react", { messageId, emoji: "👍" }],
  ["chat:delete", { messageId, for: "me" }],
  ["chat:delete", { messageId, for: "all" }],
];

test.each(["removed", "gone"])(
  "who was %s is told so once, hears nothing more, and is a stranger",
  async (how) => {
    const [owner, other, name] = [`dan_${how}`, `eve_${how}`, `fay_${how}`];
    const conversationId = await makeGroup([owner, other, name]);
    const fay = await connect(app, name);
    const { message } = await fay.say("chat:send", { clientId: "theirs", conversationId, content: "mine" });
    await app.settled();
    if (how === "gone") await fay.say("chat:leave", { conversationId });
    else {
      await remove(owner, conversationId, name);
      await remove(owner, conversationId, name);
    }
    await send(other, conversationId, { replyTo: message.id });
    await (await chatOf(owner)).rename({ conversationId, title: "Without" });
    await (await chatOf(owner)).react({ messageId: message.id, emoji: "👍" });
    await (await chatOf(owner)).start({ userId: await app.id(name) });
    const client = await connect(app, owner);
    await client.say("chat:send", { clientId: clientId(), to: await app.id(name), content: "sorry" });
    await vi.waitFor(() => expect(fay.messages()).toHaveLength(2));
    expect(heardBy(fay)).toEqual(
      ["message", "left", "conversation", "message"].map((each) => `chat:${each}`),
    );
    expect(fay.heard[1]?.data).toMatchObject({ conversationId });
    const back = await connect(app, name);
    await back.say("chat:resume", { lastEvent: 0 });
    await vi.waitFor(() => expect(heardBy(back)).toContain("chat:message"));
    expect(JSON.stringify(back.heard.filter((each) => each.name !== "chat:left"))).not.toContain(
      conversationId,
    );
    expect(await groupOf(name, conversationId)).toBeUndefined();
    const stranger = await connect(app, "stranger");
    const userId = await app.id(other);
    for (const [index, [event, input]] of asks(conversationId, message.id, userId).entries()) {
      const never = asks("0".repeat(24), "0".repeat(24), userId)[index]![1];
      const answer = await fay.raw(event, input);
      expect([event, answer]).toEqual([event, await stranger.raw(event, never)]);
      expect(answer.reason).toMatch(/^(CONVERSATION|MESSAGE)_NOT_FOUND$/);
    }
    const chat = await chatOf(name);
    await expect(chat.messages({ conversationId })).rejects.toMatchObject({
      reason: "CONVERSATION_NOT_FOUND",
    });
    // What they said stays for the others.
    expect(await saidTo(other, conversationId)).toMatchObject([
      { id: message.id },
      { replyTo: { id: message.id } },
    ]);
  },
);

test("nobody is added who is hidden, missing or takes no messages from who adds them, and then nobody is", async () => {
  const conversationId = await makeGroup(["gus", "hal"]);
  const chat = await chatOf("gus");
  await app.as("kim");
  await app.change("kim", suspended);
  await (await app.as("ivy")).users.update({ messagesFrom: "nobody" });
  await (await app.as("jay")).users.update({ messagesFrom: "following" });
  const [good, hidden, closed, choosy] = (await idsOf(["lea", "kim", "ivy", "jay"])) as [
    string,
    string,
    string,
    string,
  ];
  const answers = [];
  for (const bad of [hidden, "0".repeat(24)]) {
    for (const call of [
      () => chat.addMembers({ conversationId, userIds: [good, bad] }),
      () => chat.createGroup({ title: "Other", userIds: [good, bad] }),
    ]) {
      answers.push(await call().then(String, ({ message, reason }) => ({ message, reason })));
    }
  }
  expect(answers).toEqual(Array(4).fill({ message: expect.any(String), reason: "USER_NOT_FOUND" }));
  await expect(chat.addMembers({ conversationId, userIds: [good, closed, choosy] })).rejects.toMatchObject({
    reason: "FORBIDDEN",
    message: "No messages from you are taken by @ivy, @jay.",
  });
  expect((await groupOf("hal", conversationId))?.members).toHaveLength(2);
  await app.befriend("gus", "jay");
  await app.befriend("gus", "lea");
  expect((await chat.addMembers({ conversationId, userIds: [good, choosy, good] })).members).toHaveLength(4);
});

test("people who are added, groups that are made and requests that come of it are counted", async () => {
  const conversationId = await makeGroup(["max"]);
  const chat = await chatOf("max");
  for (const name of ["ned", "olga"]) {
    await chat.addMembers({ conversationId, userIds: [await app.id(name)] });
    await chat.addMembers({ conversationId, userIds: [await app.id(name)] });
  }
  expect(await (await chatOf("ned")).requests({})).toMatchObject({ items: [{ id: conversationId }] });
  const [pat] = (await idsOf(["pat"])) as [string];
  await expect(chat.addMembers({ conversationId, userIds: [pat] })).rejects.toMatchObject({
    reason: "RATE_LIMITED",
    retryAfter: expect.any(Number),
  });
  for (const name of ["quin", "rob", "sue"]) await add("max", conversationId, name);
  await app.befriend("max", "tom");
  await expect(add("max", conversationId, "tom")).rejects.toMatchObject({ reason: "RATE_LIMITED" });
  for (let made = 1; made < 4; made++) await chat.createGroup({ title: "More", userIds: [] });
  await expect(chat.createGroup({ title: "More", userIds: [] })).rejects.toMatchObject({
    reason: "RATE_LIMITED",
  });
  const max = await connect(app, "max");
  expect(await max.raw("chat:createGroup", { title: "More", userIds: [] })).toMatchObject({
    reason: "RATE_LIMITED",
  });
});

test("a group never has more than a hundred members, however many are added at once", async () => {
  const conversationId = await makeGroup(["uma"]);
  await fill(conversationId, 97);
  const names = ["full1", "full2", "full3", "full4", "full5"];
  for (const name of names) await app.befriend("uma", name);
  const answers = await Promise.allSettled(
    (await idsOf(names)).map(async (id) =>
      (await chatOf("uma")).addMembers({ conversationId, userIds: [id] }),
    ),
  );
  const refused = answers.filter((each) => each.status === "rejected").map(({ reason }) => reason.reason);
  expect(refused).toEqual(["BAD_INPUT", "BAD_INPUT"]);
  expect((await ConversationModel.findById(conversationId).lean())?.members).toHaveLength(100);
});

test("a message to a hundred takes as many round trips as one to two", async () => {
  const [few, many] = [await makeGroup(["val", "wes"]), await makeGroup(["xia", "wes"])];
  await fill(many, 100);
  const trips = [];
  for (const [name, conversationId] of [
    ["val", few],
    ["xia", many],
  ] as const) {
    const client = await connect(app, name);
    const said = () => client.say("chat:send", { clientId: clientId(), conversationId, content: "hello" });
    await said();
    client.socket.removeAllListeners();
    await app.settled();
    const writes = await roundTrips(said);
    const mine = ["update conversations", "insert messages", "update eventHeads", "insert events"];
    trips.push(writes.filter((each) => mine.includes(each)));
  }
  expect(trips[0]).toHaveLength(4);
  expect(trips[1]).toEqual(trips[0]);
});

test("what a member says while they are removed is not stored", async () => {
  const conversationId = await makeGroup(["dot", "eli"]);
  const eli = await connect(app, "eli");
  let release: () => void = () => undefined;
  const holding = inTurn([await app.id("dot")], () => new Promise<void>((resolve) => (release = resolve)));
  const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
  const removed = remove("dot", conversationId, "eli");
  await pause();
  const said = eli.raw("chat:send", { clientId: clientId(), conversationId, content: "too late" });
  await pause();
  release();
  await Promise.all([holding, removed]);
  expect(await said).toMatchObject({ ok: false, reason: "CONVERSATION_NOT_FOUND" });
  expect(await saidTo("dot", conversationId)).toEqual([]);
  expect(heardBy(eli)).toEqual(["chat:left"]);
});

test("while people are added and removed, numbers have no gaps and nobody hears what is not for them", async () => {
  const members = ["yan", "zoe", "amy", "ben"];
  const conversationId = await makeGroup(members);
  const [out, into] = [await connect(app, "amy"), await connect(app, "cid")];
  await app.befriend("yan", "cid");
  const writers = await Promise.all(["yan", "zoe", "ben"].map((name) => connect(app, name)));
  const writing = writers.map(async (writer) => {
    for (let n = 0; n < 15; n++) {
      await writer.say("chat:send", { clientId: clientId(), conversationId, content: `${n}` });
    }
  });
  const chat = await chatOf("yan");
  await vi.waitFor(() => expect(out.messages().length).toBeGreaterThan(5), slow);
  const removed = remove("yan", conversationId, "amy");
  const added = chat.addMembers({ conversationId, userIds: [await app.id("cid")] });
  await Promise.all([removed, added, ...writing]);
  const numbers = (
    await MessageModel.find({ conversationId: oid(conversationId) })
      .sort({ number: 1 })
      .lean()
  ).map(({ number }) => number);
  expect(numbers).toEqual(upTo(45));
  const yan = writers[0]!;
  await vi.waitFor(() => expect(yan.messages()).toHaveLength(45), slow);
  expect(yan.messages().map(({ message }) => message.number)).toEqual(upTo(45));
  await vi.waitFor(() => expect(into.messages().at(-1)?.message.number).toBe(45), slow);
  const heard = into.messages().map(({ message }) => message.number);
  expect(heard).toEqual(upTo(45).slice(-heard.length));
  expect(into.heard[0]?.name).toBe("chat:conversation");
  expect(await saidTo("cid", conversationId)).toHaveLength(heard.length);
  await vi.waitFor(() => expect(heardBy(out)).toContain("chat:left"), slow);
  const last = out.messages().map(({ message }) => message.number);
  expect(last).toEqual(upTo(last.length));
  expect(last.length).toBeLessThan(45);
  expect(heardBy(out).at(-1)).toBe("chat:left");
});
