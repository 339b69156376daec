import mongoose from "mongoose";
import { describe, expect, it, vi } from "vitest";
import type { Caller } from "../../../test/harness";
import { startTestApp, unlimited } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { rowsIn } from "../../../test/stored";
import { nowMs } from "../../platform/clock";
import { oid } from "../../platform/id";
import { forgetEverything } from "../../platform/memory";
import { inboxAsked } from "./inbox.service";

const SIZE = 8;
const DAY = 24 * 3600;
const inbox = { size: SIZE, awayAfter: DAY, followersMost: 3 };
const app = startTestApp({ policy: { ...unlimited, inbox } });

const collection = (name: string) => mongoose.connection.collection(name);
const tweet = async (who: Caller, content = "hello") => (await who.tweets.create({ content })).id;

/** What is in somebody's inbox, newest first: the ids of entries. */
async function inboxOf(name: string): Promise<string[]> {
  const id = await app.id(name);
  const rows = (await rowsIn("inboxEntries", {})) as { _id: mongoose.mongo.Binary }[];
  const keys = rows.map(({ _id }) => Buffer.from(_id.buffer).toString("hex"));
  return keys
    .filter((key) => key.startsWith(id))
    .map((key) => key.slice(24))
    .sort()
    .reverse();
}

const stateOf = async (name: string) =>
  (await rowsIn("inboxes", { _id: await app.id(name) }))[0] as
    | { seenAt: Date; filledAt: Date | null; floor: unknown }
    | undefined;

async function home(who: Caller, limit = 5): Promise<string[]> {
  const got: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await who.timelines.home({ limit, ...(cursor && { cursor }) });
    got.push(...page.items.map((item) => item.tweet.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return got;
}

let round = 0;
/** Somebody new whose inbox is filled, and people whom they follow. */
async function reader(...names: string[]) {
  round += 1;
  const [own, ...handles] = ["reader", ...names].map((name) => `${name}${round}`) as [string, ...string[]];
  const who = await app.as(own);
  for (const handle of handles) await who.users.follow({ id: await app.id(handle) });
  await who.timelines.home({});
  await app.settled();
  return { own, who, handles, callers: await Promise.all(handles.map((handle) => app.as(handle))) };
}

/** Has somebody not have looked at home for so long. */
async function wasAway(name: string, seconds: number) {
  const seenAt = new Date(nowMs() - seconds * 1000);
  await collection("inboxes").updateOne({ _id: oid(await app.id(name)) }, { $set: { seenAt } });
  forgetEverything();
}

describe("an inbox", () => {
  it("is filled when its user first looks at home, and holds what their people do from then on", async () => {
    const { own, who, callers } = await reader("bob", "carol");
    const [bob, carol] = callers as [Caller, Caller];
    expect(await stateOf(own)).toMatchObject({ filledAt: expect.any(Date), floor: null });
    const ids = [await tweet(bob), await tweet(who), await tweet(carol)];
    await app.settled();
    expect(await inboxOf(own)).toEqual(ids.toReversed());
    await carol.tweets.retweet({ id: ids[0]! });
    await app.settled();
    expect(await inboxOf(own)).toHaveLength(4);
    await carol.tweets.unretweet({ id: ids[0]! });
    await bob.tweets.delete({ id: ids[0]! });
    await app.settled();
    expect(await inboxOf(own)).toEqual([ids[2], ids[1]]);
    expect(await home(who)).toEqual([ids[2], ids[1]]);
  });

  it("is none for who has never looked at home", async () => {
    const { callers, handles } = await reader("bob");
    await (await app.as(`never${round}`)).users.follow({ id: await app.id(handles[0]!) });
    await tweet(callers[0]!);
    await app.settled();
    expect(await inboxOf(`never${round}`)).toEqual([]);
    expect(await stateOf(`never${round}`)).toBeUndefined();
  });

  it("takes in what was done before by who is followed, and lets go of who is not", async () => {
    const { own, who } = await reader();
    const bob = await app.as(`bob${round}`);
    const id = await tweet(bob);
    await who.users.follow({ id: await app.id(`bob${round}`) });
    expect(await home(who)).toEqual([id]);
    await app.settled();
    expect(await inboxOf(own)).toEqual([id]);
    await bob.users.block({ id: await app.id(own) });
    expect(await home(who)).toEqual([]);
    await app.settled();
    expect(await inboxOf(own)).toEqual([]);
  });

  it("does not tell of whom its user no longer follows, whatever is still in it", async () => {
    const { own, who, callers, handles } = await reader("bob");
    const id = await tweet(callers[0]!);
    await app.settled();
    await who.users.unfollow({ id: await app.id(handles[0]!) });
    await app.settled();
    const key = Buffer.concat([oid(await app.id(own)).id, oid(id).id]);
    const row = { actorId: oid(await app.id(handles[0]!)), tweetId: oid(id), kind: "tweet" };
    await collection("inboxEntries").insertOne({ _id: new mongoose.mongo.Binary(key), ...row } as never);
    expect(await home(who)).toEqual([]);
  });

  it("holds no more than its size, and home goes on below it as if nothing had happened", async () => {
    const { own, who, callers } = await reader("bob", "carol");
    const [bob, carol] = callers as [Caller, Caller];
    const ids: string[] = [];
    for (let n = 0; n < 3 * SIZE; n++) ids.unshift(await tweet(n % 2 ? bob : carol, `number ${n}`));
    for (const id of [ids[2]!, ids[20]!]) await carol.tweets.retweet({ id });
    await app.settled();
    await app.running.app.jobs.emit(inboxAsked, { userId: await app.id(own) });
    await app.settled();
    expect(await inboxOf(own)).toHaveLength(SIZE);
    expect(await stateOf(own)).toMatchObject({ floor: expect.anything() });
    for (const limit of [1, 5, SIZE, 100]) expect(await home(who, limit)).toEqual(ids);
  });

  it("is cut now and then, and home still shows everything once", async () => {
    const { own, who, callers } = await reader("bob");
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    const ids: string[] = [];
    for (let n = 0; n < 2 * SIZE; n++) ids.unshift(await tweet(callers[0]!, `number ${n}`));
    await app.settled();
    random.mockRestore();
    expect(await inboxOf(own)).toEqual(ids.slice(0, SIZE));
    expect(await home(who)).toEqual(ids);
  });

  it("of who is away takes nothing in, and is filled again when they come back", async () => {
    const { own, who, callers } = await reader("bob");
    const before = await tweet(callers[0]!);
    await app.settled();
    await wasAway(own, DAY + 60);
    const meanwhile = await tweet(callers[0]!);
    await app.settled();
    expect(await inboxOf(own)).toEqual([before]);
    expect(await home(who)).toEqual([meanwhile, before]);
    await app.settled();
    expect(await inboxOf(own)).toEqual([meanwhile, before]);
    const after = await tweet(callers[0]!);
    await app.settled();
    expect(await inboxOf(own)).toEqual([after, meanwhile, before]);
  });

  it("goes when its user has been away for long, and not before", async () => {
    const { own, callers } = await reader("bob");
    await tweet(callers[0]!);
    await app.settled();
    const due = { name: "inbox.lapsed>dropInbox", "payload.userId": await app.id(own) };
    const lapse = async () => {
      await collection("jobs").updateOne(due, { $set: { runAt: new Date(0) } });
      await app.settled();
    };
    await lapse();
    expect(await inboxOf(own)).toHaveLength(1);
    const again = await collection("jobs").findOne(due);
    expect(Number(again?.runAt)).toBeGreaterThan(nowMs() + (DAY - 60) * 1000);
    await wasAway(own, 2 * DAY);
    await lapse();
    expect(await inboxOf(own)).toEqual([]);
    expect(await stateOf(own)).toBeUndefined();
  });

  it("notes once an hour that its user is there", async () => {
    const { own, who } = await reader();
    const seen = async () => Number((await stateOf(own))?.seenAt);
    const first = await seen();
    await home(who);
    expect(await seen()).toBe(first);
    await wasAway(own, 2 * 3600);
    await home(who);
    expect(await seen()).toBeGreaterThanOrEqual(first);
  });
});

describe("whoever has more followers than are delivered to", () => {
  it("is read by each of them, and everything of theirs is in home once", async () => {
    const { own, who, callers, handles } = await reader("star", "bob");
    const [star, bob] = callers as [Caller, Caller];
    const ids = [await tweet(star, "before")];
    for (const name of ["fan1x", "fan2x", "fan3x"])
      await (await app.as(`${name}${round}`)).users.follow({ id: await app.id(handles[0]!) });
    await app.settled();
    for (let n = 0; n < 6; n++) ids.unshift(await tweet(n % 2 ? star : bob, `number ${n}`));
    await star.tweets.retweet({ id: ids[1]! });
    await app.settled();
    expect(await rowsIn("loudUsers", { _id: await app.id(handles[0]!) })).toHaveLength(1);
    expect(await inboxOf(own)).toHaveLength(4);
    for (const limit of [1, 3, 100]) expect(await home(who, limit)).toEqual(ids);
    await who.users.unfollow({ id: await app.id(handles[0]!) });
    expect(await home(who)).toEqual([ids[1], ids[3], ids[5]]);
    await who.users.follow({ id: await app.id(handles[0]!) });
    expect(await home(who)).toEqual(ids);
  });
});

describe("a delivery", () => {
  it("takes as many round trips for one follower as for many", async () => {
    const { callers, handles } = await reader("bob");
    const cost = async () => {
      const reads = await profiled(async () => {
        await tweet(callers[0]!);
        await app.settled();
      });
      for (const read of reads) expect(read.plan, JSON.stringify(read)).not.toContain("COLLSCAN");
      return reads.filter(({ collection }) => /^(inbox|edges)/.test(collection)).length;
    };
    const before = await cost();
    for (let n = 0; n < 2; n++) {
      const fan = await app.as(`fan${n}x${round}`);
      await fan.users.follow({ id: await app.id(handles[0]!) });
      await fan.timelines.home({});
    }
    await app.settled();
    expect(await cost()).toBe(before);
  });

  it("that runs again puts nothing in twice, and takes nothing out that is there", async () => {
    const { own, callers, handles } = await reader("bob");
    const id = await tweet(callers[0]!);
    const payload = { entryId: id, actorId: await app.id(handles[0]!) };
    const run = (name: string) => app.running.app.jobs.add([{ name, lane: "timelines", payload }]);
    await Promise.all([run("entry.added>deliverEntry"), run("entry.added>deliverEntry")]);
    await run("entry.removed>withdrawEntry");
    await app.settled();
    expect(await inboxOf(own)).toEqual([id]);
    expect(await rowsIn("jobs", { lane: "timelines", attempts: { $gt: 0 } })).toEqual([]);
  });

  it("of what is deleted meanwhile leaves nothing behind", async () => {
    const { own, callers } = await reader("bob");
    for (let n = 0; n < 10; n++) {
      const id = await tweet(callers[0]!);
      await callers[0]!.tweets.delete({ id });
    }
    await app.settled();
    expect(await inboxOf(own)).toEqual([]);
  });
});
