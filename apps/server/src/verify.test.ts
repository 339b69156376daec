import { execFile } from "node:child_process";
import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { contextOf } from "../seed/caller";
import { built } from "../test/built";
import { startTestApp } from "../test/harness";
import { sendMessage } from "./features/chat/message-send.service";
import { makeAdmin } from "./features/moderation/moderation.service";
import { invariants } from "./invariants";
import { nowMs } from "./platform/clock";
import { newId, type ObjectId, oid } from "./platform/id";
import { judge, settling } from "./platform/invariant";
import { verify } from "./verify-command";

const app = startTestApp();

/** Runs the command as an operator does, in a process of its own. */
const command = (args: string[] = [], env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const all = { PATH: process.env.PATH, MONGO_URL: app.running.app.config.mongoUrl, ...env };
    execFile(process.execPath, [built("verify"), ...args], { env: all }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

const collection = (name: string) => mongoose.connection.collection(name);

/** What the people of this file did, by their ids. */
const world: Record<string, string> = {};
const at = (name: string): ObjectId => oid(world[name] ?? "");

beforeAll(async () => {
  const [alice, bob, carol] = [await app.as("alice"), await app.as("bob"), await app.as("carol")];
  for (const name of ["alice", "bob", "carol", "dan", "erin"]) world[name] = await app.id(name);
  const id = (name: string) => world[name] ?? "";
  await makeAdmin("alice");
  for (const [caller, whom] of [
    [bob, "alice"],
    [carol, "bob"],
    [alice, "bob"],
  ] as const)
    await caller.users.follow({ id: id(whom) });
  // Who has become protected keeps who followed them before.
  await carol.users.follow({ id: id("erin") });
  await (await app.as("erin")).users.update({ protected: true });
  await (await app.as("dan")).users.follow({ id: id("erin") });
  await carol.users.muteWord({ word: "spoiler" });
  await bob.users.block({ id: id("dan") });
  await carol.users.mute({ id: id("dan") });
  world.tweet = (await bob.tweets.create({ content: "one #tag" })).id;
  world.other = (await bob.tweets.create({ content: "@carol two #tag #more" })).id;
  await bob.tweets.update({ id: id("tweet"), content: "edited #tag" });
  await alice.tweets.like({ id: id("tweet") });
  await carol.tweets.retweet({ id: id("tweet") });
  world.comment = (await carol.comments.create({ tweetId: id("tweet"), content: "yes" })).id;
  const under = { tweetId: id("tweet"), parentId: id("comment") };
  world.reply = (await alice.comments.create({ ...under, content: "no" })).id;
  await carol.comments.delete({ id: id("comment") });
  const opened = await alice.chat.start({ userId: id("bob") });
  world.conversation = opened.id;
  const viewer = {
    id: id("alice"),
    username: "alice",
    sessionId: "",
    role: "user",
    emailVerified: true,
  } as const;
  const ctx = contextOf(app.running.app, viewer);
  const send = (input: object) =>
    sendMessage(ctx, {
      conversationId: id("conversation"),
      clientId: String(newId()),
      content: "hi",
      ...input,
    });
  world.message = (await send({})).id;
  world.answer = (await send({ replyTo: id("message") })).id;
  const target = { targetType: "tweet", targetId: id("other"), reason: "spam" } as const;
  await carol.timelines.home({});
  world.report = (await carol.moderation.report(target)).id;
  const stored = await collection("reports").findOne({ _id: oid(world.report) });
  world.case = String(stored?.caseId);
  await app.settled();
}, 60_000);

type Row = Record<string, unknown>;
type Where = { _id: ObjectId } | Row;

/** Puts something into the stored data that no verb would; undone afterwards. */
interface Damage {
  in: string;
  /** A record that is changed; or, without a `set`, that is lost. */
  of?: Where;
  set?: Row;
  /** A record that comes up from nowhere. */
  insert?: Row;
  /** The id that is to be named: that of the record, when left out. */
  named?: ObjectId;
}

const insertion = (row: Row) => ({ _id: newId(), ...row });

const DAMAGES: Record<string, () => Damage[]> = {
  "everybody has something to sign in with, until they have it deleted": () => [
    { in: "accounts", of: { _id: at("dan") } },
  ],
  "accounts are of somebody, whose address is proved in both places or in neither": () => [
    { in: "accounts", of: { _id: at("dan") }, set: { emailVerified: false } },
    { in: "users", of: { _id: at("dan") }, named: at("dan") },
  ],
  "nobody is signed in who is not there, or is shut out": () => [
    { in: "sessions", of: { userId: at("dan") }, set: { userId: newId() } },
    {
      in: "users",
      of: { _id: at("dan") },
      set: { suspension: { reason: "spam", until: null } },
      named: at("session"),
    },
    { in: "users", of: { _id: at("dan") }, set: { deactivatedAt: new Date() }, named: at("session") },
    { in: "users", of: { _id: at("dan") }, set: { deletedAt: new Date() }, named: at("session") },
  ],
  "links and tickets are somebody's": () => [
    { in: "secrets", insert: insertion({ userId: newId(), kind: "verifyEmail", hash: "x" }) },
  ],
  "authenticator apps are somebody's": () => [{ in: "totps", insert: insertion({ secret: "x" }) }],
  "cases hold as many reports as is counted, and are open or resolved": () => [
    { in: "reportCases", of: { _id: at("case") }, set: { reports: 2 } },
    { in: "reportCases", of: { _id: at("case") }, set: { status: "resolved" } },
  ],
  "reports are in a case, by somebody who is there, by a filter, or by somebody who is gone": () => [
    { in: "reports", of: { caseId: at("case") }, set: { caseId: newId() }, named: at("report") },
    { in: "reports", of: { caseId: at("case") }, set: { reporterId: newId() }, named: at("report") },
  ],
  "strikes are somebody's": () => [{ in: "strikes", insert: insertion({ userId: newId(), action: "warn" }) }],
  "files of people's data are somebody's": () => [
    { in: "exports", insert: insertion({ userId: newId(), state: "making" }) },
  ],
  "passkeys are somebody's": () => [
    { in: "passkeys", insert: insertion({ userId: newId(), credentialId: "x" }) },
  ],
  "addresses that may be had back are somebody's": () => [
    { in: "emailUndos", insert: insertion({ userId: newId(), hash: "x" }) },
  ],
  "users have as many followers, and follow as many, as is counted": () => [
    { in: "users", of: { _id: at("bob") }, set: { "counts.followers": 5 } },
    { in: "users", of: { _id: at("bob") }, set: { "counts.following": -1 } },
  ],
  "nobody follows, blocks or mutes themselves": () => [
    { in: "edges", insert: insertion({ kind: "mute", fromId: at("dan"), toId: at("dan") }) },
  ],
  "nobody follows somebody across a block, or asks to": () => [
    {
      in: "edges",
      of: { kind: "follow", fromId: at("carol") },
      set: { fromId: at("dan") },
      named: at("block"),
    },
    { in: "edges", of: { kind: "follow", fromId: at("bob") }, set: { toId: at("dan") }, named: at("block") },
    {
      in: "edges",
      insert: insertion({ kind: "request", fromId: at("dan"), toId: at("bob") }),
      named: at("block"),
    },
  ],
  "who waits to follow somebody does not yet, and that one is protected": () => [
    { in: "edges", insert: insertion({ kind: "request", fromId: at("dan"), toId: at("carol") }) },
    { in: "edges", insert: insertion({ kind: "request", fromId: at("carol"), toId: at("erin") }) },
  ],
  "edges are between people who are there": () => [
    { in: "edges", insert: insertion({ kind: "follow", fromId: at("dan"), toId: newId() }) },
    { in: "edges", insert: insertion({ kind: "mute", fromId: newId(), toId: at("dan") }) },
  ],
  "words and threads are muted by somebody who is there": () => [
    { in: "mutes", insert: insertion({ userId: newId(), kind: "word", key: "x" }) },
  ],
  "users have as many tweets as is counted": () => [
    { in: "users", of: { _id: at("bob") }, set: { "counts.tweets": 1 } },
  ],
  "tweets and comments have as many likes and retweets as is counted": () => [
    { in: "posts", of: { _id: at("tweet") }, set: { "counts.likes": 0 } },
    { in: "posts", of: { _id: at("tweet") }, set: { "counts.retweets": 2 } },
    { in: "posts", of: { _id: at("reply") }, set: { "counts.likes": 1 } },
  ],
  "tweets and comments have as many answers as is counted": () => [
    { in: "posts", of: { _id: at("tweet") }, set: { "counts.replies": 1 } },
    { in: "posts", of: { _id: at("comment") }, set: { "counts.replies": 0 } },
  ],
  "a comment has a place in its thread unless it is deleted and nothing stands under it": () => [
    { in: "posts", of: { _id: at("comment") }, set: { standing: 0 } },
    { in: "posts", of: { _id: at("comment") }, set: { gone: true } },
    { in: "posts", of: { _id: at("reply") }, set: { deletedAt: new Date() } },
  ],
  "comments answer something that was written under their tweet, and have an author": () => [
    { in: "posts", of: { _id: at("reply") }, set: { tweetId: at("other") } },
    { in: "posts", of: { _id: at("reply") }, set: { authorId: newId() } },
    { in: "posts", of: { _id: at("comment") }, set: { tweetId: newId() } },
    { in: "posts", of: { _id: at("reply") }, set: { answeredId: at("tweet") } },
    { in: "posts", of: { _id: at("reply") }, set: { ancestorIds: [] } },
  ],
  "tweets have an author, and are on their timeline until they are deleted": () => [
    { in: "posts", of: { _id: at("tweet") }, set: { authorId: newId() } },
    { in: "posts", of: { _id: at("tweet") }, set: { deletedAt: new Date() } },
    { in: "entries", of: { _id: at("tweet") }, named: at("tweet") },
  ],
  "what is on a timeline is a tweet, of somebody who is there": () => [
    { in: "entries", insert: insertion({ kind: "retweet", actorId: at("dan"), tweetId: at("comment") }) },
    { in: "entries", insert: insertion({ kind: "retweet", actorId: newId(), tweetId: at("tweet") }) },
    { in: "entries", insert: insertion({ kind: "tweet", actorId: at("dan"), tweetId: at("tweet") }) },
  ],
  "likes are of what is not deleted, by somebody who is there": () => [
    { in: "likes", insert: insertion({ kind: "comment", userId: at("dan"), postId: at("comment") }) },
    { in: "likes", insert: insertion({ kind: "tweet", userId: at("dan"), postId: newId() }) },
    { in: "likes", insert: insertion({ kind: "tweet", userId: newId(), postId: at("tweet") }) },
  ],
  "of a post that was edited, each former text is kept": () => [
    { in: "postVersions", of: { postId: at("tweet") }, named: at("tweet") },
  ],
  "former texts are older than the text of their post": () => [
    { in: "postVersions", of: { postId: at("tweet") }, set: { version: 1 } },
    { in: "postVersions", of: { postId: at("tweet") }, set: { postId: newId() } },
  ],
  "hashtags are used as often as is counted": () => [
    { in: "hashtags", of: { key: "tag" }, set: { uses: 3 } },
  ],
  "hashtags are used on a day as often, and by as many people, as is counted": () => [
    { in: "hashtagDays", of: { key: "tag" }, set: { uses: 3 } },
    { in: "hashtagDays", of: { key: "tag" }, set: { accounts: 2 } },
    { in: "hashtagDays", of: { key: "tag" }, set: { hours: {} } },
  ],
  "each hashtag of a post has its day": () => [
    { in: "hashtagDays", of: { key: "more" }, named: at("other") },
  ],
  "the hashtags of a post are counted as it reads now": () => [
    { in: "hashtagUses", of: { _id: at("tweet") }, named: at("tweet") },
  ],
  "hashtags are counted of posts that are there, as they read now, and of none that are deleted": () => [
    { in: "hashtagUses", of: { _id: at("tweet") }, set: { version: 0 } },
    {
      in: "hashtagUses",
      insert: insertion({
        userId: at("dan"),
        day: "2026-01-31",
        hour: 8,
        tags: [{ key: "x", tag: "x" }],
        version: 0,
      }),
    },
  ],
  "people are told of what is there and others did, and are there themselves": () => [
    { in: "notifications", of: { key: `follow:${world.alice}` }, set: { actorId: at("bob") } },
    { in: "notifications", of: { key: `follow:${world.alice}` }, set: { actorId: newId() } },
    { in: "notifications", of: { key: `follow:${world.alice}` }, set: { recipientId: newId() } },
    { in: "notifications", of: { key: `follow:${world.alice}` }, set: { conversationId: newId() } },
    { in: "notifications", of: { type: "like" }, set: { commentId: at("comment") } },
  ],
  "the messages of a conversation have numbers without gaps, up to its last": () => [
    { in: "messages", of: { _id: at("message") }, named: at("conversation") },
    { in: "messages", of: { _id: at("answer") }, set: { number: 3 }, named: at("conversation") },
    { in: "conversations", of: { _id: at("conversation") }, set: { lastNumber: 3 } },
    { in: "conversations", of: { _id: at("conversation") }, set: { lastMessageId: at("message") } },
  ],
  "nobody has read, received or cleared what has not been written": () =>
    ["readNumber", "deliveredNumber", "clearedNumber"].map((field) => ({
      in: "conversations",
      of: { _id: at("conversation") },
      set: { [`members.1.${field}`]: 3 },
    })),
  "members have as many unread messages as is counted": () => [
    { in: "conversations", of: { _id: at("conversation") }, set: { "members.0.unread": 7 } },
  ],
  "two people share one conversation; a group has one owner, and nobody is in it twice": () => [
    { in: "conversations", of: { _id: at("conversation") }, set: { pairKey: "x" } },
    { in: "conversations", of: { _id: at("conversation") }, set: { kind: "group" } },
    { in: "conversations", of: { _id: at("conversation") }, set: { "members.0.userId": at("bob") } },
  ],
  "messages are somebody's, in a conversation, and answer one of the same": () => [
    { in: "messages", of: { _id: at("answer") }, set: { replyTo: newId() } },
    { in: "messages", of: { _id: at("answer") }, set: { senderId: newId() } },
    { in: "messages", of: { _id: at("answer") }, set: { conversationId: newId() } },
  ],
  "an inbox holds what its user and those whom they follow did, as deep as it goes": () => [
    { in: "inboxEntries", of: { tweetId: at("other") }, named: at("carol") },
  ],
  "a user's events have numbers without gaps, up to the last one given": () => [
    { in: "events", of: { userId: at("bob"), number: 2 }, named: at("bob") },
    { in: "eventHeads", of: { _id: at("bob") }, set: { number: 99 } },
  ],
  "the audit log has numbers without gaps": () => [{ in: "audit", of: { number: 1 }, set: { number: 2 } }],
  "there is an administrator, once there was one": () => [
    { in: "users", of: { _id: at("alice") }, set: { role: "user" }, named: at("audit") },
  ],
  "what is due is done within a minute": () => [
    {
      in: "jobs",
      insert: insertion({ name: "x", lane: "nobody", runAt: new Date(nowMs() - 61_000), parkedAt: null }),
    },
  ],
  "no job has been given up": () => [
    { in: "jobs", insert: insertion({ name: "x", lane: "nobody", runAt: new Date(), parkedAt: new Date() }) },
  ],
};

/** Does the damage. @returns the id that is to be named, and what undoes it */
async function damage({
  in: name,
  of,
  set,
  insert,
  named,
}: Damage): Promise<[string, () => Promise<unknown>]> {
  if (insert) {
    await collection(name).insertOne(insert as never);
    return [String(named ?? insert._id), () => collection(name).deleteOne({ _id: insert._id as never })];
  }
  const before = await collection(name).findOne(of ?? {});
  if (!before) throw new Error(`nothing in ${name} is ${JSON.stringify(of)}`);
  await (set
    ? collection(name).updateOne({ _id: before._id }, { $set: set })
    : collection(name).deleteOne({ _id: before._id }));
  const undo = () => collection(name).replaceOne({ _id: before._id }, before, { upsert: true });
  return [String(named ?? before._id), undo];
}

const judged = (name: string, repairing = false) => {
  const invariant = invariants.find((each) => each.name === name);
  if (!invariant) throw new Error(`there is no invariant "${name}"`);
  return judge(invariant, settling(), repairing);
};

describe("verify", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    world.block = String((await collection("edges").findOne({ kind: "block" }))?._id);
    world.session = String((await collection("sessions").findOne({ userId: at("dan") }))?._id);
    world.audit = String((await collection("audit").findOne({}))?._id);
  });

  it("finds nothing in what verbs have stored", async () => {
    const lines: string[] = [];
    expect(await verify(false, (line) => lines.push(line))).toBe(0);
    expect(lines.filter((line) => !line.startsWith("ok: "))).toEqual([
      `${invariants.length} invariants, 0 off`,
    ]);
    // Each of them has looked at something, but for secrets, strikes, exports, factors, former addresses and jobs, of which there are none.
    expect(lines.filter((line) => line.endsWith("(0)")).length).toBeLessThanOrEqual(8);
  });

  it("tries every invariant", () => {
    const others = invariants.map(({ name }) => name).filter((name) => !(name in DAMAGES));
    expect(others).toEqual(["all indexes are there, and what is to be unique is"]);
  });

  it.each(Object.keys(DAMAGES))("names what is off: %s", async (name) => {
    for (const each of DAMAGES[name]?.() ?? []) {
      const [id, undo] = await damage(each);
      const { off, findings } = await judged(name);
      await undo();
      expect([each, findings.map((finding) => finding.id)]).toEqual([each, expect.arrayContaining([id])]);
      expect(off).toBe(findings.length);
      expect((await judged(name)).off).toBe(0);
    }
  });

  it("lets a suspension that is over be", async () => {
    const over = { suspension: { reason: "spam", until: new Date(nowMs() - 1_000) } };
    const [, undo] = await damage({ in: "users", of: { _id: at("dan") }, set: over });
    expect((await judged("nobody is signed in who is not there, or is shut out")).off).toBe(0);
    await undo();
  });

  it("counts again what can be counted, and says what it changed", async () => {
    const damages: Damage[] = [
      { in: "users", of: { _id: at("bob") }, set: { counts: { followers: 0, following: 9, tweets: 9 } } },
      { in: "posts", of: { _id: at("tweet") }, set: { counts: { likes: 9, retweets: 9, replies: 9 } } },
      { in: "posts", of: { _id: at("reply") }, set: { standing: 4, gone: true } },
      { in: "hashtags", of: { key: "tag" }, set: { uses: 9 } },
      { in: "hashtagDays", of: { key: "tag" }, set: { uses: 9, accounts: 9 } },
      { in: "hashtagUses", of: { _id: at("other") } },
      { in: "conversations", of: { _id: at("conversation") }, set: { "members.1.unread": 9 } },
    ];
    const names = damages.flatMap((each) => (each.in === "hashtagUses" ? [] : [each.in]));
    const read = () =>
      Promise.all(["users", "posts", "hashtags", "hashtagDays", "conversations"].map(readAll));
    const readAll = (name: string) => collection(name).find().sort({ _id: 1 }).toArray();
    const before = await read();
    for (const each of damages) await damage(each);
    const lines: string[] = [];
    expect(await verify(true, (line) => lines.push(line))).toBe(0);
    expect(await read()).toEqual(before);
    expect(lines).toContainEqual(
      `  ${world.bob} repaired {"counts":{"followers":0,"following":9},"counted":{"followers":2,"following":1}}`,
    );
    expect(lines.filter((line) => line.startsWith("repaired: ")).length).toBeGreaterThan(names.length);
    expect(await verify(false, () => undefined)).toBe(0);
  });

  it("names indexes that are missing, and what they would have kept out", async () => {
    const name = "all indexes are there, and what is to be unique is";
    await collection("edges").dropIndex("fromId_1_kind_1_toId_1");
    await collection("likes").dropIndex("postId_1__id_-1");
    const mute = { kind: "mute", fromId: at("carol"), toId: at("dan") };
    const [, undo] = await damage({ in: "edges", insert: insertion(mute) });
    const { findings } = await judged(name);
    expect(Object.fromEntries(findings.map(({ id, how }) => [id, how]))).toEqual({
      'likes {"postId":1,"_id":-1}': { missing: true },
      'edges {"fromId":1,"kind":1,"toId":1}': { missing: true, twice: 1, first: mute },
    });
    await undo();
    await collection("edges").createIndex({ fromId: 1, kind: 1, toId: 1 });
    // It is there, but lets everything through.
    expect((await judged(name)).findings.map(({ id }) => id)).toContain(
      'edges {"fromId":1,"kind":1,"toId":1}',
    );
    await collection("edges").dropIndex("fromId_1_kind_1_toId_1");
    await collection("edges").createIndex({ fromId: 1, kind: 1, toId: 1 }, { unique: true });
    await collection("likes").createIndex({ postId: 1, _id: -1 });
    expect((await judged(name)).off).toBe(0);
  });

  it("tells the first of many, and how many there are", async () => {
    const rows = Array.from({ length: 30 }, () =>
      insertion({ kind: "tweet", userId: newId(), postId: newId() }),
    );
    await collection("likes").insertMany(rows);
    const lines: string[] = [];
    expect(await verify(true, (line) => lines.push(line))).toBe(30);
    await collection("likes").deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } });
    const start = lines.indexOf("OFF: likes are of what is not deleted, by somebody who is there (30 of 31)");
    expect(lines.slice(start + 1, start + 21).every((line) => line.startsWith("  "))).toBe(true);
    expect(lines[start + 21]).toBe("  and 10 more");
    expect(lines.at(-1)).toBe(`${invariants.length} invariants, 30 off, 30 left`);
  });

  it("believes nothing that is still being written", async () => {
    const people = await Promise.all(["alice", "carol"].map((name) => app.as(name)));
    let writing = true;
    let writes = 0;
    const writers = people.map(async (me, index) => {
      for (let n = 0; writing; n++, writes++) {
        const { id } = await me.tweets.create({ content: `#tag number ${n}` });
        await Promise.all(people.map((other) => other.tweets.like({ id })));
        await me.tweets.retweet({ id });
        await me.users[n % 2 ? "follow" : "unfollow"]({ id: world[index === 1 ? "alice" : "bob"] ?? "" });
        await me.tweets.delete({ id });
        // What is written faster than the queue can follow would wait for the queue.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    const lines: string[] = [];
    for (let round = 0; round < 3; round++) await verify(false, (line) => lines.push(line));
    writing = false;
    await Promise.all(writers);
    expect(lines.filter((line) => !line.startsWith("ok: "))).toEqual(
      Array.from({ length: 3 }, () => `${invariants.length} invariants, 0 off`),
    );
    expect(writes).toBeGreaterThan(10);
    await app.settled();
  });
});

describe("the command", { timeout: 60_000 }, () => {
  it("exits with 0 when all holds, and with 1 when something is left", async () => {
    const clean = await command();
    expect(clean).toMatchObject({ code: 0, err: "" });
    expect(clean.out.split("\n").at(-2)).toBe(`${invariants.length} invariants, 0 off`);
    await damage({ in: "users", of: { _id: at("bob") }, set: { "counts.tweets": 40 } });
    const [, undo] = await damage({ in: "audit", of: { number: 1 }, set: { number: 2 } });
    const repaired = await command(["--repair"]);
    await undo();
    expect(repaired).toMatchObject({ code: 1, out: expect.stringContaining("2 off, 1 repaired, 1 left") });
  });

  it("exits with 2 and says on one line why nothing could be found out", async () => {
    const outcomes = await Promise.all([
      command(["--mend"]),
      command([], { MONGO_URL: "mongodb://127.0.0.1:1/x" }),
    ]);
    expect(outcomes.map(({ code, out }) => [code, out])).toEqual(outcomes.map(() => [2, ""]));
    expect(outcomes.map(({ err }) => err)).toEqual([
      expect.stringMatching(/^Unknown option '--mend'[^\n]* Usage: verify \[--repair\]\n$/),
      expect.stringMatching(/^The database at MONGO_URL cannot be reached[^\n]*\n$/),
    ]);
  });

  it("makes nothing in a database where nothing is", async () => {
    const url = new URL(app.running.app.config.mongoUrl);
    url.pathname = `${url.pathname}-empty`;
    const { code, out } = await command([], { MONGO_URL: url.href });
    expect([code, out]).toEqual([1, expect.stringContaining("OFF: all indexes are there")]);
    const { databases } = await mongoose.connection.listDatabases();
    expect(databases.map(({ name }) => `/${name}`)).not.toContain(url.pathname);
  });
});
