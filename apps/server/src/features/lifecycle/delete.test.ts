import type {
  Comment,
  Conversation,
  Message,
  Notification,
  Page,
  Thread,
  Tweet,
  User,
} from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApp, unlimited } from "../../../test/harness";
import { PASSWORD } from "../../../test/http";
import { closeClients, type Person, visit } from "../../../test/mistakes/client";
import { closeStreams, stream } from "../../../test/stream-client";
import { tracesOf } from "../../../test/traces";

const policy = { ...unlimited, closedSettlesIn: 3600 };
const app = startTestApp({ policy });
const { call, ask, everybody, login, register, signIn, verificationToken, chat } = visit(app);
afterAll(() => {
  closeClients();
  closeStreams();
});

const NAME = "canary_mal";
const stored = (collection: string) => mongoose.connection.collection(collection);

let mal: Person;
let bob: Person;
let dan: Person;
let erin: Person;
const ids = { tweet: "", comment: "", answer: "", bobs: "", direct: "", hers: "", his: "", old: "" };

const post = async (by: Person, content: string) =>
  (await call<Tweet>("tweets.create", { content }, { by })).data.id;
const comment = async (by: Person, input: object) =>
  (await call<Comment>("comments.create", input, { by })).data.id;
const say = async (by: Person, input: object) =>
  (await (await chat(by)).say("chat:send", { clientId: Math.random().toString(36), ...input } as never))
    .message;

/** Has everything that anybody can do done by and to the one who will be gone. */
async function live(): Promise<void> {
  await call("users.update", { displayName: "Canary Mal", bio: "canarybio" }, { by: mal });
  for (const [who, whom] of [
    [bob, mal],
    [mal, bob],
    [mal, dan],
    [dan, mal],
    [bob, dan],
  ] as const)
    await call("users.follow", { id: whom.id }, { by: who });
  await call("users.update", { protected: true }, { by: erin });
  await call("users.follow", { id: erin.id }, { by: mal });
  await call("users.mute", { id: mal.id }, { by: erin });
  await call("users.mute", { id: erin.id }, { by: mal });
  await call("users.muteWord", { word: "canaryfood" }, { by: mal });
  ids.old = await post(mal, "canaryold #canarytag");
  await call("tweets.delete", { id: ids.old }, { by: mal });
  ids.tweet = await post(mal, "canaryfirst #canarytag @bob");
  await call("tweets.update", { id: ids.tweet, content: "canarytweet #canarytag #shared @bob" }, { by: mal });
  ids.bobs = await post(bob, `hello @${NAME} #shared`);
  for (const path of ["tweets.like", "tweets.retweet"]) {
    await call(path, { id: ids.bobs }, { by: mal });
    await call(path, { id: ids.tweet }, { by: bob });
  }
  ids.comment = await comment(mal, { tweetId: ids.bobs, content: "canarycomment" });
  ids.answer = await comment(dan, { tweetId: ids.bobs, parentId: ids.comment, content: "an answer" });
  await comment(mal, { tweetId: ids.bobs, parentId: ids.answer, content: "canaryagain" });
  await comment(dan, { tweetId: ids.tweet, content: "under it" });
  for (const id of [ids.comment, ids.answer]) await call("comments.like", { id }, { by: mal });
  ids.direct = (await say(mal, { to: bob.id, content: "canarydirect" })).conversationId;
  await say(bob, { to: mal.id, content: "an old secret" });
  const group = (title: string) => ({ title, userIds: [bob.id, dan.id, mal.id], clientId: "made" });
  ids.hers = (await call<Conversation>("chat.createGroup", group("Birds"), { by: mal })).data.id;
  ids.his = (await call<Conversation>("chat.createGroup", group("Cats"), { by: bob })).data.id;
  for (const conversationId of [ids.hers, ids.his]) {
    await call("chat.accept", { conversationId }, { by: mal });
    await say(mal, { conversationId, content: "canarygroup" });
    const { id } = await say(bob, { conversationId, content: "seen" });
    await call("chat.react", { messageId: id, emoji: "\u{1F426}", on: true }, { by: mal });
    await call("chat.delete", { messageId: id, for: "me" }, { by: mal });
  }
  await app.settled();
}

beforeAll(async () => {
  [mal, bob, dan, erin] = (await everybody(NAME, "bob", "dan", "erin")) as [Person, Person, Person, Person];
  await live();
}, 60_000);

const WORDS = ["first", "tweet", "old", "comment", "again", "direct", "group", "bio", "food", " mal"];
const HERS = () => [mal.id, mal.email, ...WORDS.map((word) => `canary${word}`)];

/** As if all that was under way had ended: what waits for that is done. */
async function settle(): Promise<void> {
  policy.closedSettlesIn = 0;
  await stored("jobs").updateMany({ name: "account.closed>purge" }, { $set: { runAt: new Date(0) } });
  await app.settled();
}

const READS: [string, () => object | undefined][] = [
  ["users.get", () => ({ username: NAME })],
  ["users.get", () => ({ id: mal.id })],
  ["users.followers", () => ({ username: "bob" })],
  ["users.following", () => ({ username: "bob" })],
  ["users.suggestions", () => ({})],
  ["users.muted", () => ({})],
  ["users.relationships", () => ({ ids: [mal.id] })],
  ["users.followRequests", () => ({})],
  ["tweets.get", () => ({ id: ids.tweet })],
  ["tweets.get", () => ({ id: ids.old })],
  ["tweets.history", () => ({ id: ids.tweet })],
  ["tweets.likers", () => ({ id: ids.bobs })],
  ["tweets.retweeters", () => ({ id: ids.bobs })],
  ["comments.get", () => ({ id: ids.comment })],
  ["comments.list", () => ({ tweetId: ids.bobs })],
  ["comments.thread", () => ({ id: ids.answer })],
  ["timelines.home", () => ({})],
  ["timelines.user", () => ({ username: "bob", filter: "likes" })],
  ["timelines.hashtag", () => ({ tag: "canarytag" })],
  ["search.users", () => ({ query: "canary" })],
  ["search.tweets", () => ({ query: "canarytweet" })],
  ["search.suggest", () => ({ query: "canary" })],
  ["notifications.list", () => ({})],
  ["chat.conversations", () => ({})],
  ["chat.requests", () => ({})],
  ["chat.messages", () => ({ conversationId: ids.direct })],
  ["chat.messages", () => ({ conversationId: ids.hers })],
  ["chat.messages", () => ({ conversationId: ids.his })],
  ["chat.search", () => ({ query: "canarygroup" })],
];

/** What others are told of them, from the first event on. */
async function reveal(): Promise<string[]> {
  const found: string[] = [];
  const look = (path: string, said: unknown) => {
    // What others wrote says whom they meant.
    const text = JSON.stringify(said).replaceAll(/\{[^{}]*type[\\":]+mention[^{}]*\}|hello @canary_mal/g, "");
    if (/canary/i.test(text) || text.includes(mal.id)) found.push(path);
  };
  for (const by of [bob, dan, erin]) {
    for (const [path, input] of READS) look(path, (await ask(path, input(), { by })).text);
  }
  const client = await chat(bob);
  await client.say("chat:resume", { lastEvent: 0 });
  const live = await stream(app, { token: bob.accessToken, lastEventId: "0" });
  const word = `last${Math.random()}`;
  await say(dan, { to: bob.id, content: word });
  await expect.poll(() => JSON.stringify(client.heard), { timeout: 10_000 }).toContain(word);
  look("chat:resume", client.heard);
  look("notifications.stream", [live.received, live.relationships]);
  client.close();
  live.stop();
  return [...new Set(found)];
}

describe("an account that is deleted", () => {
  test("is there before, on all these surfaces", async () => {
    const found = await reveal();
    expect(found.length).toBeGreaterThan(20);
    expect(found).toContain("chat:resume");
    expect(found).toContain("notifications.stream");
  });

  test("takes the right password, and refuses nobody and a wrong one", async () => {
    expect((await call("users.deleteAccount", { password: PASSWORD })).reason).toBe("NOT_SIGNED_IN");
    const wrong = await call("users.deleteAccount", { password: "something else" }, { by: mal });
    expect(wrong.reason).toBe("BAD_CREDENTIALS");
    expect((await ask("users.get", { username: NAME })).status).toBe(200);
  });

  test("is gone at once: signed out, nobody's to sign in to, and told of nowhere, before anything is taken away", async () => {
    const [open, socket] = [await stream(app, { token: mal.accessToken }), await chat(mal)];
    await app.running.app.jobs.stop();
    expect((await call("users.deleteAccount", { password: PASSWORD }, { by: mal })).data).toEqual({
      ok: true,
    });
    await expect.poll(() => [open.ended(), socket.socket.connected]).toEqual(["NOT_SIGNED_IN", false]);
    expect((await ask("auth.me", undefined, { by: mal })).reason).toBe("NOT_SIGNED_IN");
    expect((await call("auth.refresh", { refreshToken: mal.refreshToken })).reason).toBe("NOT_SIGNED_IN");
    for (const name of [NAME, mal.email]) {
      const [gone, never] = [await login(name), await login(`x${name}`)];
      expect([gone.status, gone.text]).toEqual([never.status, never.text]);
    }
    expect(
      await stored("sessions").countDocuments({
        userId: new mongoose.Types.ObjectId(mal.id),
        revokedAt: null,
      }),
    ).toBe(0);
    expect(await stored("posts").countDocuments({ content: /canary/ })).toBeGreaterThan(1);
    expect(await reveal()).toEqual([]);
  });

  test("is taken away, with the counters of others, and its place in threads is empty", async () => {
    app.running.app.jobs.start(["events", "mail", "timelines"]);
    await app.settled();
    const counts = async (username: string) =>
      (await ask<User>("users.get", { username }, { by: bob })).data.counts;
    expect(await counts("bob")).toEqual({ followers: 0, following: 1, tweets: 1 });
    expect(await counts("dan")).toEqual({ followers: 1, following: 0, tweets: 0 });
    const tweet = (await ask<Tweet>("tweets.get", { id: ids.bobs }, { by: bob })).data;
    expect(tweet.counts).toEqual({ likes: 0, retweets: 0, comments: 0 });
    expect(tweet.entities.map(({ type }) => type)).toEqual(["hashtag"]);
    const thread = (await ask<Thread>("comments.thread", { id: ids.answer }, { by: bob })).data;
    expect(thread.ancestors).toEqual([{ id: ids.comment, unavailable: "deleted" }]);
    expect(thread.comment).toMatchObject({ content: "an answer", counts: { likes: 0, replies: 0 } });
    expect(thread.replies.items).toEqual([]);
    expect(await stored("hashtags").find().toArray()).toMatchObject([
      { key: "canarytag", uses: 0 },
      { key: "shared", uses: 1 },
    ]);
    expect(await reveal()).toEqual([]);
    const mails = (await (await fetch(`${app.running.url}/inbox/mails?to=${mal.email}`)).json()) as {
      subject: string;
    }[];
    expect(mails[0]?.subject).toBe("Your account is deleted");
  });

  test("leaves its groups to others, who have nothing of it to read, and takes its direct conversations along", async () => {
    const { data } = await ask<Page<Conversation>>("chat.conversations", {}, { by: bob });
    const group = data.items.find(({ id }) => id === ids.hers);
    expect(group?.roles.map(({ role }) => role).sort()).toEqual(["member", "owner"]);
    expect(data.items.map(({ id }) => id)).not.toContain(ids.direct);
    expect((await ask("chat.messages", { conversationId: ids.direct }, { by: bob })).reason).toBe(
      "CONVERSATION_NOT_FOUND",
    );
    for (const conversationId of [ids.hers, ids.his]) {
      const shown = await ask<Page<Message>>("chat.messages", { conversationId }, { by: bob });
      expect(shown.data.items).toMatchObject([{ number: 2, content: "seen", reactions: [] }]);
      const record = await stored("conversations").findOne({
        _id: new mongoose.Types.ObjectId(conversationId),
      });
      const unread = record?.members.find(
        ({ userId }: { userId: object }) => String(userId) === dan.id,
      ).unread;
      expect([record?.lastNumber, unread]).toEqual([2, 1]);
    }
    expect((await ask<Page<Notification>>("notifications.list", {}, { by: bob })).text).not.toContain(mal.id);
  });

  test("keeps its name until nothing can come any more, and then it is free, and nothing is left", async () => {
    expect((await register(NAME)).reason).toBe("USERNAME_TAKEN");
    expect(await tracesOf(...HERS())).toEqual({ sessions: 1, users: 1 });
    await settle();
    expect(await tracesOf(...HERS())).toEqual({});
    expect(await stored("jobs").countDocuments({ name: "account.closed>purge" })).toBe(0);
  });

  test("leaves nothing to whoever takes the name", async () => {
    await register(NAME);
    await app.settled();
    await call("auth.verifyEmail", { token: await verificationToken(mal.email) });
    const heir = await signIn(NAME);
    expect(heir.id).not.toBe(mal.id);
    const { data } = await ask<User>("users.get", { username: NAME }, { by: bob });
    expect(data).toMatchObject({
      counts: { followers: 0, following: 0, tweets: 0 },
      viewer: { following: false },
    });
    for (const [path, input] of [
      ["notifications.list", {}],
      ["chat.conversations", {}],
      ["users.followers", { username: NAME }],
      ["users.muted", {}],
      ["users.mutedWords", {}],
      ["timelines.user", { username: NAME }],
      ["timelines.home", {}],
      ["search.tweets", { query: `@${NAME}` }],
      ["search.tweets", { query: `from:${NAME}` }],
    ] as const)
      expect([path, (await ask<Page<object>>(path, input, { by: heir })).data?.items]).toEqual([path, []]);
    expect((await ask("chat.unreadCount", undefined, { by: heir })).text).toContain('"count":0');
    expect((await ask("chat.messages", { conversationId: ids.hers }, { by: heir })).reason).toBe(
      "CONVERSATION_NOT_FOUND",
    );
    expect((await call("tweets.delete", { id: ids.tweet }, { by: heir })).reason).toBe("TWEET_NOT_FOUND");
  });
});
