import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { MessageModel } from "./message.model";

const app = startTestApp();
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const clientId = () => `client-${++clients}`;

/** Sends to a friend, without a socket of one's own staying open. */
async function send(from: string, to: string, content = "hello") {
  await app.befriend(from, to);
  const client = await connect(app, from);
  const { message } = await client.say("chat:send", { clientId: clientId(), to: await app.id(to), content });
  client.close();
  // Until its notification is in the log, too: the tests count events.
  await app.settled();
  return message;
}

const start = async (one: string, other: string) =>
  (await app.as(one)).chat.start({ userId: await app.id(other) });

test("a message reaches every device of both members, stored and numbered", async () => {
  const alice = await connect(app, "alice");
  const tablet = await connect(app, "alice");
  const bob = await connect(app, "bob");
  const { message } = await alice.say("chat:send", {
    clientId: "a1",
    to: await app.id("bob"),
    content: "hi",
  });
  expect(message).toMatchObject({
    number: 1,
    clientId: "a1",
    senderId: await app.id("alice"),
    content: "hi",
  });
  for (const client of [alice, tablet, bob]) {
    await vi.waitFor(() => expect(client.messages()).toHaveLength(1));
    expect(client.messages()[0]).toEqual({ message, event: client.ready + 2 });
    expect(client.heard.map(({ name }) => name)).toEqual(["chat:conversation", "chat:message"]);
  }
  const page = await (await app.as("bob")).chat.messages({ conversationId: message.conversationId });
  expect(page).toEqual({ items: [message], nextCursor: null });
});

test("two people have one conversation, whoever starts it and however often at once", async () => {
  const started = await Promise.all([
    ...Array.from({ length: 5 }, () => start("ann", "ben")),
    ...Array.from({ length: 5 }, () => start("ben", "ann")),
  ]);
  expect(new Set(started.map(({ id }) => id)).size).toBe(1);
  expect(started[0]).toMatchObject({ lastMessage: null, unread: 0, state: "active" });
  expect(started[0]?.members.map(({ username }) => username).sort()).toEqual(["ann", "ben"]);
});

test("the same clientId answers the same message, also at once and after coming back", async () => {
  const one = await connect(app, "carol");
  const two = await connect(app, "carol");
  const input = { clientId: "same", to: await app.id("dan"), content: "once" };
  const answers = await Promise.all(
    [one, two, one, two, one].map((client) => client.say("chat:send", input)),
  );
  one.close();
  const again = await connect(app, "carol");
  answers.push(await again.say("chat:send", input));
  const { id, conversationId } = answers[0]!.message;
  answers.push(await again.say("chat:send", { clientId: "same", conversationId, content: "once" }));
  expect(new Set(answers.map(({ message }) => message.id))).toEqual(new Set([id]));
  expect((await (await app.as("dan")).chat.messages({ conversationId })).items).toHaveLength(1);
});

test("a clientId of another message is refused, and another sender may use it too", async () => {
  const carol = await connect(app, "carol");
  const dan = await connect(app, "dan");
  const input = { clientId: "taken", to: await app.id("dan"), content: "one" };
  const { message } = await carol.say("chat:send", input);
  for (const other of [{ content: "two" }, { to: await app.id("bob") }]) {
    expect(await carol.raw("chat:send", { ...input, ...other })).toMatchObject({
      ok: false,
      reason: "BAD_INPUT",
      issues: [{ path: ["clientId"] }],
    });
  }
  const answer = await dan.say("chat:send", { ...input, to: await app.id("carol") });
  expect(answer.message.id).not.toBe(message.id);
  const crossed = await dan.raw("chat:send", { clientId: "new", to: await app.id("dan"), content: "x" });
  expect(crossed.reason).toBe("SELF_TARGET");
});

test("fifty messages sent at once are numbered without a gap, in the order of everybody's log", async () => {
  const { id: conversationId } = await start("eve", "fay");
  const devices = await Promise.all(["eve", "eve", "eve", "fay", "fay"].map((name) => connect(app, name)));
  const watcher = await connect(app, "fay");
  const sent = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      devices[index % 5]!.say("chat:send", { clientId: `at-once-${index}`, conversationId, content: "x" }),
    ),
  );
  const numbers = sent.map(({ message }) => message.number).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  await vi.waitFor(() => expect(watcher.messages()).toHaveLength(50), 60_000);
  expect(watcher.messages().map(({ message }) => message.number)).toEqual(numbers);
  const events = watcher.messages().map(({ event }) => event);
  expect(events).toEqual([...events].sort((a, b) => a - b));
}, 120_000);

test("messages of one device are numbered in the order in which it said them", async () => {
  const { id: conversationId } = await start("gus", "hal");
  const gus = await connect(app, "gus");
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      gus.say("chat:send", { clientId: clientId(), conversationId, content: String(index) }),
    ),
  );
  expect(sent.map(({ message }) => message.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("history is read backwards from the newest, from before a number, or forwards after one", async () => {
  const { id: conversationId } = await start("gus", "hal");
  const hal = await app.as("hal");
  const numbers = async (input: object) => {
    const found: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await hal.chat.messages({ conversationId, limit: 4, ...input, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ number }) => number));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return found;
  };
  expect(await numbers({})).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await numbers({ before: 6 })).toEqual([5, 4, 3, 2, 1]);
  expect(await numbers({ after: 6 })).toEqual([7, 8, 9, 10]);
  expect(await numbers({ after: 2, before: 9 })).toEqual([3, 4, 5, 6, 7, 8]);
  const socket = await connect(app, "hal");
  const page = await socket.say("chat:history", { conversationId, after: 8 });
  expect(page.items.map(({ number }) => number)).toEqual([9, 10]);
  await expect(hal.chat.messages({ conversationId, cursor: "nonsense" })).rejects.toMatchObject({
    reason: "BAD_CURSOR",
  });
});

test("conversations are listed with the newest words first, page by page", async () => {
  for (const name of ["bob", "carol", "dan", "eve", "fay"]) await send(name, "ivy", `from ${name}`);
  await send("carol", "ivy", "again");
  const ivy = await app.as("ivy");
  const first = await ivy.chat.conversations({ limit: 2 });
  expect(first.items.map(({ lastMessage }) => lastMessage?.content)).toEqual(["again", "from fay"]);
  expect(first.items[0]?.unread).toBe(2);
  const rest = await ivy.chat.conversations({ limit: 3, cursor: first.nextCursor! });
  expect(rest.items.map(({ lastMessage }) => lastMessage?.content)).toEqual(
    ["eve", "dan", "bob"].map((name) => `from ${name}`),
  );
  expect(rest.nextCursor).toBeNull();
  const socket = await connect(app, "ivy");
  const { ok, ...page } = await socket.say("chat:conversations", { limit: 2 });
  expect({ ok, page }).toEqual({ ok: true, page: first });
});

test("read marks move forward only, up to the newest message, and are told when they move", async () => {
  const first = await send("jay", "kim");
  for (let count = 0; count < 3; count++) await send("jay", "kim");
  await send("kim", "jay", "mine do not count");
  await app.settled();
  const { conversationId } = first;
  const kim = await app.as("kim");
  const unread = async () => (await kim.chat.conversations({})).items[0]?.unread;
  expect([await unread(), await kim.chat.unreadCount()]).toEqual([4, { count: 4, more: false }]);
  const jay = await connect(app, "jay");
  const device = await connect(app, "kim");
  const marks: number[] = [];
  for (const number of [2, 1, 2, 3, 999, 4]) {
    marks.push((await device.say("chat:read", { conversationId, number })).number);
  }
  expect(marks).toEqual([2, 2, 2, 3, 5, 5]);
  expect([await unread(), await kim.chat.unreadCount()]).toEqual([0, { count: 0, more: false }]);
  const userId = await app.id("kim");
  for (const client of [jay, device]) {
    await vi.waitFor(() => expect(client.heard).toHaveLength(3));
    expect(client.heard.map(({ data }) => data)).toEqual(
      [2, 3, 5].map((number, index) => ({ conversationId, userId, number, event: client.ready + 1 + index })),
    );
  }
  const [conversation] = (await (await app.as("jay")).chat.conversations({})).items;
  expect(conversation?.reads).toContainEqual({ conversationId, userId, number: 5 });
});

test("typing is told to the other member while they are there, and to nobody else", async () => {
  const { conversationId } = await send("lea", "max");
  await app.settled();
  const [lea, max, bob] = await Promise.all(["lea", "max", "bob"].map((name) => connect(app, name)));
  await lea!.say("chat:typing", { conversationId });
  await vi.waitFor(() => expect(max!.heard).toHaveLength(1));
  expect(max!.heard[0]).toEqual({
    name: "chat:typing",
    data: { conversationId, userId: await app.id("lea") },
  });
  expect(await bob!.raw("chat:typing", { conversationId })).toMatchObject({
    reason: "CONVERSATION_NOT_FOUND",
  });
  expect([lea!.heard, bob!.heard, max!.heard.length]).toEqual([[], [], 1]);
});

test("nobody writes to themselves, to nobody, or to somebody hidden", async () => {
  const ned = await connect(app, "ned");
  const caller = await app.as("ned");
  await app.as("olga");
  await app.change("olga", suspended);
  const to = { self: await app.id("ned"), hidden: await app.id("olga"), missing: "0".repeat(24) };
  const answers = await Promise.all(
    Object.values(to).map((userId) =>
      ned.raw("chat:send", { clientId: clientId(), to: userId, content: "x" }),
    ),
  );
  expect(answers.map(({ reason }) => reason)).toEqual(["SELF_TARGET", "USER_NOT_FOUND", "USER_NOT_FOUND"]);
  expect(answers[1]).toEqual(answers[2]);
  await expect(caller.chat.start({ userId: to.self })).rejects.toMatchObject({ reason: "SELF_TARGET" });
  for (const userId of [to.hidden, to.missing]) {
    await expect(caller.chat.start({ userId })).rejects.toMatchObject({ reason: "USER_NOT_FOUND" });
  }
});

test("a conversation of others, one that is missing and one with a hidden member answer alike", async () => {
  const theirs = await start("alice", "bob");
  await send("pat", "quin", "secret");
  const hidden = await start("pat", "quin");
  await app.change("quin", suspended);
  const pat = await connect(app, "pat");
  const caller = await app.as("pat");
  const refused = [];
  for (const conversationId of [theirs.id, hidden.id, "0".repeat(24)]) {
    refused.push([
      await pat.raw("chat:history", { conversationId }),
      await pat.raw("chat:read", { conversationId, number: 1 }),
      await pat.raw("chat:typing", { conversationId }),
      await pat.raw("chat:send", { clientId: clientId(), conversationId, content: "x" }),
      await caller.chat.messages({ conversationId }).then(
        () => ({ message: "shown", reason: "" }),
        ({ message, reason }) => ({ message, reason }),
      ),
    ]);
  }
  expect(refused[0]).toEqual(refused[2]);
  expect(refused[1]).toEqual(refused[2]);
  expect(refused[0]?.map(({ reason }) => reason)).toEqual(Array(5).fill("CONVERSATION_NOT_FOUND"));
  expect(await caller.chat.conversations({})).toEqual({ items: [], nextCursor: null });
  await app.change("quin", { suspension: null });
  expect((await caller.chat.conversations({})).items).toHaveLength(1);
});

test("unread messages of somebody hidden are not counted", async () => {
  await send("rob", "sue");
  const sue = await app.as("sue");
  expect(await sue.chat.unreadCount()).toEqual({ count: 1, more: false });
  await app.change("rob", suspended);
  expect(await sue.chat.unreadCount()).toEqual({ count: 0, more: false });
});

test("who is not signed in or not verified is refused everything", async () => {
  const { id: conversationId } = await start("alice", "bob");
  const userId = await app.id("bob");
  await app.as("tom");
  await app.change("tom", { emailVerified: false });
  for (const [caller, reason] of [
    [app.anonymous.chat, "NOT_SIGNED_IN"],
    [(await app.as("tom")).chat, "EMAIL_NOT_VERIFIED"],
  ] as const) {
    await expect(caller.conversations({})).rejects.toMatchObject({ reason });
    await expect(caller.messages({ conversationId })).rejects.toMatchObject({ reason });
    await expect(caller.unreadCount()).rejects.toMatchObject({ reason });
    await expect(caller.start({ userId })).rejects.toMatchObject({ reason });
  }
  const tom = await connect(app, "tom");
  for (const [event, input] of [
    ["chat:send", { clientId: "t", to: userId, content: "x" }],
    ["chat:history", { conversationId }],
    ["chat:conversations", {}],
    ["chat:resume", { lastEvent: 0 }],
  ] as const) {
    expect(await tom.raw(event, input)).toMatchObject({ ok: false, reason: "EMAIL_NOT_VERIFIED" });
  }
});

test("refuses what is not a message", async () => {
  const alice = await connect(app, "alice");
  const good = { clientId: "good", to: await app.id("bob"), content: "good" };
  const bad = [
    { ...good, content: "" },
    { ...good, content: " \n\t" },
    { ...good, content: "x".repeat(1001) },
    { ...good, content: "\ud800" },
    { ...good, content: "a\0b" },
    { ...good, content: { $gt: "" } },
    { ...good, clientId: "" },
    { ...good, clientId: "x".repeat(65) },
    { ...good, to: undefined },
    { ...good, to: { $ne: null } },
    { ...good, to: "bob" },
    { ...good, conversationId: "0".repeat(24) },
    { ...good, senderId: await app.id("bob") },
  ];
  for (const input of bad) {
    expect(await alice.raw("chat:send", input), JSON.stringify(input)).toMatchObject({ reason: "BAD_INPUT" });
  }
  expect(await MessageModel.countDocuments({ clientId: "good" })).toBe(0);
  const { message } = await alice.say("chat:send", { ...good, content: "🦜".repeat(1000) });
  expect([...message.content]).toHaveLength(1000);
});
