import { afterEach, expect, test } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp, unlimited } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { idAt, newId, oid } from "../../platform/id";
import { ConversationModel } from "./conversation.model";
import { MessageModel } from "./message.model";

const searching = [{ points: 60, seconds: 60 }];
const app = startTestApp({ policy: { ...unlimited, limits: { ...unlimited.limits, search: searching } } });
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const chatOf = async (name: string) => (await app.as(name)).chat;
const pageOf = async (name: string, query: string, more: object = {}) =>
  (await chatOf(name)).search({ query, ...more });
const found = async (name: string, query: string, more: object = {}) =>
  (await pageOf(name, query, more)).items.map(({ content }) => content);

async function send(from: string, to: string, content: string) {
  const client = await connect(app, from);
  const input = { clientId: `search-${++clients}`, to: await app.id(to), content };
  const { message } = await client.say("chat:send", input);
  client.close();
  return message;
}

test("finds what both members wrote by its words, newest first, in all conversations or in one", async () => {
  const first = await send("alice", "bob", "Shall we have Lunch tomorrow?");
  await send("bob", "alice", "No lunch for me");
  await send("carol", "alice", "lunch, tomorrow #picnic at https://www.example.com/here");
  await send("bob", "carol", "lunch without alice");
  const [one, two, three] = [
    "Shall we have Lunch tomorrow?",
    "No lunch for me",
    "lunch, tomorrow #picnic at https://www.example.com/here",
  ];
  expect(await found("alice", "LUNCH")).toEqual([three, two, one]);
  expect(await found("alice", "tomorrow lunch")).toEqual([three, one]);
  expect(await found("alice", "#picnic")).toEqual([three]);
  expect(await found("alice", "example.com")).toEqual([three]);
  expect(await found("alice", "lunch", { conversationId: first.conversationId })).toEqual([two, one]);
  expect(await found("bob", "tomorrow")).toEqual([one]);
  expect((await pageOf("bob", "tomorrow")).items).toEqual([first]);
  const bob = await connect(app, "bob");
  expect(await bob.say("chat:search", { query: "tomorrow" })).toEqual({
    ok: true,
    items: [first],
    nextCursor: null,
  });
});

test("finds phrases as they stand, other scripts, and nothing where there is no word", async () => {
  await send("dan", "eve", "the quick brown fox");
  await send("dan", "eve", "the brown quick fox");
  await send("dan", "eve", "東京タワー and Straße");
  expect(await found("dan", '"Quick  brown" the')).toEqual(["the quick brown fox"]);
  expect(await found("dan", '"quick brown')).toEqual(["the quick brown fox"]);
  expect(await found("dan", "quick brown")).toHaveLength(2);
  expect(await found("dan", "東京 STRASSE")).toHaveLength(1);
  for (const query of ["quic", "nothing", "👍", '""', "!", "$ne", ".*", "from:dan"]) {
    expect(await found("dan", query), query).toEqual([]);
  }
});

test("finds in requests, and for the stranger who wrote it", async () => {
  const { conversationId } = await send("fay", "gus", "a stranger asks");
  expect(await found("gus", "stranger")).toEqual(["a stranger asks"]);
  expect(await found("gus", "stranger", { conversationId })).toEqual(["a stranger asks"]);
  expect(await found("fay", "stranger")).toEqual(["a stranger asks"]);
});

test("an edited message is found by its new words only", async () => {
  const { id: messageId } = await send("hal", "ivy", "by train");
  await (await chatOf("hal")).edit({ messageId, content: "by boat" });
  expect([await found("ivy", "train"), await found("ivy", "boat")]).toEqual([[], ["by boat"]]);
});

test("what is deleted, or left behind, is not found by whom it is gone for", async () => {
  const [one, two, three] = [
    await send("jay", "kim", "secret one"),
    await send("jay", "kim", "secret two"),
    await send("jay", "kim", "secret three"),
  ];
  const [jay, kim] = [await chatOf("jay"), await chatOf("kim")];
  await jay.delete({ messageId: one.id, for: "all" });
  expect((await MessageModel.findById(one.id).lean())?.terms).toEqual([]);
  await kim.delete({ messageId: two.id, for: "me" });
  expect(await found("jay", "secret")).toEqual(["secret three", "secret two"]);
  expect(await found("kim", "secret")).toEqual(["secret three"]);
  const { conversationId } = three;
  await kim.leave({ conversationId });
  expect(await found("kim", "secret")).toEqual([]);
  expect(await found("kim", "secret", { conversationId })).toEqual([]);
  await send("jay", "kim", "secret four");
  expect(await found("kim", "secret")).toEqual(["secret four"]);
  expect(await found("kim", "secret", { conversationId })).toEqual(["secret four"]);
  expect(await found("jay", "secret")).toHaveLength(3);
});

test("what people who are hidden wrote is not found, nor what was written to them", async () => {
  await send("lea", "max", "hidden words");
  const { conversationId } = await send("max", "lea", "more hidden words");
  await app.change("lea", suspended);
  expect(await pageOf("max", "hidden")).toEqual({ items: [], nextCursor: null });
  await expect(pageOf("max", "hidden", { conversationId })).rejects.toMatchObject({
    reason: "CONVERSATION_NOT_FOUND",
  });
  await app.change("lea", { suspension: null });
  expect(await found("max", "hidden")).toHaveLength(2);
});

test("conversations of others and missing ones answer alike, and staff find nothing in them", async () => {
  const { conversationId } = await send("ned", "olga", "between us");
  await app.as("pat");
  await app.setRole("pat", "admin");
  for (const name of ["pat", "quin"]) {
    const client = await connect(app, name);
    const answers = [];
    for (const id of [conversationId, "0".repeat(24)]) {
      answers.push(await client.raw("chat:search", { query: "between", conversationId: id }));
      await expect(pageOf(name, "between", { conversationId: id })).rejects.toMatchObject({
        reason: "CONVERSATION_NOT_FOUND",
      });
    }
    expect(answers[0]).toMatchObject({ ok: false, reason: "CONVERSATION_NOT_FOUND" });
    expect(answers[1]).toEqual(answers[0]);
    expect(await found(name, "between")).toEqual([]);
  }
});

test("refuses who is not signed in or not verified, and what is no search", async () => {
  await app.as("rob");
  await app.change("rob", { emailVerified: false });
  await expect(app.anonymous.chat.search({ query: "x" })).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
  await expect(pageOf("rob", "x")).rejects.toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  const sue = await chatOf("sue");
  for (const input of [
    { query: "" },
    { query: "  " },
    { query: "x".repeat(65) },
    { query: { $gt: "" } },
    { query: ["x"] },
    { query: "x", conversationId: { $ne: "" } },
    { query: "x", limit: 101 },
    {},
  ]) {
    await expect(sue.search(input as never), JSON.stringify(input)).rejects.toMatchObject({
      reason: "BAD_INPUT",
    });
  }
  await expect(sue.search({ query: "x", cursor: "nonsense" })).rejects.toMatchObject({
    reason: "BAD_CURSOR",
  });
});

test("searches count in the window of searches, by tRPC and by socket together", async () => {
  const [tom, client] = [await chatOf("tom"), await connect(app, "tom")];
  for (let n = 0; n < 15; n++) await Promise.all([tom.search({ query: "x" }), tom.search({ query: "x" })]);
  for (let n = 0; n < 30; n++) await client.say("chat:search", { query: "x" });
  await expect(tom.search({ query: "x" })).rejects.toMatchObject({ reason: "RATE_LIMITED" });
  expect(await client.raw("chat:search", { query: "x" })).toMatchObject({ reason: "RATE_LIMITED" });
});

test("a thousand conversations are searched in order, page by page, at a bounded cost", async () => {
  const [viewer, other] = [oid(await app.id("uma")), oid(await app.id("val"))];
  const start = Date.now() - 1e8;
  const conversations = Array.from({ length: 1_000 }, (_, n) => ({
    _id: newId(),
    pairKey: `many-${n}`,
    members: [
      { userId: viewer, accepted: n % 2 === 0 },
      { userId: other, accepted: true },
    ],
    lastNumber: 5,
    lastMessageAt: new Date(start + 40_000 + n),
  }));
  await ConversationModel.insertMany(conversations);
  // Each conversation's messages lie between those of the others.
  const messages = conversations.flatMap(({ _id: conversationId }, n) =>
    Array.from({ length: 5 }, (_, m) => ({
      _id: idAt(new Date(start + m * 10_000 + n)),
      conversationId,
      number: m + 1,
      senderId: other,
      clientId: `many-${n}-${m}`,
      content: "filler",
      terms: [
        "common",
        ...(n === 7 && m === 0 ? ["rare"] : []),
        ...(n % 100 === 0 && m === 2 ? ["some"] : []),
      ],
      createdAt: new Date(start + m * 10_000 + n),
    })),
  );
  await MessageModel.collection.insertMany(
    messages.map((each) => ({
      replyTo: null,
      reactions: [],
      editedAt: null,
      earlier: [],
      deletedAt: null,
      hiddenFor: [],
      ...each,
    })),
  );
  await app.settled();
  const chat = await chatOf("uma");
  const ordered = messages.toSorted((one, two) => (String(one._id) < String(two._id) ? 1 : -1));
  const costOf = async (query: string, expected: string[]) => {
    const reads = await profiled(async () => {
      expect((await chat.search({ query, limit: 10 })).items.map(({ id }) => id)).toEqual(expected);
    });
    for (const read of reads) {
      expect(read.plan, JSON.stringify(read)).toMatch(/IXSCAN|IDHACK|EXPRESS/);
      expect(read.sorted, JSON.stringify(read)).toBe(false);
    }
    const searched = reads.filter(({ collection }) => collection === "messages");
    const keys = searched.reduce((sum, { keysExamined }) => sum + keysExamined, 0);
    const docs = searched.reduce((sum, { docsExamined }) => sum + docsExamined, 0);
    return { reads: searched.length, keys, docs };
  };
  const idsWith = (term: string) =>
    ordered.filter(({ terms }) => terms.includes(term)).map(({ _id }) => String(_id));
  const common = await costOf("common", idsWith("common").slice(0, 10));
  // Nobody has written since in those that were not looked at.
  expect(common.reads).toBe(1);
  for (const cost of [
    common,
    await costOf("some", idsWith("some")),
    await costOf("rare common", idsWith("rare")),
  ]) {
    expect(cost.reads).toBeLessThanOrEqual(5);
    expect(cost.keys).toBeLessThan(300);
    expect(cost.docs).toBeLessThan(30);
  }
  const all: string[] = [];
  for (let cursor: string | undefined; all.length < 500; ) {
    const page = await chat.search({ query: "common", limit: 100, ...(cursor && { cursor }) });
    all.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  }
  expect(all).toEqual(idsWith("common").slice(0, 500));
});
