import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../../test/harness";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { nowMs } from "../../platform/clock";
import { idAt, newId, oid } from "../../platform/id";
import { forgetEverything } from "../../platform/memory";
import { askForInbox } from "./inbox.service";

const app = startTestApp();
const HOUR = 3_600_000;
const suspension = { reason: "spam", until: null };

const entries = () => mongoose.connection.collection("entries");
const idAgo = (hours: number) =>
  oid(
    idAt(new Date(nowMs() - hours * HOUR))
      .toHexString()
      .slice(0, 12) + newId().toHexString().slice(12),
  );
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

/** Has somebody's inbox be filled, so that home is read from it. */
async function ready(who: Caller) {
  await who.timelines.home({});
  await app.settled();
}

/** Has somebody's inbox be filled anew, after entries were written behind the server's back. */
async function refill(username: string) {
  forgetEverything();
  await askForInbox(app.running.app, await app.id(username));
  await app.settled();
}

let round = 0;
/** Fresh people for each test, the first follows all others. */
async function people<const Names extends string[]>(...names: Names) {
  round += 1;
  const handles = names.map((name) => `${name}${round}`);
  const callers = await Promise.all(handles.map((handle) => app.as(handle)));
  for (const handle of handles.slice(1)) await callers[0]!.users.follow({ id: await app.id(handle) });
  await ready(callers[0]!);
  return { handles, callers: callers as { [K in keyof Names]: Caller } };
}

const tweet = async (who: Caller, content = "hello") => (await who.tweets.create({ content })).id;

/** Has somebody have tweeted so many hours ago. */
async function tweetAgo(hours: number, who: Caller): Promise<string> {
  const [now, then] = [oid(await tweet(who)), idAgo(hours)];
  for (const collection of ["posts", "entries"]) {
    const stored = mongoose.connection.collection(collection);
    const [record] = await stored.find({ _id: now }).toArray();
    await stored.deleteOne({ _id: now });
    await stored.insertOne({ ...record, _id: then, ...(collection === "entries" && { tweetId: then }) });
  }
  await refill(`alice${round}`);
  return String(then);
}

/** Has a person have retweeted so many hours ago. */
async function retweetAgo(hours: number, { actor, tweetId }: { actor: string; tweetId: string }) {
  const key = { actorId: oid(await app.id(actor)), tweetId: oid(tweetId), kind: "retweet" };
  const { deletedCount } = await entries().deleteOne(key);
  const more = { $inc: { "counts.retweets": 1 - deletedCount } };
  await mongoose.connection.collection("posts").updateOne({ _id: key.tweetId }, more);
  await entries().insertOne({ _id: idAgo(hours), ...key });
  await refill(`alice${round}`);
}

async function seen(who: Caller, limit = 100) {
  const { items } = await who.timelines.home({ limit });
  return items.map((item) => [item.tweet.id, item.retweetedBy?.username ?? null]);
}

describe("timelines.home", () => {
  it("shows what one's people and oneself tweeted and retweeted, newest first, and nothing else", async () => {
    const { handles, callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const stranger = await app.as(`dan${round}`);
    const [t1, t2, t3, t4] = [
      await tweet(bob),
      await tweet(stranger),
      await tweet(alice),
      await tweet(stranger),
    ];
    await carol.tweets.retweet({ id: t2 });
    expect(await seen(alice)).toEqual([
      [t2, handles[2]],
      [t3, null],
      [t1, null],
    ]);
    expect(t4).toBeTruthy();
    const page = await alice.timelines.home({});
    expect(page.nextCursor).toBeNull();
    expect(page.items[0]).toMatchObject({
      comment: null,
      retweetedBy: { username: handles[2], viewer: { following: true } },
      tweet: { counts: { retweets: 1 }, viewer: { liked: false, retweeted: false } },
    });
  });

  it("is empty for somebody who follows nobody and has written nothing, verified or not", async () => {
    const newcomer = await app.as("newcomer");
    expect(await newcomer.timelines.home({})).toEqual({ items: [], nextCursor: null });
    await app.change("newcomer", { emailVerified: false });
    expect(await (await app.as("newcomer")).timelines.home({})).toEqual({ items: [], nextCursor: null });
  });

  it("refuses nobody, a cursor that was made up, and a cursor of another list", async () => {
    await refuses(app.anonymous.timelines.home({}), "NOT_SIGNED_IN");
    const alice = await app.as("alice");
    const other = Buffer.from(JSON.stringify({ id: String(newId()) })).toString("base64url");
    for (const cursor of ["x", other, "e30"]) await refuses(alice.timelines.home({ cursor }), "BAD_CURSOR");
    await refuses(alice.timelines.home({ limit: 0 }), "BAD_INPUT");
    await refuses(alice.timelines.home({ limit: 101 }), "BAD_INPUT");
  });

  it("back-fills at once on follow, and drops everything at once on unfollow", async () => {
    const { handles, callers } = await people("alice", "bob");
    const [alice, bob] = callers;
    const dan = await app.as(`dan${round}`);
    const [t1, t2] = [await tweet(bob), await tweet(dan)];
    await bob.tweets.retweet({ id: t2 });
    expect(await seen(alice)).toHaveLength(2);
    await alice.users.unfollow({ id: await app.id(handles[1]!) });
    expect(await seen(alice)).toEqual([]);
    await alice.users.follow({ id: await app.id(handles[1]!) });
    expect((await seen(alice)).map(([id]) => id)).toEqual([t2, t1]);
  });

  it("drops a tweet at once that is deleted, and those that retweeted it", async () => {
    const { callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const id = await tweet(bob);
    await carol.tweets.retweet({ id });
    await bob.tweets.delete({ id });
    expect(await seen(alice)).toEqual([]);
  });

  it("drops who is suspended at once, as author and as retweeter, and brings them back after", async () => {
    const { handles, callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const dan = await app.as(`dan${round}`);
    const [t1, t2] = [await tweet(bob), await tweet(dan)];
    await bob.tweets.retweet({ id: t2 });
    await carol.tweets.retweet({ id: t1 });
    await app.change(handles[1]!, { suspension });
    expect(await seen(alice)).toEqual([]);
    await carol.tweets.retweet({ id: t2 });
    expect(await seen(alice)).toEqual([[t2, handles[2]]]);
    await app.change(handles[1]!, { suspension: null });
    expect(await seen(alice)).toEqual([
      [t2, handles[1]],
      [t1, null],
    ]);
  });
});

describe("one tweet stands once in timelines.home", () => {
  it("by its oldest entry, however many retweet it within twelve hours", async () => {
    const { handles, callers } = await people("alice", "bob", "carol", "dan");
    const [alice, bob, carol, dan] = callers;
    const [t1, t2] = [await tweet(bob), await tweet(bob)];
    await carol.tweets.retweet({ id: t1 });
    await dan.tweets.retweet({ id: t1 });
    await alice.tweets.retweet({ id: t1 });
    expect(await seen(alice)).toEqual([
      [t2, null],
      [t1, null],
    ]);
    const elsewhere = await tweet(await app.as(`erin${round}`));
    await carol.tweets.retweet({ id: elsewhere });
    await dan.tweets.retweet({ id: elsewhere });
    expect((await seen(alice))[0]).toEqual([elsewhere, handles[2]]);
  });

  it("by the next one, when the one that stands is undone", async () => {
    const { handles, callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const id = await tweet(await app.as(`erin${round}`));
    await bob.tweets.retweet({ id });
    await carol.tweets.retweet({ id });
    expect(await seen(alice)).toEqual([[id, handles[1]]]);
    await bob.tweets.unretweet({ id });
    expect(await seen(alice)).toEqual([[id, handles[2]]]);
    await carol.tweets.unretweet({ id });
    expect(await seen(alice)).toEqual([]);
  });

  it("by the oldest of one's people, when so many others retweeted it that they are not all looked at", async () => {
    const { handles, callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const id = await tweet(await app.as(`erin${round}`));
    const others = { $inc: { "counts.retweets": 1_000 } };
    await mongoose.connection.collection("posts").updateOne({ _id: oid(id) }, others);
    forgetEverything();
    await bob.tweets.retweet({ id });
    await carol.tweets.retweet({ id });
    expect(await seen(alice)).toEqual([[id, handles[1]]]);
    await bob.tweets.unretweet({ id });
    expect(await seen(alice)).toEqual([[id, handles[2]]]);
  });

  it("by a newer one that came more than twelve hours later", async () => {
    const { handles, callers } = await people("alice", "bob", "carol", "dan");
    const [alice, bob] = callers;
    const [old, young] = [await tweetAgo(8760, bob), await tweetAgo(20, bob)];
    expect(await seen(alice)).toEqual([
      [young, null],
      [old, null],
    ]);
    await retweetAgo(5, { actor: handles[2]!, tweetId: old });
    await retweetAgo(2, { actor: handles[3]!, tweetId: old });
    expect(await seen(alice)).toEqual([
      [old, handles[2]],
      [young, null],
    ]);
    await retweetAgo(8.1, { actor: handles[3]!, tweetId: young });
    expect((await seen(alice)).at(-1)).toEqual([young, null]);
    await retweetAgo(7.9, { actor: handles[3]!, tweetId: young });
    expect((await seen(alice)).at(-1)).toEqual([young, handles[3]]);
  });

  it("counts twelve hours from the one that stands, not from the last one", async () => {
    const { handles, callers } = await people("alice", "bob", "carol", "dan", "erin");
    const id = await tweetAgo(30, callers[1]);
    await retweetAgo(20, { actor: handles[2]!, tweetId: id });
    await retweetAgo(10, { actor: handles[3]!, tweetId: id });
    await retweetAgo(1, { actor: handles[4]!, tweetId: id });
    expect(await seen(callers[0])).toEqual([[id, handles[3]]]);
  });
});

describe("paging through timelines.home", () => {
  it("gives each tweet exactly once while others tweet and retweet", async () => {
    const { callers } = await people("alice", "bob", "carol", "dan");
    const [alice, bob, carol, dan] = callers;
    const tweets: string[] = [];
    tweets[0] = await tweetAgo(40, carol);
    for (let n = 1; n < 24; n++)
      tweets[n] = n === 22 ? await tweetAgo(50, carol) : await tweet(n % 2 ? bob : carol, `number ${n}`);
    for (const id of tweets.slice(0, 12)) await dan.tweets.retweet({ id });
    const got: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await alice.timelines.home({ limit: 5, ...(cursor && { cursor }) });
      got.push(...page.items.map((item) => item.tweet.id));
      cursor = page.nextCursor ?? undefined;
      pages += 1;
      await tweet(bob, "meanwhile");
      await bob.tweets.retweet({ id: tweets[pages]! });
      await dan.tweets.retweet({ id: tweets[22]! });
      await alice.tweets.retweet({ id: tweets[23 - pages * 4]! });
    } while (cursor);
    expect(pages).toBe(5);
    expect([...got].sort()).toEqual([...tweets].sort());
    expect(got[0]).toBe(tweets[0]);
    expect(got.at(-1)).toBe(tweets[22]);
    expect((await seen(alice, 1))[0]?.[0]).not.toBe(tweets[0]);
  });

  it("goes on behind what is hidden", async () => {
    const { handles, callers } = await people("alice", "bob", "carol");
    const [alice, bob, carol] = callers;
    const first = await tweet(bob);
    for (let n = 0; n < 9; n++) await tweet(carol);
    const last = await tweet(bob);
    await app.change(handles[2]!, { suspension });
    const page = await alice.timelines.home({ limit: 2 });
    expect(page.items.map((item) => item.tweet.id)).toEqual([last, first]);
    expect(page.nextCursor).toBeNull();
  });

  it("merges more people than the database merges in one query", async () => {
    const { callers } = await people("alice", "bob");
    const [alice, bob] = callers;
    const me = oid(await app.id(`alice${round}`));
    const strangers = Array.from({ length: 450 }, () => newId());
    await mongoose.connection
      .collection("edges")
      .insertMany(strangers.map((toId) => ({ _id: newId(), kind: "follow", fromId: me, toId, until: null })));
    await mongoose.connection.collection("inboxes").deleteOne({ _id: me });
    forgetEverything();
    const ids = [await tweet(bob), await tweet(alice), await tweet(bob)];
    expect((await seen(alice, 2)).map(([id]) => id)).toEqual([ids[2], ids[1]]);
  });
});

describe("what timelines.home costs", () => {
  it("is the viewer's own two reads, by index, however many are followed and tweets are stored", async () => {
    const { callers } = await people("alice", ...Array.from({ length: 30 }, (_, n) => `bird${n}x`));
    const alice = callers[0]!;
    for (const [n, who] of callers.slice(1, 9).entries()) {
      const id = await tweet(who!);
      await alice.tweets.like({ id });
      await tweetAgo(n + 1, who!);
    }
    await app.settled();
    forgetEverything();
    const cold = await profiled(() => alice.timelines.home({ limit: 5 }));
    expect(cold.length).toBeLessThan(14 + 1 + 40);
    for (const read of cold) {
      expect(read.plan, JSON.stringify(read)).toMatch(/IXSCAN|IDHACK/);
      expect(read.sorted, JSON.stringify(read)).toBe(false);
      expect(read.docsExamined).toBeLessThan(40);
    }
    const warm = await profiled(() => alice.timelines.home({ limit: 5 }));
    expect(warm.map((read) => read.collection).sort()).toEqual(["inboxEntries", "likes"]);
  });
});
