import type { Comment, Conversation, Page, Reported, Tweet, User } from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callAs, contextOf } from "../../../seed/caller";
import { startTestApp, unlimited } from "../../../test/harness";
import { PASSWORD } from "../../../test/http";
import { atOnce, closeClients, type Person, visit } from "../../../test/mistakes/client";
import { tracesOf } from "../../../test/traces";
import { oid } from "../../platform/id";
import { verify } from "../../verify-command";
import { makeSecret } from "../auth/secret.service";
import { sendMessage } from "../chat/message-send.service";
import { changeUser } from "../users/user.service";

const policy = { ...unlimited, closedSettlesIn: 3600 };
const app = startTestApp({ policy, logLevel: "silent" });
const { call, ask, everybody, join, register, login, chat } = visit(app);
afterAll(closeClients);

const db = () => mongoose.connection.db!;
const stored = (collection: string) => mongoose.connection.collection(collection);
const PURGE = { name: "account.closed>purge" };

let bob: Person;
let dan: Person;
/** What bob has written: a tweet, and a comment under it; and his group. */
let theirs: { tweetId: string; parentId: string; conversationId: string };

const count = async (username: string) =>
  (await ask<User>("users.get", { username }, { by: bob })).data.counts;
const tweetOf = async () => (await ask<Tweet>("tweets.get", { id: theirs.tweetId }, { by: bob })).data.counts;

beforeAll(async () => {
  [bob, dan] = (await everybody("bob", "dan")) as [Person, Person];
  const tweetId = (await call<Tweet>("tweets.create", { content: "bob's" }, { by: bob })).data.id;
  const said = await call<Comment>("comments.create", { tweetId, content: "more" }, { by: bob });
  const group = await call<Conversation>(
    "chat.createGroup",
    { title: "Birds", userIds: [dan.id] },
    { by: bob },
  );
  theirs = { tweetId, parentId: said.data.id, conversationId: group.data.id };
}, 60_000);

/** One of each: what somebody may be doing at the very moment. */
async function writesOf(who: Person): Promise<(() => Promise<unknown>)[]> {
  const { tweetId, parentId, conversationId } = theirs;
  await call("chat.addMembers", { conversationId, userIds: [who.id] }, { by: bob });
  const client = await chat(who);
  let n = 0;
  const as = (path: string, input: object) => () => call(path, input, { by: who, key: `write ${n++}` });
  const send = (input: object) => () =>
    client
      .raw("chat:send", { clientId: Math.random().toString(36), content: "canary", ...input })
      .catch(() => undefined);
  return [
    as("tweets.create", { content: "canary #canary @bob" }),
    as("comments.create", { tweetId, content: "canary" }),
    as("comments.create", { tweetId, parentId, content: "canary" }),
    as("tweets.like", { id: tweetId }),
    as("comments.like", { id: parentId }),
    as("tweets.retweet", { id: tweetId }),
    as("users.follow", { id: bob.id }),
    as("users.mute", { id: dan.id }),
    as("users.muteWord", { word: "canary" }),
    as("users.update", { bio: "canary" }),
    as("chat.start", { userId: dan.id }),
    as("chat.createGroup", { title: "canary", userIds: [dan.id], clientId: "made" }),
    send({ to: bob.id }),
    send({ conversationId }),
    () => call("users.follow", { id: who.id }, { by: dan }),
    () => call("users.mute", { id: who.id }, { by: bob }),
    () => call("tweets.create", { content: `hello @${who.username}` }, { by: dan }),
    () => call("auth.login", { identifier: who.username, password: PASSWORD }),
    () => call("auth.requestPasswordReset", { email: who.email }),
  ];
}

const leave = (by: Person) => call("users.deleteAccount", { password: PASSWORD }, { by });

/** As if all that was under way had ended. */
async function settle(): Promise<void> {
  await app.settled();
  policy.closedSettlesIn = 0;
  await stored("jobs").updateMany(PURGE, { $set: { runAt: new Date(0) } });
  await app.settled();
  policy.closedSettlesIn = 3600;
}

/** Nothing is left of them, and what others have is as if they had never been. */
async function expectNothing(who: Person): Promise<void> {
  expect(await tracesOf(who.id, who.email)).toEqual({});
  expect(await stored("posts").countDocuments({ content: /canary/ })).toBe(0);
  expect(await stored("messages").countDocuments({ content: /canary/ })).toBe(0);
  expect(await count("bob")).toEqual({ followers: 0, following: 0, tweets: 1 });
  expect(await count("dan")).toMatchObject({ followers: 0, following: 0 });
  expect(await tweetOf()).toEqual({ likes: 0, retweets: 0, comments: 1 });
  const { data } = await ask<Comment>("comments.get", { id: theirs.parentId }, { by: bob });
  expect(data.counts).toEqual({ likes: 0, replies: 0 });
}

test("what is under way while somebody deletes their account leaves nothing behind", async () => {
  for (let round = 0; round < 2; round++) {
    const who = await join(`racer_${round}`);
    const writes = await writesOf(who);
    const outcomes = await Promise.all([
      ...writes.map((write) => write()),
      new Promise((resolve) => setTimeout(resolve, 20 * round)).then(() => leave(who)),
      ...writes.map((write) => write()),
    ]);
    expect(outcomes.length).toBe(writes.length * 2 + 1);
    await app.settled();
    expect(await stored("users").countDocuments({ usernameKey: who.username })).toBe(1);
    await settle();
    await expectNothing(who);
  }
}, 120_000);

test("what passed authentication before, and is stored when the first round of the purge is over, goes with the second", async () => {
  const who = await join("late");
  const viewer = { ...who, sessionId: "", role: "user" as const, emailVerified: true };
  await leave(who);
  await app.settled();
  expect(await tracesOf(who.id)).toEqual({ sessions: 1, users: 1 });
  const { tweetId, parentId, conversationId } = theirs;
  const late = callAs(app.running.app, viewer);
  const context = contextOf(app.running.app, viewer);
  const { id } = await late.tweets.create({ content: "canary #canary @bob" });
  await late.tweets.update({ id, content: "canary #again" });
  await late.comments.create({ tweetId, parentId, content: "canary" });
  await late.tweets.like({ id: tweetId });
  await late.comments.like({ id: parentId });
  await late.tweets.retweet({ id: tweetId });
  await late.users.follow({ id: bob.id });
  await late.users.block({ id: dan.id });
  await late.users.muteWord({ word: "canary" });
  await sendMessage(context, { to: bob.id, clientId: "late", content: "canary" });
  const group = { title: "canary", userIds: [bob.id], clientId: "late" };
  await sendMessage(context, {
    conversationId: (await late.chat.createGroup(group)).id,
    clientId: "later",
    content: "canary",
  });
  await stored("conversations").updateOne(
    { _id: new mongoose.Types.ObjectId(conversationId) },
    {
      $push: {
        members: {
          userId: new mongoose.Types.ObjectId(who.id),
          role: "member",
          accepted: true,
          unread: 0,
          readNumber: 0,
          deliveredNumber: 0,
          clearedNumber: 0,
        },
      } as never,
    },
  );
  await late.users.requestExport().catch(() => undefined);
  await makeSecret(oid(who.id), "resetTicket", 3600);
  await app.settled();
  expect(Object.keys(await tracesOf(who.id)).length).toBeGreaterThan(7);
  await settle();
  await expectNothing(who);
});

test("a comment of theirs that others have answered keeps its place, and `verify` finds nothing amiss", async () => {
  const [who, answering] = [await join("answered"), await join("answering")];
  const { tweetId } = theirs;
  const write = async (by: Person, input: object) =>
    (await call<Comment>("comments.create", { tweetId, content: "canary", ...input }, { by })).data.id;
  const parentId = await write(who, {});
  await write(answering, { parentId });
  await leave(who);
  await settle();
  const { data } = await ask<Page<{ id: string }>>("comments.list", { tweetId }, { by: bob });
  expect(data.items).toContainEqual({ id: parentId, unavailable: "deleted" });
  const lines: string[] = [];
  await verify(false, (line) => lines.push(line));
  expect(lines.slice(0, -1).filter((line) => !line.startsWith("ok: "))).toEqual([]);
  await leave(answering);
  await settle();
  await expectNothing(who);
});

test("while it is taken away, moderators deal with what they wrote as before; there is nobody to mail", async () => {
  const [who, admin] = [await join("reported"), await join("chief")];
  await changeUser(admin.id, { role: "admin" });
  const tweets = [];
  for (const content of ["canary one", "canary two"])
    tweets.push((await call<Tweet>("tweets.create", { content }, { by: who })).data.id);
  const report = async (targetType: string, targetId: string) => {
    const said = { targetType, targetId, reason: "spam" };
    return (await call<Reported>("moderation.report", said, { by: bob })).data.id;
  };
  const reportIds = [await report("user", who.id), await report("tweet", tweets[0]!)];
  await app.running.app.jobs.stop();
  await leave(who);
  const moderate = (path: string, input: object) =>
    call(`moderation.${path}`, { reason: "spam", ...input }, { by: admin });
  for (const reportId of reportIds) {
    const { data } = await moderate("resolve", { reportId, action: "warn" });
    expect(data).toMatchObject({ status: "resolved" });
  }
  expect((await moderate("removeTweet", { id: tweets[1] })).data).toEqual({ ok: true });
  expect((await moderate("restoreTweet", { id: tweets[1] })).reason).toBe("TWEET_NOT_FOUND");
  expect((await moderate("suspend", { userId: who.id })).data).toEqual({ ok: true });
  app.running.app.jobs.start(["events", "mail", "timelines"]);
  await settle();
  expect(await stored("strikes").countDocuments({ userId: new mongoose.Types.ObjectId(who.id) })).toBe(0);
  expect(await stored("users").countDocuments({ usernameKey: who.username })).toBe(0);
  await changeUser(admin.id, { role: "user" });
});

test("of several who delete one account at once, one does", async () => {
  const who = await join("twice");
  const replies = await atOnce(5, () => leave(who));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.every(({ status }) => status < 500)).toBe(true);
  await settle();
  await expectNothing(who);
});

test("somebody whose address is not verified may, and somebody who is suspended may not", async () => {
  await register("newcomer");
  const { user, tokens } = (await login("newcomer")).data;
  const newcomer = { ...dan, ...tokens, id: user.id, email: "newcomer@example.com" };
  await changeUser(user.id, { suspension: { reason: "spam", until: null } });
  expect((await leave(newcomer)).reason).toBe("NOT_SIGNED_IN");
  await changeUser(user.id, { suspension: null });
  expect((await leave(newcomer)).data).toEqual({ ok: true });
  await settle();
  await stored("jobs").updateMany({ name: /purgeUnverified/ }, { $set: { runAt: new Date(0) } });
  await app.settled();
  await expectNothing(newcomer);
});

test("what they were struck for and reported leaves evidence, and nothing of them on it", async () => {
  const who = await join("struck");
  const { data: tweet } = await call<Tweet>("tweets.create", { content: "canary" }, { by: who });
  await call("tweets.like", { id: tweet.id }, { by: dan });
  const report = { targetType: "tweet", targetId: theirs.tweetId, reason: "spam" };
  const { data } = await call<{ id: string }>("moderation.report", report, { by: who });
  await app.setRole("root", "admin");
  const by = { accessToken: await app.tokenFor("root") };
  expect((await call("moderation.removeTweet", { id: tweet.id, reason: "spam" }, { by })).status).toBe(200);
  expect(await stored("strikes").countDocuments()).toBe(1);
  await leave(who);
  await settle();
  expect(await stored("strikes").countDocuments()).toBe(0);
  expect(await stored("likes").countDocuments({ postId: new mongoose.Types.ObjectId(tweet.id) })).toBe(0);
  const restored = await call("moderation.restoreTweet", { id: tweet.id }, { by });
  expect(restored.reason).toBe("TWEET_NOT_FOUND");
  const kept = await stored("reports").findOne({ _id: new mongoose.Types.ObjectId(data.id) });
  expect(kept).toMatchObject({ reporterId: kept?._id, evidence: { content: "bob's" } });
  const lines: string[] = [];
  expect([
    await verify(false, (line) => lines.push(line)),
    lines.filter((line) => /^OFF/.test(line)),
  ]).toEqual([0, []]);
});

/** Where the database can be made to refuse what a step does, in their order, and what it takes instead. */
const REFUSED: [collection: string, taken: (who: Person) => object][] = [
  ["users", () => ({ $or: [{ usernameKey: { $ne: "bob" } }, { "counts.followers": { $ne: 0 } }] })],
  ["posts", () => ({ content: { $ne: "" } })],
  ["posts", () => ({ $or: [{ kind: "comment" }, { "counts.likes": { $ne: 0 } }] })],
  ["posts", () => ({ $or: [{ kind: "comment" }, { "counts.retweets": { $ne: 0 } }] })],
  ["events", () => ({ type: { $ne: "left" } })],
  [
    "conversations",
    ({ id }) => ({ $or: [{ kind: "direct" }, { "members.userId": new mongoose.Types.ObjectId(id) }] }),
  ],
  ["messages", () => ({ deletedAt: null })],
];

test("cut off in the middle of each step, it is taken up where it was", async () => {
  const who = await join("cut_off");
  for (const write of (await writesOf(who)).slice(0, 15)) await write();
  await app.settled();
  const [first] = REFUSED;
  const take = (collection: string, validator: object) => db().command({ collMod: collection, validator });
  await take(first![0], first![1](who));
  await leave(who);
  for (const [index, [collection, taken]] of REFUSED.entries()) {
    await take(collection, taken(who));
    await stored("jobs").updateMany(PURGE, { $set: { runAt: new Date(0) } });
    const failed = () => stored("jobs").findOne({ ...PURGE, attempts: index + 1 });
    await expect
      .poll(failed, { timeout: 10_000 })
      .toMatchObject({ error: expect.stringMatching(/validation/) });
    await take(collection, {});
  }
  await stored("jobs").updateMany(PURGE, { $set: { runAt: new Date(0) } });
  await settle();
  await expectNothing(who);
}, 60_000);
