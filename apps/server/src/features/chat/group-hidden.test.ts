import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { messageSent } from "./message-send.service";

const app = startTestApp();
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const clientId = () => `hidden-${++clients}`;
const chatOf = async (name: string) => (await app.as(name)).chat;
const groupsOf = async (name: string) => (await (await chatOf(name)).conversations({})).items;
const saidTo = async (name: string, conversationId: string) =>
  (await (await chatOf(name)).messages({ conversationId })).items;
const toldOf = async (name: string) => (await (await app.as(name)).notifications.list({})).items;

async function makeGroup(names: string[]): Promise<string> {
  const [owner = "", ...others] = names;
  for (const name of others) await app.befriend(owner, name);
  const userIds = await Promise.all(others.map((name) => app.id(name)));
  return (await (await chatOf(owner)).createGroup({ title: "Birds", userIds })).id;
}

async function send(from: string, conversationId: string, more: { content?: string; replyTo?: string } = {}) {
  const client = await connect(app, from);
  const input = { clientId: clientId(), conversationId, content: "hello", ...more };
  const { message } = await client.say("chat:send", input);
  client.close();
  await app.settled();
  return message;
}

test("a group goes on without somebody hidden, and nothing of them is shown, live or later", async () => {
  const names = ["alice", "bob", "mallory"];
  const conversationId = await makeGroup(names);
  const first = await send("bob", conversationId, { content: "first" });
  const bad = await send("mallory", conversationId, { content: "bad" });
  const answer = await send("alice", conversationId, { content: "answer", replyTo: bad.id });
  const mallory = await chatOf("mallory");
  await mallory.react({ messageId: first.id, emoji: "👎" });
  await (await chatOf("alice")).react({ messageId: first.id, emoji: "👍" });
  const client = await connect(app, "mallory");
  await client.say("chat:read", { conversationId, number: 3 });
  await send("mallory", conversationId, { content: "last" });
  expect(await groupsOf("bob")).toMatchObject([{ unread: 3, lastMessage: { content: "last" } }]);
  const malloryId = await app.id("mallory");

  await app.change("mallory", suspended);
  const [group] = await groupsOf("bob");
  const seen = { ...answer, replyTo: null };
  expect(group).toMatchObject({ unread: 1, lastMessage: seen });
  expect(group?.members.map(({ username }) => username)).toEqual(["alice", "bob"]);
  expect(JSON.stringify(group)).not.toContain(malloryId);
  expect(await (await chatOf("bob")).unreadCount()).toEqual({ count: 1, more: false });
  const shown = { ...first, reactions: [{ emoji: "👍", userIds: [await app.id("alice")] }] };
  expect(await saidTo("bob", conversationId)).toEqual([seen, shown]);
  expect((await (await chatOf("bob")).search({ query: "bad" })).items).toEqual([]);
  expect((await (await chatOf("bob")).search({ query: "answer" })).items).toEqual([seen]);
  const bob = await connect(app, "bob");
  await bob.say("chat:resume", { lastEvent: 0 });
  await vi.waitFor(() => expect(bob.messages().map(({ message }) => message.number)).toEqual([1, 3]));
  expect(JSON.stringify(bob.heard)).not.toContain(malloryId);
  for (const [event, input] of [
    ["chat:react", { messageId: bad.id, emoji: "👍" }],
    ["chat:delete", { messageId: bad.id, for: "me" }],
    ["chat:delete", { messageId: bad.id, for: "all" }],
    ["chat:send", { clientId: clientId(), conversationId, content: "x", replyTo: bad.id }],
  ] as const) {
    const never = {
      ...input,
      ...("messageId" in input ? { messageId: "0".repeat(24) } : { replyTo: "0".repeat(24) }),
    };
    expect(await bob.raw(event, input)).toEqual(await bob.raw(event, never));
  }
  expect(await bob.say("chat:react", { messageId: first.id, emoji: "🐦" })).toMatchObject({
    message: { reactions: [{ emoji: "👍" }, { emoji: "🐦" }] },
  });
  const next = await send("alice", conversationId, { content: "next" });
  expect(next.number).toBe(5);
  await bob.say("chat:read", { conversationId, number: 3 });
  expect(await groupsOf("bob")).toMatchObject([{ unread: 1, lastMessage: next }]);

  await app.change("mallory", { suspension: null });
  expect((await saidTo("bob", conversationId)).map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
  // What they wrote meanwhile, and bob could not read, is still to be read.
  expect(await groupsOf("bob")).toMatchObject([{ unread: 2, roles: [{}, {}, {}] }]);
});

test("what somebody hidden said stays hidden once they have left, and is no news", async () => {
  const conversationId = await makeGroup(["carol", "dan", "mal"]);
  const first = await send("carol", conversationId, { content: "first" });
  for (const content of ["bad", "worse"]) await send("mal", conversationId, { content });
  await (await chatOf("mal")).leave({ conversationId });
  expect((await saidTo("dan", conversationId)).map(({ number }) => number)).toEqual([3, 2, 1]);
  await app.change("mal", suspended);
  expect(await saidTo("dan", conversationId)).toEqual([first]);
  expect(await groupsOf("dan")).toMatchObject([{ lastMessage: first, members: [{}, {}] }]);
});

test("who has not read is told of the newest message of somebody whom they may see", async () => {
  const conversationId = await makeGroup(["eve", "fay", "guy"]);
  await (await chatOf("fay")).mute({ conversationId });
  await send("eve", conversationId);
  await send("guy", conversationId);
  await app.change("guy", suspended);
  await (await chatOf("fay")).unmute({ conversationId });
  expect(await toldOf("fay")).toEqual([]);
  await app.running.app.jobs.emit(messageSent, { conversationId });
  await app.settled();
  expect(await toldOf("fay")).toMatchObject([
    { type: "message", actor: { username: "eve" }, conversationId },
  ]);
});

test("an owner who leaves is not followed by somebody whom they may not see", async () => {
  const conversationId = await makeGroup(["hal", "ivy", "jay"]);
  await (await chatOf("hal")).setRole({ conversationId, userId: await app.id("ivy"), role: "admin" });
  await app.change("ivy", suspended);
  await (await chatOf("hal")).leave({ conversationId });
  expect((await groupsOf("jay"))[0]?.roles).toEqual([{ userId: await app.id("jay"), role: "owner" }]);
});
