import type {
  Comment,
  Conversation,
  Message,
  Notification,
  Page,
  Passkey,
  PasskeyCreation,
  Session,
  Tweet,
} from "@warble/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { appRouter } from "../../src/app";
import { Authenticator } from "../authenticator";
import { startTestApp } from "../harness";
import { closeStreams, stream as openStream } from "../stream-client";
import { closeClients, type Person, visit } from "./client";

const app = startTestApp();
const { call, ask, everybody, chat } = visit(app);
afterAll(() => {
  closeClients();
  closeStreams();
});

/** What somebody has, by id. */
interface Things {
  user: string;
  tweet: string;
  comment: string;
  session: string;
  passkey: string;
  conversation: string;
  message: string;
  notification: string;
}

const LAST = "thatisall";
const MISSING = "0".repeat(24);
const NOTHING: Things = {
  user: MISSING,
  tweet: MISSING,
  comment: MISSING,
  session: MISSING,
  passkey: MISSING,
  conversation: MISSING,
  message: MISSING,
  notification: MISSING,
};

type Row = [input: (of: Things) => object, answer: "open" | string];

const tweet = (of: Things) => ({ id: of.tweet });
const comment = (of: Things) => ({ id: of.comment });
const user = (of: Things) => ({ id: of.user });
const conversation = (of: Things) => ({ conversationId: of.conversation });

/** Every procedure that takes an id, and what it says to somebody whose thing it is not. */
const BY_ID: Record<string, Row[]> = {
  "auth.removePasskey": [[(of) => ({ id: of.passkey }), "PASSKEY_NOT_FOUND"]],
  "auth.revokeSession": [[(of) => ({ id: of.session }), "SESSION_NOT_FOUND"]],
  "chat.accept": [[conversation, "CONVERSATION_NOT_FOUND"]],
  "chat.addMembers": [
    [(of) => ({ conversationId: of.conversation, userIds: [of.user] }), "CONVERSATION_NOT_FOUND"],
  ],
  "chat.createGroup": [[(of) => ({ title: "Birds", userIds: [of.user] }), "open"]],
  "chat.delete": [
    [(of) => ({ messageId: of.message, for: "me" }), "MESSAGE_NOT_FOUND"],
    [(of) => ({ messageId: of.message, for: "all" }), "MESSAGE_NOT_FOUND"],
  ],
  "chat.edit": [[(of) => ({ messageId: of.message, content: "changed" }), "MESSAGE_NOT_FOUND"]],
  "chat.leave": [[conversation, "CONVERSATION_NOT_FOUND"]],
  "chat.messages": [[conversation, "CONVERSATION_NOT_FOUND"]],
  "chat.mute": [[conversation, "CONVERSATION_NOT_FOUND"]],
  "chat.react": [[(of) => ({ messageId: of.message, emoji: "\u{1F426}" }), "MESSAGE_NOT_FOUND"]],
  "chat.search": [
    [(of) => ({ query: "private", conversationId: of.conversation }), "CONVERSATION_NOT_FOUND"],
  ],
  "chat.removeMember": [
    [(of) => ({ conversationId: of.conversation, userId: of.user }), "CONVERSATION_NOT_FOUND"],
  ],
  "chat.rename": [
    [(of) => ({ conversationId: of.conversation, title: "Changed" }), "CONVERSATION_NOT_FOUND"],
  ],
  "chat.setRole": [
    [(of) => ({ conversationId: of.conversation, userId: of.user, role: "admin" }), "CONVERSATION_NOT_FOUND"],
  ],
  "chat.start": [[(of) => ({ userId: of.user }), "open"]],
  "chat.unmute": [[conversation, "CONVERSATION_NOT_FOUND"]],
  "comments.create": [
    [(of) => ({ tweetId: of.tweet, content: "hello" }), "open"],
    [(of) => ({ tweetId: of.tweet, parentId: of.comment, content: "hello" }), "open"],
  ],
  "comments.delete": [[comment, "FORBIDDEN"]],
  "comments.get": [[comment, "open"]],
  "comments.hide": [[comment, "FORBIDDEN"]],
  "comments.like": [[comment, "open"]],
  "comments.list": [[(of) => ({ tweetId: of.tweet }), "open"]],
  "comments.replies": [[comment, "open"]],
  "comments.thread": [[comment, "open"]],
  "comments.unhide": [[comment, "FORBIDDEN"]],
  "comments.unlike": [[comment, "open"]],
  "comments.update": [[(of) => ({ id: of.comment, content: "changed" }), "FORBIDDEN"]],
  "moderation.appeal": [[(of) => ({ strikeId: of.user, text: "No" }), "STRIKE_NOT_FOUND"]],
  "moderation.assign": [[(of) => ({ reportId: of.tweet, to: of.user }), "FORBIDDEN"]],
  "moderation.decideAppeal": [[(of) => ({ id: of.tweet, uphold: true }), "FORBIDDEN"]],
  "moderation.endSessions": [[(of) => ({ userId: of.user }), "FORBIDDEN"]],
  "moderation.getReport": [[(of) => ({ reportId: of.tweet }), "FORBIDDEN"]],
  "moderation.note": [[(of) => ({ reportId: of.tweet, text: "No" }), "FORBIDDEN"]],
  "moderation.removeComment": [[comment, "FORBIDDEN"]],
  "moderation.removeFilter": [[tweet, "FORBIDDEN"]],
  "moderation.removeTweet": [[tweet, "FORBIDDEN"]],
  "moderation.reopen": [[(of) => ({ reportId: of.tweet }), "FORBIDDEN"]],
  "moderation.report": [
    [(of) => ({ targetType: "user", targetId: of.user, reason: "spam" }), "open"],
    [(of) => ({ targetType: "tweet", targetId: of.tweet, reason: "spam" }), "open"],
    [(of) => ({ targetType: "comment", targetId: of.comment, reason: "spam" }), "open"],
    [(of) => ({ targetType: "message", targetId: of.message, reason: "spam" }), "MESSAGE_NOT_FOUND"],
  ],
  "moderation.resolve": [[(of) => ({ reportId: of.tweet, action: "dismiss" }), "FORBIDDEN"]],
  "moderation.restoreComment": [[comment, "FORBIDDEN"]],
  "moderation.restoreTweet": [[tweet, "FORBIDDEN"]],
  "moderation.revokeStrike": [[(of) => ({ strikeId: of.tweet }), "FORBIDDEN"]],
  "moderation.setRole": [[(of) => ({ userId: of.user, role: "admin" }), "FORBIDDEN"]],
  "moderation.strikesOf": [[(of) => ({ userId: of.user }), "FORBIDDEN"]],
  "moderation.suspend": [[(of) => ({ userId: of.user, reason: "spam" }), "FORBIDDEN"]],
  "moderation.unsuspend": [[(of) => ({ userId: of.user }), "FORBIDDEN"]],
  // It marks one's own, whatever the id: alice's stay as they are.
  "notifications.markRead": [[(of) => ({ upTo: of.notification }), "open"]],
  "tweets.delete": [[tweet, "FORBIDDEN"]],
  "tweets.get": [[tweet, "open"]],
  "tweets.history": [[tweet, "open"]],
  "tweets.like": [[tweet, "open"]],
  "tweets.likers": [[tweet, "open"]],
  "tweets.muteThread": [[tweet, "open"]],
  "tweets.retweet": [[tweet, "open"]],
  "tweets.retweeters": [[tweet, "open"]],
  "tweets.unlike": [[tweet, "open"]],
  // It takes back the viewer's own mute, if there is one.
  "tweets.unmuteThread": [[tweet, "open"]],
  "tweets.unretweet": [[tweet, "open"]],
  "tweets.update": [[(of) => ({ id: of.tweet, content: "changed" }), "FORBIDDEN"]],
  "users.acceptFollow": [[user, "open"]],
  "users.block": [[user, "open"]],
  "users.unblock": [[user, "open"]],
  "users.mute": [[user, "open"]],
  "users.unmute": [[user, "open"]],
  "users.follow": [[user, "open"]],
  "users.get": [[user, "open"]],
  "users.rejectFollow": [[user, "open"]],
  "users.relationships": [[(of) => ({ ids: [of.user] }), "open"]],
  "users.removeFollower": [[user, "open"]],
  "users.unfollow": [[user, "open"]],
  "users.unmuteWord": [[user, "open"]],
};

interface Procedure {
  _def: { type: "query" | "mutation" | "subscription"; inputs: z.ZodType[] };
}

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>);
const typeOf = new Map(procedures.map(([path, { _def }]) => [path, _def.type]));

/** The fields of an input that are ids. */
function idFields(schema: z.core.JSONSchema._JSONSchema, name = ""): string[] {
  if (typeof schema === "boolean") return [];
  if (schema.pattern === "^[0-9a-f]{24}$") return [name];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([key, each]) => idFields(each, key));
  const items = schema.items && !Array.isArray(schema.items) ? idFields(schema.items, name) : [];
  const options = [...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap((each) => idFields(each, name));
  return [...inside, ...items, ...options];
}

const fieldsOf = ({ _def }: Procedure) =>
  _def.inputs.flatMap((input) => idFields(z.toJSONSchema(input, { io: "input", unrepresentable: "any" })));

let alice: Person;
let bob: Person;
let dan: Person;
let erin: Person;
let fred: Person;
let mallory: Person;
let hers: Things;
let hidden: Things;
/** The id of bob's group of dan and mallory. */
let group: string;

const send = (path: string, input: object, by?: Person) =>
  typeOf.get(path) === "query" ? ask(path, input, { by }) : call(path, input, { by });

/** Has somebody write something everywhere, and bob react to it. */
async function fill(who: Person, word: string): Promise<Things> {
  const { data: own } = await call<Tweet>(
    "tweets.create",
    { content: `${word}tweet #${word}tag` },
    { by: who },
  );
  const { data: said } = await call<Comment>(
    "comments.create",
    { tweetId: own.id, content: `${word}comment` },
    { by: who },
  );
  for (const path of ["tweets.like", "tweets.retweet"]) await call(path, { id: own.id }, { by: bob });
  const sessions = await ask<Page<Session>>("auth.sessions", {}, { by: who });
  const session = sessions.data.items[0]!.id;
  return {
    ...NOTHING,
    user: who.id,
    tweet: own.id,
    comment: said.id,
    session,
    passkey: await passkeyOf(who),
  };
}

async function passkeyOf(who: Person): Promise<string> {
  const { data } = await call<PasskeyCreation>("auth.beginPasskey", undefined, { by: who });
  const response = new Authenticator(app.running.url).create(data.options);
  const input = { challengeId: data.challengeId, response, name: "canarykey" };
  return (await call<Passkey>("auth.addPasskey", input, { by: who })).data.id;
}

async function write(from: Person, to: Person, content: string) {
  const client = await chat(from);
  const { message } = await client.say("chat:send", { clientId: content, to: to.id, content });
  client.close();
  return { conversation: message.conversationId, message: message.id };
}

beforeAll(async () => {
  [alice, bob, dan, erin, fred, mallory] = (await everybody(
    "alice",
    "bob",
    "dan",
    "erin",
    "fred",
    "canary_mal",
  )) as [Person, Person, Person, Person, Person, Person];
  await call("users.update", { displayName: "Canary Mal", bio: "canarybio" }, { by: mallory });
  const follows = [
    [bob, mallory],
    [mallory, bob],
    [alice, mallory],
    [dan, alice],
    [dan, bob],
  ] as const;
  for (const [who, whom] of follows) await call("users.follow", { id: whom.id }, { by: who });
  // Only she has to be asked.
  await call("users.update", { protected: true }, { by: fred });
  await call("users.follow", { id: fred.id }, { by: mallory });
  // Only she has done so: it would hide her from the others.
  for (const verb of ["users.block", "users.mute"]) await call(verb, { id: mallory.id }, { by: erin });
  [hers, hidden] = [await fill(alice, "plain"), await fill(mallory, "canary")];
  Object.assign(hers, await write(alice, dan, "private"));
  Object.assign(hidden, await write(mallory, bob, "canarymessage"));
  // dan does not follow her.
  await write(mallory, dan, "canaryrequest");
  const userIds = [dan.id, mallory.id];
  group = (await call<Conversation>("chat.createGroup", { title: "Birds", userIds }, { by: bob })).data.id;
  const client = await chat(mallory);
  await client.say("chat:send", { conversationId: group, clientId: "g", content: "canarygroup" });
  await client.say("chat:read", { conversationId: group, number: 1 });
  const said = await chat(dan);
  await said.say("chat:send", { conversationId: group, clientId: "g", content: "seen" });
  for (const each of [client, said]) each.close();
  const answer = { tweetId: hers.tweet, content: "canaryanswer @bob" };
  await call("comments.create", answer, { by: mallory });
  await call("comments.create", { ...answer, parentId: hers.comment }, { by: mallory });
  for (const path of ["tweets.like", "tweets.retweet"]) await call(path, { id: hers.tweet }, { by: mallory });
  await call("comments.create", { tweetId: hidden.tweet, content: "my answer" }, { by: bob });
  await app.settled();
  // Whoever has heard these has heard all that came before.
  await write(dan, bob, LAST);
  await call("tweets.create", { content: `${LAST} @bob` }, { by: dan });
  await app.settled();
  const { data } = await ask<Page<Notification>>("notifications.list", {}, { by: alice });
  hers.notification = data.items[0]!.id;
}, 60_000);

describe("what belongs to somebody else", () => {
  test("is considered by every procedure that takes an id", () => {
    const uncovered = procedures.flatMap(([path, procedure]) => {
      const named = new Set((BY_ID[path] ?? []).flatMap(([input]) => Object.keys(input(NOTHING))));
      if (path === "users.relationships") return [];
      return fieldsOf(procedure)
        .filter((field) => !named.has(field))
        .map((field) => `${path} takes the id ${field}: say in BY_ID what it answers to others`);
    });
    expect(uncovered).toEqual([]);
    expect(procedures.filter((each) => fieldsOf(each[1]).length > 0).length).toBeGreaterThan(30);
  });

  test("is not changed or told by any of them", async () => {
    const shown = async () => [
      (await ask<Tweet>("tweets.get", tweet(hers))).data.content,
      (await ask<Comment>("comments.get", comment(hers))).data.content,
      (await ask<Page<Session>>("auth.sessions", {}, { by: alice })).data.items.length,
      (await ask<Page<Passkey>>("auth.passkeys", {}, { by: alice })).data.items.length,
      (await ask<Page<Message>>("chat.messages", { conversationId: hers.conversation }, { by: dan })).data
        .items,
      (await ask("notifications.unreadCount", undefined, { by: alice })).text,
    ];
    const before = await shown();
    for (const [path, rows] of Object.entries(BY_ID)) {
      for (const [input, answer] of rows.filter((row) => row[1] !== "open")) {
        expect([path, (await send(path, input(hers), bob)).reason]).toEqual([path, answer]);
      }
    }
    await call("notifications.markRead", { upTo: hers.notification }, { by: dan });
    const client = await chat(bob);
    const conversationId = hers.conversation;
    const messageId = hers.message;
    for (const [event, input] of [
      ["chat:send", { conversationId, clientId: "x", content: "hello" }],
      ["chat:history", { conversationId }],
      ["chat:read", { conversationId, number: 1 }],
      ["chat:typing", { conversationId }],
      ["chat:accept", { conversationId }],
      ["chat:search", { query: "private", conversationId }],
      ["chat:leave", { conversationId }],
      ["chat:rename", { conversationId, title: "Changed" }],
      ["chat:addMembers", { conversationId, userIds: [bob.id] }],
      ["chat:removeMember", { conversationId, userId: alice.id }],
      ["chat:setRole", { conversationId, userId: alice.id, role: "member" }],
      [
        "chat:send",
        { conversationId: hidden.conversation, clientId: "y", content: "hello", replyTo: messageId },
      ],
      ["chat:edit", { messageId, content: "changed" }],
      ["chat:react", { messageId, emoji: "\u{1F426}" }],
      ["chat:delete", { messageId, for: "all" }],
    ] as const) {
      const { reason } = await client.raw(event, input);
      const missing =
        "messageId" in input || "replyTo" in input ? "MESSAGE_NOT_FOUND" : "CONVERSATION_NOT_FOUND";
      expect([event, reason]).toEqual([event, missing]);
    }
    expect(await shown()).toEqual(before);
  });
});

const byName = () => ({ username: mallory.username });

/** What every procedure that reads is asked, so that it would find what mallory wrote or did. */
const READS: Record<string, (() => object | undefined)[]> = {
  "auth.me": [() => undefined],
  "auth.passkeys": [() => ({})],
  "auth.sessions": [() => ({})],
  "chat.conversations": [() => ({})],
  "chat.messages": [() => ({ conversationId: hidden.conversation }), () => ({ conversationId: group })],
  "chat.requests": [() => ({})],
  "chat.search": [
    () => ({ query: "canarymessage" }),
    () => ({ query: "canarygroup" }),
    () => ({ query: "canarymessage", conversationId: hidden.conversation }),
  ],
  "chat.unreadCount": [() => undefined],
  "comments.get": [() => comment(hidden)],
  "comments.list": [() => ({ tweetId: hers.tweet }), () => ({ tweetId: hidden.tweet })],
  "comments.replies": [() => comment(hers)],
  "comments.thread": [() => comment(hers), () => comment(hidden)],
  "moderation.appeals": [() => ({})],
  "moderation.audit": [() => ({})],
  "moderation.filters": [() => ({})],
  "moderation.getReport": [() => ({ reportId: hidden.tweet })],
  "moderation.reports": [() => ({})],
  "moderation.strikes": [() => ({})],
  "moderation.strikesOf": [() => ({ userId: mallory.id })],
  "moderation.users": [() => ({ query: "canary" })],
  "notifications.list": [() => ({})],
  "notifications.unreadCount": [() => undefined],
  "search.hashtags": [() => ({ query: "canary" })],
  "search.suggest": [() => ({ query: "canary" })],
  "search.tweets": [() => ({ query: "canarytweet" }), () => ({ query: "", from: "canary_mal" })],
  "search.users": [() => ({ query: "canary" })],
  "timelines.hashtag": [() => ({ tag: "canarytag" })],
  "timelines.home": [() => ({})],
  "timelines.user": [
    ...["tweets", "replies", "likes"].map((filter) => () => ({ ...byName(), filter })),
    ...["tweets", "replies", "likes"].map((filter) => () => ({ username: "bob", filter })),
  ],
  "tweets.get": [() => tweet(hidden)],
  "tweets.history": [() => tweet(hidden)],
  "tweets.likers": [() => tweet(hers)],
  "tweets.retweeters": [() => tweet(hers)],
  "users.blocked": [() => ({})],
  "users.muted": [() => ({})],
  "users.followRequests": [() => ({})],
  "users.mutedWords": [() => ({})],
  "users.followers": [() => ({ username: "bob" }), byName],
  "users.following": [() => ({ username: "bob" }), byName],
  "users.get": [byName, () => user(hidden)],
  "users.relationships": [() => ({ ids: [mallory.id] })],
  "users.exports": [() => ({})],
  "users.suggestions": [() => ({})],
};

/** Says nothing of others, or is for moderators. */
const isBlind = (path: string) =>
  ["auth.me", "auth.passkeys", "auth.sessions", "users.exports", "users.mutedWords"].includes(path) ||
  path.startsWith("moderation.");
const COUNTS = ["chat.unreadCount", "notifications.unreadCount"];

/** The reads, sockets and streams that tell of mallory. */
async function reveal(): Promise<Set<string>> {
  const found = new Set<string>();
  const look = (path: string, text: string) => {
    if (/canary/i.test(text) || text.includes(mallory.id)) found.add(path);
  };
  for (const by of [bob, dan, erin, fred, undefined]) {
    for (const [path, inputs] of Object.entries(READS)) {
      for (const input of inputs) look(path, (await ask(path, input(), { by })).text);
    }
  }
  const client = await chat(bob);
  look("chat:conversations", JSON.stringify(await client.raw("chat:conversations", {})));
  const conversationId = hidden.conversation;
  look("chat:history", JSON.stringify(await client.raw("chat:history", { conversationId })));
  const stream = await openStream(app, { token: bob.accessToken, lastEventId: "0" });
  await client.say("chat:resume", { lastEvent: 0 });
  await vi.waitFor(
    () => {
      expect(JSON.stringify(client.heard)).toContain(LAST);
      expect(stream.received.map((each) => each.notification)).toContainEqual(
        expect.objectContaining({ type: "mention", actor: expect.objectContaining({ username: "dan" }) }),
      );
    },
    { timeout: 5_000 },
  );
  look("chat:resume", JSON.stringify(client.heard));
  look("notifications.stream", JSON.stringify([stream.received, stream.relationships]));
  client.close();
  return found;
}

const counts = () => Promise.all(COUNTS.map(async (path) => (await ask(path, undefined, { by: bob })).text));

describe("what a suspended user wrote and did", () => {
  let unread: string[];

  test("is looked for in every procedure that reads, and is found there before", async () => {
    const reads = procedures.filter(([, { _def }]) => _def.type === "query").map(([path]) => path);
    expect(reads.filter((path) => !READS[path]?.length)).toEqual([]);
    const found = await reveal();
    const expected = reads.filter((path) => !isBlind(path) && !COUNTS.includes(path));
    const sockets = ["chat:conversations", "chat:history", "chat:resume", "notifications.stream"];
    expect([...found].sort()).toEqual([...expected, ...sockets].sort());
    unread = await counts();
    for (const text of unread) expect(text).toMatch(/"count":[1-9]/);
  });

  test("is found nowhere afterwards, not even in counts", async () => {
    await app.setRole("root", "admin");
    const root = { accessToken: await app.tokenFor("root") };
    const suspended = await call("moderation.suspend", { userId: mallory.id, reason: "spam" }, { by: root });
    expect(suspended.status).toBe(200);
    await app.settled();
    expect([...(await reveal())]).toEqual([]);
    for (const [index, text] of (await counts()).entries()) expect(text).not.toBe(unread[index]);
  });

  test("answers like what never was, byte for byte, wherever an id is taken", async () => {
    for (const [path, rows] of Object.entries(BY_ID)) {
      for (const [input] of rows) {
        const [gone, never] = [await send(path, input(hidden), bob), await send(path, input(NOTHING), bob)];
        expect([path, gone.status, gone.text]).toEqual([path, never.status, never.text]);
      }
    }
    expect((await ask("tweets.get", tweet(hers))).status).toBe(200);
    const { data } = await ask<Page<Message>>("chat.messages", { conversationId: group }, { by: bob });
    expect(data.items).toMatchObject([{ number: 2, content: "seen" }]);
  });
});
