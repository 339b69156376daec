import mongoose from "mongoose";
import { afterEach, describe, expect, it } from "vitest";
import { type Caller, startTestApp, unlimited } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { store, tweetFrom } from "../../../test/written";
import { nowMs } from "../../platform/clock";
import { newId, oid } from "../../platform/id";
import { forgetEverything } from "../../platform/memory";
import { purgeUser } from "../lifecycle/purge.service";
import { countHashtagsOf } from "./hashtag-use.service";

const policy = { ...unlimited };
const app = startTestApp({ policy });
const HOUR = 3_600_000;
const suspension = { reason: "spam", until: null };
const PEOPLE = ["alice", "bob", "carol", "dan", "erin"];

const boards = () => mongoose.connection.collection("trendBoards");

afterEach(async () => {
  policy.trendsKeptFor = 0;
  for (const name of ["hashtags", "hashtagUses", "hashtagDays", "trendBoards"])
    await mongoose.connection.collection(name).deleteMany({});
});

/** Has each of these people use a hashtag, so many hours ago. */
async function use(tag: string, names: string[], hours = 0) {
  const all: string[] = [];
  for (const name of names) {
    const tweet = tweetFrom(oid(await app.id(name)), `${tag} it is`, new Date(nowMs() - hours * HOUR));
    for (const id of await store([tweet])) {
      await countHashtagsOf(id);
      all.push(id);
    }
  }
  return all;
}

async function trending(who: Caller = app.anonymous) {
  const { items } = await who.search.trends({});
  return items.map(({ tag }) => tag);
}

describe("search.trends", () => {
  it("tells hashtags that five people use, against the day before", async () => {
    await use("#Fresh", PEOPLE);
    await use("#few", PEOPLE.slice(0, 4));
    await use("#few", ["alice", "alice", "alice"]);
    expect(await app.anonymous.search.trends({})).toEqual({
      items: [{ tag: "Fresh", accounts: 5, score: expect.closeTo(16, 0) }],
      nextCursor: null,
    });
  });

  it("ranks by surprise, and not by how much is used: what is used all day long is none", async () => {
    const six = [...PEOPLE, "frank"];
    for (let hours = 2; hours <= 30; hours += 4) await use("#daily", six, hours);
    await use("#daily", six);
    await use("#more", six, 20);
    await use("#more", six, 16);
    await use("#more", [...six, "gina", "hal"]);
    await use("#new", PEOPLE);
    expect(await trending()).toEqual(["more", "new"]);
    const [more] = (await app.anonymous.search.trends({})).items;
    expect(more).toMatchObject({ accounts: 8 });
    // Twelve in a day are two in four hours.
    expect(more?.score).toBeCloseTo(18, 0);
  });

  it("counts people by tens and hundreds, too, of whom not all are looked up", async () => {
    const many = Array.from({ length: 30 }, (_, n) => `many${n}`);
    await use("#many", many);
    expect((await app.anonymous.search.trends({})).items).toMatchObject([
      { accounts: 30, score: expect.closeTo(29 ** 2, 0) },
    ]);
    for (const name of many.slice(15)) await app.change(name, { suspension });
    const [trend] = (await app.anonymous.search.trends({})).items;
    expect(trend?.accounts).toBeGreaterThan(5);
    expect(trend?.accounts).toBeLessThan(25);
    for (const name of many.slice(3, 15)) await app.change(name, { suspension });
    expect(await trending()).toEqual([]);
  });

  it("loses half of a surprise in four hours, and forgets it when little is left", async () => {
    await use("#calm", PEOPLE, 6);
    await use("#loud", PEOPLE);
    expect(await trending()).toEqual(["loud"]);
    const calm = await mongoose.connection.collection("hashtags").findOne({ key: "calm" });
    const peaked = (peak: number, hours: number) => ({
      _id: calm?._id,
      key: "calm",
      tag: "calm",
      peak,
      peakAt: new Date(nowMs() - hours * HOUR),
      accounts: 9,
      userIds: [],
    });
    const remember = (trend: object) => boards().updateOne({}, { $set: { "trends.1": trend } as never });
    for (const [hours, score] of [
      [0, 100],
      [4, 50],
      [8, 25],
      [12, 12.5],
    ] as const) {
      await remember(peaked(100, hours));
      const { items } = await app.anonymous.search.trends({});
      const names = items.map(({ tag }) => tag);
      expect(names).toEqual(score > 16 ? ["calm", "loud"] : ["loud", "calm"]);
      expect(items.find(({ tag }) => tag === "calm")).toMatchObject({ accounts: 0 });
      expect(items.find(({ tag }) => tag === "calm")?.score).toBeCloseTo(score, 0);
    }
    await remember(peaked(100, 27));
    expect(await trending()).toEqual(["loud"]);
  });

  it("follows edits and deletions", async () => {
    const ids = await use("#gone", PEOPLE);
    await use("#stays", PEOPLE);
    expect((await trending()).sort()).toEqual(["gone", "stays"]);
    await (await app.as("alice")).tweets.delete({ id: ids[0]! });
    await app.settled();
    expect(await trending()).toEqual(["stays"]);
  });

  it("is kept for a while, and then worked out anew", async () => {
    await use("#first", PEOPLE);
    expect(await trending()).toEqual(["first"]);
    policy.trendsKeptFor = 3600;
    await use("#second", PEOPLE);
    expect(await trending()).toEqual(["first"]);
    await boards().updateOne({}, { $set: { at: new Date(nowMs() - HOUR) } });
    expect((await trending()).sort()).toEqual(["first", "second"]);
  });

  it("pages through all once", async () => {
    for (const tag of ["#pa", "#pb", "#pc"]) await use(tag, PEOPLE);
    await use("#first", [...PEOPLE, "frank"]);
    policy.trendsKeptFor = 3600;
    const got: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.search.trends({ limit: 1, ...(cursor && { cursor }) });
      got.push(...page.items.map(({ tag }) => tag));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(got[0]).toBe("first");
    expect([...got].sort()).toEqual(["first", "pa", "pb", "pc"]);
    await expect(app.anonymous.search.trends({ cursor: "zzz" })).rejects.toMatchObject({
      reason: "BAD_CURSOR",
    });
  });
});

describe("who stands behind a trend", () => {
  it.each([
    ["suspended", { suspension }, { suspension: null }],
    ["protected", { protected: true }, { protected: false }],
    ["away", { deactivatedAt: new Date() }, { deactivatedAt: null }],
    ["not verified", { emailVerified: false }, { emailVerified: true }],
  ])("is nobody who is %s, at once", async (_how, change, undo) => {
    await use("#CanaryMallory", ["mallory"]);
    await use("#canarymallory", PEOPLE.slice(0, 4));
    expect(await trending()).toEqual(["canarymallory"]);
    for (const keptFor of [3600, 0]) {
      policy.trendsKeptFor = keptFor;
      await app.change("mallory", change);
      expect(await trending()).toEqual([]);
      // Whoever follows them knows them; everybody's trends they do not make.
      await app.change("mallory", undo);
    }
    expect(await trending()).toEqual(["canarymallory"]);
  });

  it("is nobody across a block, for the two", async () => {
    await use("#across", [...PEOPLE.slice(0, 4), "mallory"]);
    const viewer = await app.as("viewer");
    expect(await trending(viewer)).toEqual(["across"]);
    await viewer.users.block({ id: await app.id("mallory") });
    expect([await trending(viewer), await trending()]).toEqual([[], ["across"]]);
    await viewer.users.unblock({ id: await app.id("mallory") });
    await (await app.as("mallory")).users.block({ id: await app.id("viewer") });
    expect(await trending(viewer)).toEqual([]);
  });

  it("is told by nothing of how hidden people write it", async () => {
    await app.change("mallory", { suspension });
    await use("#CANARY", ["mallory", "mallory", "mallory", "mallory", "mallory", "mallory"]);
    await use("#canary", PEOPLE);
    expect(await trending()).toEqual(["canary"]);
    await app.change("mallory", { suspension: null });
  });

  it("is nobody whose account is taken away", async () => {
    await use("#kept", [...PEOPLE, "leaver"]);
    expect(await trending()).toEqual(["kept"]);
    policy.trendsKeptFor = 3600;
    const id = await app.id("leaver");
    expect(JSON.stringify(await boards().find().toArray())).toContain(id);
    await app.change("leaver", { deletedAt: new Date(nowMs() - HOUR) });
    await purgeUser(app.running.app, id);
    expect(JSON.stringify(await boards().find().toArray())).not.toContain(id);
    expect(await trending()).toEqual(["kept"]);
  });
});

describe("what search.trends costs", () => {
  it("is one read of what trends and one of those behind it, and bounded work to work it out", async () => {
    await use("#kept", PEOPLE);
    const day = new Date(nowMs()).toISOString().slice(0, 10);
    const days = Array.from({ length: 3_000 }, (_, n) => ({
      _id: newId(),
      key: `tag${n}`,
      day,
      uses: 3,
      accounts: 3,
      hours: {},
    }));
    await mongoose.connection.collection("hashtagDays").insertMany(days);
    const work = await profiled(() => trending());
    for (const read of work) {
      const isBoard = read.collection === "trendBoards";
      expect(isBoard ? "IXSCAN" : read.plan, JSON.stringify(read)).toContain("IXSCAN");
      expect(read.keysExamined + read.docsExamined, JSON.stringify(read)).toBeLessThan(3_500);
    }
    policy.trendsKeptFor = 3600;
    forgetEverything();
    const reads = await profiled(() => trending());
    expect(reads.map(({ collection }) => collection)).toEqual(["trendBoards", "users"]);
  });
});
