import type { Conversation, GroupRole } from "@warble/contracts";
import { afterEach, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { ConversationModel } from "./conversation.model";

const app = startTestApp();
afterEach(closeClients);

const suspended = { suspension: { reason: "spam", until: null } };
let clients = 0;
const clientId = () => `group-${++clients}`;
const chatOf = async (name: string) => (await app.as(name)).chat;
const idsOf = (names: string[]) => Promise.all(names.map((name) => app.id(name)));
const groupsOf = async (name: string) => (await (await chatOf(name)).conversations({})).items;
const requestsOf = async (name: string) => (await (await chatOf(name)).requests({})).items;
const groupOf = async (name: string, id: string) => (await groupsOf(name)).find((each) => each.id === id);
const heardBy = ({ heard }: ChatClient) => heard.map(({ name }) => name);

/** A group of friends of its owner, who comes first. */
async function makeGroup(names: string[], title = "Birds") {
  const [owner = "", ...others] = names;
  for (const name of others) await app.befriend(owner, name);
  return (await chatOf(owner)).createGroup({ title, userIds: await idsOf(others) });
}

async function send(from: string, conversationId: string, content = "hello") {
  const client = await connect(app, from);
  const { message } = await client.say("chat:send", { clientId: clientId(), conversationId, content });
  client.close();
  await app.settled();
  return message;
}

const rolesIn = async ({ roles }: Pick<Conversation, "roles">, names: string[]) => {
  const ids = await idsOf(names);
  return Object.fromEntries(roles.map(({ userId, role }) => [names[ids.indexOf(userId)] ?? userId, role]));
};

test("a group is there for all whom its owner puts in, and as a request for who does not follow the owner", async () => {
  const [alice, bob, carol] = [
    await connect(app, "alice"),
    await connect(app, "bob"),
    await connect(app, "carol"),
  ];
  await app.befriend("alice", "bob");
  const userIds = await idsOf(["bob", "carol", "bob", "alice"]);
  const { conversation } = await alice.say("chat:createGroup", { title: "  Birds \n", userIds });
  expect(conversation).toMatchObject({
    kind: "group",
    title: "Birds",
    state: "active",
    unread: 0,
    lastMessage: null,
  });
  expect(conversation.members.map(({ username }) => username)).toEqual(["alice", "bob", "carol"]);
  expect(await rolesIn(conversation, ["alice", "bob", "carol"])).toEqual({
    alice: "owner",
    bob: "member",
    carol: "member",
  });
  for (const client of [alice, bob, carol]) {
    await vi.waitFor(() => expect(client.heard).toHaveLength(1));
    expect(client.heard[0]).toMatchObject({
      name: "chat:conversation",
      data: { conversation: { id: conversation.id, state: client === carol ? "request" : "active" } },
    });
  }
  expect(await groupsOf("alice")).toEqual([conversation]);
  expect(await groupsOf("bob")).toMatchObject([{ id: conversation.id, kind: "group", title: "Birds" }]);
  expect([await groupsOf("carol"), await requestsOf("carol")]).toMatchObject([[], [{ id: conversation.id }]]);
  const accepted = await (await chatOf("carol")).accept({ conversationId: conversation.id });
  expect(accepted).toMatchObject({ id: conversation.id, state: "active" });
  expect(await groupsOf("carol")).toEqual([accepted]);
});

test("a group is a request until it is accepted or written in; to follow who writes in it accepts nothing", async () => {
  const userId = await app.id("rex");
  const { id: conversationId } = await (await chatOf("stan")).createGroup({
    title: "Birds",
    userIds: [userId],
  });
  await (await app.as("rex")).users.follow({ id: await app.id("stan") });
  await (await chatOf("stan")).setRole({ conversationId, userId, role: "admin" });
  await send("stan", conversationId);
  expect([await groupsOf("rex"), await requestsOf("rex")]).toMatchObject([
    [],
    [{ state: "request", unread: 1 }],
  ]);
  const rex = await connect(app, "rex");
  await rex.say("chat:read", { conversationId, number: 1 });
  expect((await groupOf("stan", conversationId))?.reads).toContainEqual({
    conversationId,
    userId,
    number: 0,
  });
  const rename = { conversationId, title: "Mine" };
  expect(await rex.raw("chat:rename", rename)).toMatchObject({ ok: false, reason: "FORBIDDEN" });
  await send("rex", conversationId);
  expect([await groupsOf("rex"), await requestsOf("rex")]).toMatchObject([[{ state: "active" }], []]);
  expect((await groupOf("stan", conversationId))?.reads).toContainEqual({
    conversationId,
    userId,
    number: 1,
  });
  expect(await rex.raw("chat:rename", rename)).toMatchObject({ ok: true });
});

test("what can be done in a conversation of two can be done in a group, and all members are told", async () => {
  const names = ["ann", "ben", "cat", "dee"];
  const { id: conversationId } = await makeGroup(names);
  const devices = await Promise.all(names.map((name) => connect(app, name)));
  const [ann, ben, cat] = devices as [ChatClient, ChatClient, ChatClient];
  const first = await ben.say("chat:send", { clientId: "b1", conversationId, content: "who comes?" });
  expect(await ben.say("chat:send", { clientId: "b1", conversationId, content: "who comes?" })).toEqual(
    first,
  );
  const replyTo = first.message.id;
  const answer = { clientId: "c1", conversationId, content: "me", replyTo };
  const { message } = await cat.say("chat:send", answer);
  expect(message).toMatchObject({ number: 2, replyTo: { id: replyTo, content: "who comes?" } });
  for (const each of devices) await vi.waitFor(() => expect(each.messages()).toHaveLength(2));
  await app.settled();
  await ann.say("chat:read", { conversationId, number: 2 });
  await ann.say("chat:react", { messageId: replyTo, emoji: "👍" });
  await cat.say("chat:delivered", { conversationId, number: 1 });
  await cat.say("chat:edit", { messageId: message.id, content: "me too" });
  await cat.say("chat:typing", { conversationId });
  const last = await cat.say("chat:send", { clientId: "c2", conversationId, content: "oh" });
  await cat.say("chat:delete", { messageId: last.message.id, for: "all" });
  const told = ["read", "updated", "delivered", "updated", "message", "deleted"].map(
    (name) => `chat:${name}`,
  );
  for (const each of [ann, ben]) {
    await vi.waitFor(() => expect(heardBy(each)).toContain("chat:deleted"));
    const names = heardBy(each).filter((name) => name !== "chat:typing");
    expect(names.slice(2)).toEqual(told);
    expect(heardBy(each)).toContain("chat:typing");
  }
  expect(heardBy(cat)).not.toContain("chat:typing");
  const group = await groupOf("dee", conversationId);
  expect(group).toMatchObject({ unread: 2, lastMessage: { number: 3, deleted: true } });
  expect(group?.reads).toContainEqual({ conversationId, userId: await app.id("ann"), number: 2 });
  const page = await (await chatOf("dee")).messages({ conversationId });
  expect(page.items.map(({ content }) => content)).toEqual(["", "me too", "who comes?"]);
  expect(page.items[2]?.reactions).toEqual([{ emoji: "👍", userIds: await idsOf(["ann"]) }]);
  expect(await (await chatOf("dee")).unreadCount()).toEqual({ count: 2, more: false });
  await (await chatOf("dee")).mute({ conversationId });
  expect(await (await chatOf("dee")).unreadCount()).toEqual({ count: 0, more: false });
});

test("all members are told of the newest message that they have not read, but not who muted it or has not accepted it", async () => {
  for (const name of ["flo", "gil"]) await app.befriend("eli", name);
  const userIds = await idsOf(["flo", "gil", "hugo"]);
  const { id: conversationId } = await (await chatOf("eli")).createGroup({ title: "News", userIds });
  await (await chatOf("gil")).mute({ conversationId });
  await send("eli", conversationId);
  await send("eli", conversationId);
  const toldOf = async (name: string) => (await (await app.as(name)).notifications.list({})).items;
  expect(await toldOf("flo")).toMatchObject([{ type: "message", conversationId, read: false }]);
  for (const name of ["eli", "gil", "hugo"]) expect(await toldOf(name)).toEqual([]);
  await (await chatOf("flo")).leave({ conversationId });
  await app.settled();
  expect(await toldOf("flo")).toMatchObject([{ conversationId, read: true }]);
});

const MAY: Record<string, GroupRole[]> = {
  rename: ["owner", "admin"],
  add: ["owner", "admin"],
  "remove a member": ["owner", "admin"],
  "remove an admin": ["owner"],
  "remove the owner": [],
  "make an admin": ["owner"],
  "unmake an admin": ["owner"],
  "hand it over": ["owner"],
};

test("each role may do what it may, over both ways, and nothing else", async () => {
  const actors = { owner: "ida", admin: "joe", member: "kay" } as const;
  const { id: conversationId } = await makeGroup([...Object.values(actors), "liz", "moe"]);
  const [ida, joe, liz, moe, new1] = await idsOf(["ida", "joe", "liz", "moe", "new1"]);
  const owner = await chatOf("ida");
  for (const userId of [joe!, liz!]) await owner.setRole({ conversationId, userId, role: "admin" });
  for (const name of Object.values(actors)) await app.befriend(name, "new1");
  const before = (await ConversationModel.findById(conversationId).lean())!;
  const acts: Record<string, [event: string, input: object]> = {
    rename: ["rename", { conversationId, title: "New" }],
    add: ["addMembers", { conversationId, userIds: [new1] }],
    "remove a member": ["removeMember", { conversationId, userId: moe }],
    "remove an admin": ["removeMember", { conversationId, userId: liz }],
    "remove the owner": ["removeMember", { conversationId, userId: ida }],
    "make an admin": ["setRole", { conversationId, userId: moe, role: "admin" }],
    "unmake an admin": ["setRole", { conversationId, userId: liz, role: "member" }],
    "hand it over": ["setRole", { conversationId, userId: moe, role: "owner" }],
  };
  for (const [role, name] of Object.entries(actors)) {
    const [client, chat] = [await connect(app, name), await chatOf(name)];
    for (const [act, [event, input]] of Object.entries(acts)) {
      if (name === "ida" && act === "remove the owner") continue;
      const over = {
        socket: () => client.raw(`chat:${event}`, input),
        calls: () =>
          (chat[event as "rename"] as (input: object) => Promise<object>)(input).then(
            () => ({ ok: true, reason: undefined }),
            ({ reason }) => ({ ok: false, reason }),
          ),
      };
      for (const [way, ask] of Object.entries(over)) {
        const answer = await ask();
        const may = MAY[act]?.includes(role as GroupRole) ?? false;
        expect([act, role, way, answer.ok, answer.reason]).toEqual([
          act,
          role,
          way,
          may,
          may ? undefined : "FORBIDDEN",
        ]);
        await ConversationModel.replaceOne({ _id: before._id }, before);
      }
    }
    client.close();
  }
});

test("roles are set, and the group is handed over; all are told", async () => {
  const names = ["nan", "oli", "pam"];
  const { id: conversationId } = await makeGroup(names);
  const [nan, oli] = [await connect(app, "nan"), await connect(app, "oli")];
  const [nanId, oliId, pamId] = (await idsOf(names)) as [string, string, string];
  const set = async (client: ChatClient, userId: string, role: GroupRole) =>
    rolesIn((await client.say("chat:setRole", { conversationId, userId, role })).conversation, names);
  expect(await set(nan, oliId, "admin")).toEqual({ nan: "owner", oli: "admin", pam: "member" });
  expect(await set(nan, oliId, "admin")).toEqual({ nan: "owner", oli: "admin", pam: "member" });
  expect(await set(nan, oliId, "owner")).toEqual({ nan: "admin", oli: "owner", pam: "member" });
  expect(await nan.raw("chat:setRole", { conversationId, userId: pamId, role: "admin" })).toMatchObject({
    reason: "FORBIDDEN",
  });
  expect(await set(oli, nanId, "member")).toEqual({ nan: "member", oli: "owner", pam: "member" });
  for (const each of [nan, oli]) {
    await vi.waitFor(() => expect(heardBy(each)).toEqual(Array(3).fill("chat:conversation")));
  }
  const chat = await chatOf("oli");
  await expect(chat.setRole({ conversationId, userId: oliId, role: "member" })).rejects.toMatchObject({
    reason: "SELF_TARGET",
  });
  await expect(chat.removeMember({ conversationId, userId: oliId })).rejects.toMatchObject({
    reason: "SELF_TARGET",
  });
  await app.change("pam", suspended);
  for (const userId of [pamId, await app.id("stranger"), "0".repeat(24)]) {
    await expect(chat.setRole({ conversationId, userId, role: "admin" })).rejects.toMatchObject({
      reason: "USER_NOT_FOUND",
    });
    expect(await chat.removeMember({ conversationId, userId })).toMatchObject({ id: conversationId });
  }
  await app.change("pam", { suspension: null });
  expect((await groupOf("pam", conversationId))?.roles).toHaveLength(3);
});

test("a new title is told to all, the same one to nobody", async () => {
  const { id: conversationId } = await makeGroup(["quin", "rob"]);
  const rob = await connect(app, "rob");
  const quin = await chatOf("quin");
  expect(await quin.rename({ conversationId, title: " Fish " })).toMatchObject({ title: "Fish" });
  expect(await quin.rename({ conversationId, title: "Fish" })).toMatchObject({ title: "Fish" });
  expect(await groupOf("rob", conversationId)).toMatchObject({ title: "Fish" });
  await send("quin", conversationId);
  await vi.waitFor(() => expect(heardBy(rob)).toEqual(["chat:conversation", "chat:message"]));
});

test("after its owner, the longest-serving admin owns a group, else the longest-serving member, else nobody", async () => {
  const names = ["sue", "tom", "uma", "val"];
  const { id: conversationId } = await makeGroup(names);
  await (await chatOf("sue")).setRole({ conversationId, userId: await app.id("uma"), role: "admin" });
  await (await chatOf("sue")).leave({ conversationId });
  expect(await rolesIn((await groupOf("tom", conversationId))!, names)).toEqual({
    tom: "member",
    uma: "owner",
    val: "member",
  });
  await (await chatOf("uma")).leave({ conversationId });
  expect(await rolesIn((await groupOf("val", conversationId))!, names)).toEqual({
    tom: "owner",
    val: "member",
  });
  for (const name of ["tom", "val"]) await (await chatOf(name)).leave({ conversationId });
  expect((await ConversationModel.findById(conversationId).lean())?.members).toEqual([]);
});

test("the same clientId is the same group, also at once, and only for who made it", async () => {
  await app.befriend("wes", "xia");
  const input = { title: "Once", userIds: await idsOf(["xia"]), clientId: "mine" };
  const chat = await chatOf("wes");
  const made = await Promise.all(Array.from({ length: 5 }, () => chat.createGroup(input)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(await groupsOf("wes")).toHaveLength(1);
  await app.befriend("yan", "xia");
  expect((await (await chatOf("yan")).createGroup(input)).id).not.toBe(made[0]?.id);
  await chat.leave({ conversationId: made[0]!.id });
  await expect(chat.createGroup(input)).rejects.toMatchObject({ reason: "CONVERSATION_NOT_FOUND" });
});

test("refuses what is no group, and who may not make one", async () => {
  const chat = await chatOf("zoe");
  const good = { title: "Good", userIds: [] as string[] };
  const bad = [
    { ...good, title: "" },
    { ...good, title: " \n\t " },
    { ...good, title: "x".repeat(81) },
    { ...good, title: "a\0b" },
    { ...good, title: { $gt: "" } },
    { ...good, userIds: ["zoe"] },
    { ...good, userIds: Array.from({ length: 100 }, (_, n) => String(n).padStart(24, "0")) },
    { ...good, userIds: { $ne: null } },
    { ...good, clientId: "" },
    { ...good, kind: "direct" },
  ];
  for (const input of bad) {
    await expect(chat.createGroup(input as never), JSON.stringify(input)).rejects.toMatchObject({
      reason: "BAD_INPUT",
    });
  }
  expect(await groupsOf("zoe")).toEqual([]);
  expect(await chat.createGroup({ ...good, title: "🦜".repeat(80) })).toMatchObject({
    members: [{ username: "zoe" }],
  });
  const { id: conversationId } = await chat.start({ userId: await app.id("bob") });
  for (const call of [
    () => chat.rename({ conversationId, title: "no" }),
    () => chat.addMembers({ conversationId, userIds: [] }),
  ]) {
    await expect(call()).rejects.toMatchObject({ reason: "FORBIDDEN" });
  }
  await app.as("una");
  await app.change("una", { emailVerified: false });
  for (const [anyone, reason] of [
    [app.anonymous.chat, "NOT_SIGNED_IN"],
    [await chatOf("una"), "EMAIL_NOT_VERIFIED"],
  ] as const) {
    const userId = await app.id("zoe");
    for (const call of [
      () => anyone.createGroup(good),
      () => anyone.rename({ conversationId, title: "no" }),
      () => anyone.addMembers({ conversationId, userIds: [userId] }),
      () => anyone.removeMember({ conversationId, userId }),
      () => anyone.setRole({ conversationId, userId, role: "admin" }),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason });
    }
  }
});

test("a pair's conversation is found by its index, which groups are not in", async () => {
  await makeGroup(["ace", "bea"]);
  await makeGroup(["ace", "bea"]);
  const userId = await app.id("bea");
  const chat = await chatOf("ace");
  await chat.start({ userId });
  const reads = await profiled(() => chat.start({ userId }));
  const plans = reads.filter(({ collection }) => collection === "conversations").map(({ plan }) => plan);
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) expect(plan).toContain("pairKey");
});
