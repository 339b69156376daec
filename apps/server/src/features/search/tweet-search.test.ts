import type { SearchTweets } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { type Caller, startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { now, nowMs } from "../../platform/clock";
import { newId, oid } from "../../platform/id";

const app = startTestApp();
const DAY = 86_400_000;
const suspension = { reason: "spam", until: null };

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const write = async (name: string, content: string) =>
  (await (await app.as(name)).tweets.create({ content })).id;
const idsOf = (page: { items: { id: string }[] }) => page.items.map((tweet) => tweet.id);

async function found(query: string, options: Partial<SearchTweets> = {}, who: Caller = app.anonymous) {
  return idsOf(await who.search.tweets({ query, ...options }));
}

async function allPages(query: string, options: Partial<SearchTweets>) {
  const got: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.anonymous.search.tweets({ query, ...options, ...(cursor && { cursor }) });
    got.push(...idsOf(page));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return got;
}

describe("search.tweets", () => {
  it("finds tweets that hold all words, in any order, case and width, the newest first", async () => {
    const [t1, t2, t3] = [
      await write("alice", "The quick brown fox"),
      await write("alice", "a FOX is never ＱＵＩＣＫ enough"),
      await write("alice", "quickly, foxes!"),
    ];
    expect(await found("quick fox")).toEqual([t2, t1]);
    expect(await found("FOX brown")).toEqual([t1]);
    expect(await found("quickly")).toEqual([t3]);
    expect(await found("quic")).toEqual([]);
  });

  it("finds languages without spaces, accents as written, and links by host", async () => {
    const [t1, t2, t3] = [
      await write("alice", "東京都に行きます"),
      await write("alice", "Grüße aus der Straße"),
      await write("alice", "see https://www.Example.com/page?x=1"),
    ];
    expect(await found("東京")).toEqual([t1]);
    expect(await found("STRASSE grüsse")).toEqual([t2]);
    expect(await found("example.com")).toEqual([t3]);
  });

  it("finds phrases as they stand, and goes on where only the words are there", async () => {
    const t1 = await write("alice", "say Good\nMorning now");
    for (let n = 0; n < 5; n++) await write("alice", `morning is good ${n}`);
    expect(await found('"good morning"', { limit: 1 })).toEqual([t1]);
    expect(await found('"morning is good" -"good 3"')).toHaveLength(4);
  });

  it("leaves out what has a minus", async () => {
    const [t1, t2, t3] = [
      await write("alice", "pear apple"),
      await write("bob", "pear #plum"),
      await write("bob", "pear @alice"),
    ];
    expect(await found("pear -apple")).toEqual([t3, t2]);
    expect(await found("pear -#plum")).toEqual([t3, t1]);
    expect(await found("pear -from:bob")).toEqual([t1]);
    expect(await found("pear -@alice")).toEqual([t2, t1]);
    expect(await found("pear -@nobody -from:nobody")).toEqual([t3, t2, t1]);
  });

  it("finds tags, mentions and authors, in the query and in the fields", async () => {
    const id = await app.id("carol");
    const [t1, t2] = [await write("dan", "melon for @carol"), await write("carol", "a #Melon")];
    expect(id).toBeTruthy();
    expect(await found("#MELON")).toEqual([t2]);
    expect(await found("melon")).toEqual([t2, t1]);
    for (const query of ["@carol melon", "melon to:CAROL", "melon to:@carol"]) {
      expect(await found(query), query).toEqual([t1]);
    }
    expect(await found("from:carol")).toEqual([t2]);
    expect(await found("", { from: "carol" })).toEqual([t2]);
    expect(await found("melon", { to: "carol", from: "dan" })).toEqual([t1]);
    expect(await found("from:dan", { from: "carol" })).toEqual([]);
    expect(await found("from:me melon", {}, await app.as("dan"))).toEqual([t1]);
    expect(await found("from:me melon")).toEqual([]);
  });

  it("answers an empty page for people who do not exist, and takes unknown prefixes as text", async () => {
    const t1 = await write("dan", "kiwi lang:en");
    for (const query of ["from:nobody", "kiwi @nobody", "to:nobody", "kiwi from:$ne"]) {
      expect(await app.anonymous.search.tweets({ query }), query).toEqual({ items: [], nextCursor: null });
    }
    expect(await found("kiwi lang:en")).toEqual([t1]);
    expect(await found("!!! ...")).toEqual([]);
  });

  it("finds by time, from a moment on and until before one", async () => {
    const before = now().toISOString();
    const t1 = await write("dan", "grape");
    const { createdAt } = await (await app.as("dan")).tweets.get({ id: t1 });
    const day = (offset: number) => new Date(nowMs() + offset * DAY).toISOString().slice(0, 10);
    expect(await found("grape", { since: before })).toEqual([t1]);
    expect(await found("grape", { until: before })).toEqual([]);
    expect(await found("grape", { since: createdAt, until: new Date(nowMs() + DAY).toISOString() })).toEqual([
      t1,
    ]);
    expect(await found(`grape since:${day(0)} until:${day(1)}`)).toEqual([t1]);
    expect(await found(`grape since:${day(1)}`)).toEqual([]);
    expect(await found(`grape until:${day(0)}`)).toEqual([]);
    expect(await found("", { since: before })).toEqual([t1]);
    expect(await found("grape since:0001-01-01 until:9999-12-31")).toEqual([t1]);
  });

  it("follows edits, deletions and suspensions at once", async () => {
    const [t1, t2] = [await write("erin", "lemon one"), await write("erin", "lemon two")];
    const erin = await app.as("erin");
    await erin.tweets.update({ id: t1, content: "lime one" });
    expect([await found("lemon"), await found("lime")]).toEqual([[t2], [t1]]);
    await write("dan", "hello @erin");
    expect(await found("@erin")).toHaveLength(1);
    await app.change("erin", { suspension });
    expect([await found("@erin"), await found("to:erin")]).toEqual([[], []]);
    for (const query of ["lemon", "from:erin"]) {
      for (const sort of ["newest", "top"] as const) expect(await found(query, { sort })).toEqual([]);
    }
    await app.change("erin", { suspension: null });
    await erin.tweets.delete({ id: t2 });
    expect(await found("lemon")).toEqual([]);
  });

  it("pages through all once, newest first, while others write", async () => {
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.unshift(await write("dan", `peach ${n}`));
    const first = await app.anonymous.search.tweets({ query: "peach", limit: 3 });
    await write("dan", "peach meanwhile");
    const rest = await app.anonymous.search.tweets({ query: "peach", limit: 100, cursor: first.nextCursor! });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(made);
    expect(rest.nextCursor).toBeNull();
  });

  it("ranks the top by likes, retweets and comments, and pages through all once while others write", async () => {
    const made: string[] = [];
    for (let n = 0; n < 6; n++) made.push(await write("dan", `cherry ${n}`));
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    await alice.tweets.like({ id: made[1]! });
    await bob.tweets.like({ id: made[1]! });
    await bob.tweets.retweet({ id: made[4]! });
    const order = [made[1], made[4], made[5], made[3], made[2], made[0]];
    expect(await allPages("cherry", { sort: "top", limit: 2 })).toEqual(order);
    const first = await app.anonymous.search.tweets({ query: "cherry", sort: "top", limit: 4 });
    const late = await write("dan", "cherry late");
    const rest = await app.anonymous.search.tweets({
      query: "cherry",
      sort: "top",
      cursor: first.nextCursor!,
    });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(order);
    expect(await found("cherry", { sort: "top" })).toContain(late);
    expect(await found('"cherry 4"', { sort: "top" })).toEqual([made[4]]);
  });

  it("refuses to search for nothing, and cursors of another order or made up", async () => {
    const search = app.anonymous.search.tweets;
    for (const query of ["", "   ", "-only -against"]) await refuses(search({ query }), "BAD_INPUT");
    const { nextCursor } = await search({ query: "peach", limit: 1 });
    await refuses(search({ query: "peach", sort: "top", cursor: nextCursor! }), "BAD_CURSOR");
    await refuses(search({ query: "peach", cursor: "zzz" }), "BAD_CURSOR");
    await refuses(search({ query: "x".repeat(65) }), "BAD_INPUT");
    await refuses(search({ query: "x", since: "yesterday" }), "BAD_INPUT");
    await refuses(search({ query: "x", from: { $ne: null } as never }), "BAD_INPUT");
    await refuses(search({ query: { $gt: "" } as never }), "BAD_INPUT");
  });

  it("takes what means something to a database or a pattern as plain text", async () => {
    const id = await write("dan", "regular a.c expressions (are) fun");
    for (const query of [
      ".*",
      "re.*r",
      "^regul",
      "(",
      "[a-z]+",
      "$where:1",
      '{"$gt":""}',
      "\\",
      '"',
      '""',
      "-",
    ]) {
      expect(await found(query), query).toEqual([]);
    }
    expect(await found("a.c (are)")).toEqual([id]);
    expect(await found('"a.c expressions (are)"')).toEqual([id]);
  });
});

describe("what search.tweets costs", () => {
  it("is reads by index in order, and a rare word bounds what a common one reads", async () => {
    const authorId = oid(await app.id("frank"));
    const posts = Array.from({ length: 400 }, (_, n) => {
      const rare = n === 7 ? ["rareword"] : [];
      return { ...stored(authorId), terms: ["commonword", `number${n}`, ...rare] };
    });
    await mongoose.connection.collection("posts").insertMany(posts);
    await app.settled();
    const viewer = await app.as("frank");
    const reads = await profiled(async () => {
      expect(idsOf(await viewer.search.tweets({ query: "commonword rareword" }))).toHaveLength(1);
      expect(idsOf(await viewer.search.tweets({ query: "commonword -number5" }))).toHaveLength(20);
      expect(idsOf(await viewer.search.tweets({ query: "", since: "2020-01-01T00:00:00Z" }))).toHaveLength(
        20,
      );
    });
    for (const read of reads) {
      expect(read.plan, JSON.stringify(read)).toContain("IXSCAN");
      expect(read.sorted, JSON.stringify(read)).toBe(false);
      expect(read.docsExamined, JSON.stringify(read)).toBeLessThan(30);
    }
  });

  const stored = (authorId: object) => ({
    _id: newId(),
    kind: "tweet",
    authorId,
    content: "filler",
    entities: [],
    counts: { likes: 0, retweets: 0, replies: 0 },
    version: 0,
    createdAt: now(),
    editedAt: null,
    deletedAt: null,
  });
});
