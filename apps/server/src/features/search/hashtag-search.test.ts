import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { idFrom, store, tweetFrom } from "../../../test/written";
import { nowMs } from "../../platform/clock";
import { oid } from "../../platform/id";
import { countHashtagsOf } from "./hashtag-use.service";

const app = startTestApp();
const DAY = 86_400_000;
const suspension = { reason: "spam", until: null };
const dayAgo = (days: number) => new Date(nowMs() - days * DAY).toISOString().slice(0, 10);

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

async function write(name: string, content: string) {
  const { id } = await (await app.as(name)).tweets.create({ content });
  await app.settled();
  return id;
}

/** Has somebody have written so long ago. */
async function writeBefore(name: string, content: string, ms: number) {
  const tweet = tweetFrom(oid(await app.id(name)), content, new Date(nowMs() - ms));
  for (const id of await store([tweet])) await countHashtagsOf(id);
}

async function found(query: string) {
  const { items } = await app.anonymous.search.hashtags({ query });
  return items.map((each) => [each.tag, each.uses]);
}

describe("search.hashtags", () => {
  it("finds hashtags by how they begin, the most used first, as they are mostly written", async () => {
    await write("alice", "#Warble #WarbleDev");
    await write("bob", "#warble again #warble twice");
    await write("bob", "#Warble");
    expect(await found("war")).toEqual([
      ["Warble", 3],
      ["WarbleDev", 1],
    ]);
    for (const query of ["#WARBLED", "＃warbledev", "warbledev"]) {
      expect(await found(query), query).toEqual([["WarbleDev", 1]]);
    }
    expect(await found("arble")).toEqual([]);
    expect(await found("#")).toEqual([]);
  });

  it("tells uses and people of each of the last seven days, newest first", async () => {
    await write("alice", "#history one");
    await write("alice", "#history two");
    for (const [name, days] of [
      ["bob", 6],
      ["bob", 6],
      ["carol", 6],
      ["bob", 7],
    ] as const)
      await writeBefore(name, "#history old", days * DAY);
    const { items } = await app.anonymous.search.hashtags({ query: "history" });
    expect(items).toHaveLength(1);
    expect(items[0]?.uses).toBe(6);
    expect(items[0]?.history).toHaveLength(7);
    expect(items[0]?.history[0]).toEqual({ day: dayAgo(0), uses: 2, accounts: 1 });
    expect(items[0]?.history[1]).toEqual({ day: dayAgo(1), uses: 0, accounts: 0 });
    expect(items[0]?.history[6]).toEqual({ day: dayAgo(6), uses: 3, accounts: 2 });
  });

  it("counts each person once a day, whatever they edit and delete", async () => {
    const day = async () => {
      await app.settled();
      return (await app.anonymous.search.hashtags({ query: "daily" })).items[0]?.history[0];
    };
    const [one, two] = [await write("alice", "#daily one"), await write("alice", "#daily two")];
    const three = await write("bob", "#daily three");
    expect(await day()).toMatchObject({ uses: 3, accounts: 2 });
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    await alice.tweets.update({ id: one, content: "no more" });
    expect(await day()).toMatchObject({ uses: 2, accounts: 2 });
    await bob.tweets.update({ id: three, content: "#Daily and #other" });
    expect(await day()).toMatchObject({ uses: 2, accounts: 2 });
    await bob.tweets.delete({ id: three });
    expect(await day()).toMatchObject({ uses: 1, accounts: 1 });
    await alice.tweets.update({ id: one, content: "again #daily" });
    await Promise.all([one, two].map((id) => alice.tweets.delete({ id })));
    await app.settled();
    const stored = await mongoose.connection.collection("hashtagDays").findOne({ key: "daily" });
    expect(stored).toMatchObject({ uses: 0, accounts: 0 });
    expect(new Set(Object.values(stored?.hours ?? {}))).toEqual(new Set([0]));
  });

  it("follows edits and deletions, however often the events come", async () => {
    const id = await write("carol", "#before #both");
    const carol = await app.as("carol");
    await carol.tweets.update({ id, content: "#after #both" });
    await app.settled();
    await Promise.all(Array.from({ length: 5 }, () => countHashtagsOf(id)));
    expect([await found("before"), await found("both"), await found("after")]).toEqual([
      [],
      [["both", 1]],
      [["after", 1]],
    ]);
    await carol.tweets.delete({ id });
    await app.settled();
    await countHashtagsOf(id);
    expect([await found("both"), await found("after")]).toEqual([[], []]);
  });

  it("counts right when many write, edit and delete at once", async () => {
    const people = ["alice", "bob", "carol", "dan"];
    await Promise.all(
      people.map(async (name, n) => {
        const who = await app.as(name);
        const kept = await who.tweets.create({ content: "#storm kept" });
        const { id } = await who.tweets.create({ content: "#storm" });
        await who.tweets.update({ id, content: "#calm" });
        await who.tweets.update({ id: kept.id, content: "#storm #calm" });
        if (n % 2) await who.tweets.delete({ id });
      }),
    );
    await app.settled();
    expect([await found("storm"), await found("calm")]).toEqual([[["storm", 4]], [["calm", 6]]]);
  });

  it("pages through all once", async () => {
    await write("dan", "#pagea #pageb #pagec #paged #pagee");
    await write("dan", "#pagec");
    const got: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.search.hashtags({
        query: "page",
        limit: 2,
        ...(cursor && { cursor }),
      });
      got.push(...page.items.map((each) => each.tag));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(got[0]).toBe("pagec");
    expect(got.sort()).toEqual(["pagea", "pageb", "pagec", "paged", "pagee"]);
  });

  it("looks at no more than a thousand that begin alike", async () => {
    const tags = Array.from({ length: 3_000 }, (_, n) => {
      const key = `longbeginning${String(n).padStart(4, "0")}`;
      const beginnings = Array.from({ length: 8 }, (_each, end) => key.slice(0, end + 1));
      return { _id: idFrom(new Date(nowMs() - n)), key, beginnings, uses: n % 50 };
    });
    const userId = oid(await app.id("alice"));
    const uses = tags.map(({ _id, key }) => ({
      ...{ _id, userId, day: dayAgo(0), hour: 0, version: 0, counted: 1 },
      tags: [{ key, tag: key }],
    }));
    const [hashtags, hashtagUses] = ["hashtags", "hashtagUses"].map((name) =>
      mongoose.connection.collection(name),
    );
    await hashtags?.insertMany(tags);
    await hashtagUses?.insertMany(uses);
    for (const [query, uses] of [
      ["longbegi", 49],
      ["longbeginning", 49],
      ["longbeginning29", 49],
      ["longbeginning2907", 7],
    ] as const) {
      const reads = await profiled(async () => {
        const { items } = await app.anonymous.search.hashtags({ query });
        expect([query, items[0]?.uses]).toEqual([query, uses]);
      });
      for (const read of reads) expect(read.docsExamined, JSON.stringify(read)).toBeLessThanOrEqual(1_000);
    }
    await hashtags?.deleteMany({ key: /^longbeginning/ });
    await hashtagUses?.deleteMany({ "tags.key": /^longbeginning/ });
  });

  it("has cursors that fit, however long a tag is", async () => {
    const long = "猫".repeat(60);
    await write("dan", `#${long}`);
    await write("dan", "#猫だ");
    const { nextCursor } = await app.anonymous.search.hashtags({ query: "猫", limit: 1 });
    const rest = await app.anonymous.search.hashtags({ query: "猫", limit: 1, cursor: nextCursor! });
    expect(rest.items).toHaveLength(1);
    expect(await found(long)).toEqual([[long, 1]]);
  });

  it("hides what only suspended people have tagged", async () => {
    await write("mallory", "#secretplan #shared");
    await write("alice", "#Shared");
    await app.change("mallory", { suspension });
    expect(await found("secretplan")).toEqual([]);
    expect(await found("shared")).toEqual([["Shared", 2]]);
    expect((await app.anonymous.search.suggest({ query: "secret" })).hashtags).toEqual([]);
    await app.change("mallory", { suspension: null });
    expect(await found("secretplan")).toEqual([["secretplan", 1]]);
  });

  it("takes what means something to a database or a pattern as plain text", async () => {
    for (const query of [".*", "^w", "$where", "(", "[a-z]", "w.rble"])
      expect(await found(query), query).toEqual([]);
    const search = app.anonymous.search.hashtags;
    await refuses(search({ query: { $ne: "" } as never }), "BAD_INPUT");
    await refuses(search({ query: " " }), "BAD_INPUT");
    await refuses(search({ query: "war", cursor: "zzz" }), "BAD_CURSOR");
  });

  it("reads by index, each collection once a page", async () => {
    const alice = await app.as("alice");
    const reads = await profiled(() => alice.search.hashtags({ query: "page" }));
    expect(reads.length).toBeLessThanOrEqual(5);
    for (const read of reads) expect(read.plan, JSON.stringify(read)).toContain("IXSCAN");
    expect(reads.find((read) => read.op === "query" && read.collection === "hashtags")?.sorted).toBe(false);
  });

  it("reads a few uses of a hashtag and its days, however often it is used", async () => {
    await write("alice", "#everywhere");
    const uses = Array.from({ length: 5_000 }, (_, n) => ({
      _id: idFrom(new Date(nowMs() - n * 60_000)),
      userId: oid("a".repeat(24)),
      day: dayAgo(0),
      hour: 0,
      tags: [{ key: "everywhere", tag: "everywhere" }],
      version: 0,
      counted: 1,
    }));
    await mongoose.connection.collection("hashtagUses").insertMany(uses);
    const reads = await profiled(() => found("everywhere"));
    await mongoose.connection.collection("hashtagUses").deleteMany({ userId: oid("a".repeat(24)) });
    const examined = reads.reduce((sum, read) => sum + read.keysExamined + read.docsExamined, 0);
    expect(examined, JSON.stringify(reads)).toBeLessThan(100);
  });
});

describe("search.suggest", () => {
  it("names the few users and hashtags that fit, and only those that a sign asks for", async () => {
    await app.id("birdwatcher");
    await write("alice", "#birds");
    const both = await app.anonymous.search.suggest({ query: "bird" });
    expect(both.users.map((user) => user.username)).toEqual(["birdwatcher"]);
    expect(both.hashtags.map((each) => each.tag)).toEqual(["birds"]);
    expect((await app.anonymous.search.suggest({ query: "#bird" })).users).toEqual([]);
    expect((await app.anonymous.search.suggest({ query: "@bird" })).hashtags).toEqual([]);
    await refuses(app.anonymous.search.suggest({ query: "" }), "BAD_INPUT");
  });
});
