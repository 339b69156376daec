import { beforeAll, describe, expect, test } from "vitest";
import { type Caller, startTestApp } from "../../../test/harness";
import { rowsIn } from "../../../test/stored";

const app = startTestApp();
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const later = () => new Date(Date.now() + 3_600_000).toISOString();

let me: Caller;
let gull: Caller;

beforeAll(async () => {
  [me, gull] = [await app.as("me_myself"), await app.as("gull")];
  for (const name of ["gull", "tern"]) await me.users.follow({ id: await app.id(name) });
});

const home = async () => (await me.timelines.home({ limit: 100 })).items.map(({ tweet }) => tweet.content);
const told = async () => {
  await app.settled();
  return (await me.notifications.list({ limit: 100 })).items;
};
/** As if the mutes had ended. */
const lapse = async () => {
  const { default: mongoose } = await import("mongoose");
  for (const name of ["mutes", "edges"]) {
    const where = { until: { $ne: null } };
    await mongoose.connection.collection(name).updateMany(where, { $set: { until: new Date(1) } });
  }
};

describe("a muted word", () => {
  test.each([
    ["herring", "Fresh HERRING today", "herringbone"],
    ["#Fisch", "so viel #fisch hier", "fisch"],
    ["two  words", "here are two words", "words two"],
    ["\u{1F41F}", "look \u{1F41F}!", "no fish"],
    ["東京", "今日は東京です", "京都"],
    ["Straße", "die strasse", "Strassen"],
  ])("%s hides %j and not %j", async (word, hit, miss) => {
    const { id: hitId } = await gull.tweets.create({ content: hit });
    await gull.tweets.create({ content: miss });
    expect(await home()).toEqual(expect.arrayContaining([hit, miss]));
    const muted = await me.users.muteWord({ word });
    expect(muted).toMatchObject({ word: word.trim(), until: null });
    expect(await home()).not.toContain(hit);
    expect(await home()).toContain(miss);
    expect(await me.tweets.get({ id: hitId })).toMatchObject({ content: hit, flags: ["mutedWord"] });
    await me.users.unmuteWord({ id: muted.id });
    expect(await home()).toContain(hit);
    expect((await me.tweets.get({ id: hitId })).flags).toEqual([]);
  });

  test("keeps mentions with it from coming, and searches, and nothing of one's own", async () => {
    const { id } = await me.users.muteWord({ word: "squid" });
    await gull.tweets.create({ content: "@me_myself squid?" });
    await me.tweets.create({ content: "my squid" });
    expect(await told()).toEqual([]);
    const found = await me.search.tweets({ query: "squid" });
    expect(found.items.map(({ content }) => content)).toEqual(["my squid"]);
    expect(await home()).toContain("my squid");
    await me.users.unmuteWord({ id });
    await me.users.unmuteWord({ id });
    expect((await me.search.tweets({ query: "squid" })).items).toHaveLength(2);
  });

  test("is one however it is written, ends when it should, and is the viewer's alone", async () => {
    const first = await me.users.muteWord({ word: "Kelp" });
    const again = await me.users.muteWord({ word: "KELP", until: later() });
    expect(again).toMatchObject({ id: first.id, word: "KELP", until: expect.any(String) });
    expect((await me.users.mutedWords({})).items).toEqual([again]);
    expect((await gull.users.mutedWords({})).items).toEqual([]);
    await gull.users.unmuteWord({ id: first.id });
    expect((await me.users.mutedWords({})).items).toEqual([again]);
    await gull.tweets.create({ content: "kelp forest" });
    expect(await home()).not.toContain("kelp forest");
    await lapse();
    expect(await home()).toContain("kelp forest");
    expect((await me.users.mutedWords({})).items).toEqual([]);
  });

  test("is refused in the past, blank, too long, and beyond a hundred", async () => {
    await refuses(me.users.muteWord({ word: "x", until: new Date(1).toISOString() }), "BAD_INPUT");
    for (const word of ["", " ", "x".repeat(51)]) await refuses(me.users.muteWord({ word }), "BAD_INPUT");
    const many = await app.as("grump");
    for (let n = 0; n < 100; n++) await many.users.muteWord({ word: `word${n}` });
    await refuses(many.users.muteWord({ word: "one more" }), "BAD_INPUT");
    await many.users.muteWord({ word: "word0", until: later() });
    expect(await rowsIn("mutes", { userId: await app.id("grump") })).toHaveLength(100);
    const page = await many.users.mutedWords({ limit: 60 });
    const rest = await many.users.mutedWords({ limit: 60, cursor: page.nextCursor ?? "" });
    expect([page.items.length, rest.items.length, rest.nextCursor]).toEqual([60, 40, null]);
  });
});

describe("a muted thread", () => {
  test("tells of nothing below it, of no likes of it, and stays to be read", async () => {
    const { id } = await me.tweets.create({ content: "a long talk" });
    await me.tweets.muteThread({ id });
    await me.tweets.muteThread({ id });
    await gull.comments.create({ tweetId: id, content: "and another thing" });
    await gull.tweets.like({ id });
    expect(await told()).toEqual([]);
    expect(await me.tweets.get({ id })).toMatchObject({ flags: ["mutedThread"] });
    expect((await me.comments.list({ tweetId: id })).items).toMatchObject([{ flags: ["mutedThread"] }]);
    expect((await gull.tweets.get({ id })).flags).toEqual([]);
    await me.tweets.unmuteThread({ id });
    await gull.comments.create({ tweetId: id, content: "still there?" });
    expect((await told()).map(({ type }) => type)).toEqual(["reply"]);
  });

  test("leaves home with its tweet until it ends", async () => {
    const { id } = await gull.tweets.create({ content: "endless" });
    await me.tweets.muteThread({ id, until: later() });
    expect(await home()).not.toContain("endless");
    await lapse();
    expect(await home()).toContain("endless");
  });

  test("is refused for what is not there", async () => {
    await refuses(me.tweets.muteThread({ id: "0".repeat(24) }), "TWEET_NOT_FOUND");
    const { id } = await gull.tweets.create({ content: "x" });
    await refuses(me.tweets.muteThread({ id, until: new Date(1).toISOString() }), "BAD_INPUT");
    await refuses(app.anonymous.tweets.muteThread({ id }), "NOT_SIGNED_IN");
    await refuses(app.anonymous.users.muteWord({ word: "x" }), "NOT_SIGNED_IN");
  });
});

describe("muted retweets", () => {
  test("keep what somebody retweets from home, and nothing that they write", async () => {
    const id = await app.id("gull");
    const { id: far } = await (await app.as("albatross")).tweets.create({ content: "far away" });
    await gull.tweets.retweet({ id: far });
    await gull.tweets.create({ content: "my own words" });
    expect(await home()).toEqual(expect.arrayContaining(["far away", "my own words"]));
    const muted = { muting: false, mutingRetweets: true };
    expect(await me.users.mute({ id, only: "retweets" })).toMatchObject(muted);
    expect(await home()).not.toContain("far away");
    expect(await home()).toContain("my own words");
    // By somebody else it comes all the same.
    await (await app.as("tern")).tweets.retweet({ id: far });
    expect(await home()).toContain("far away");
    await (await app.as("tern")).tweets.unretweet({ id: far });
    expect(await me.users.mute({ id })).toMatchObject({ muting: true, mutingRetweets: false });
    expect(await home()).not.toContain("my own words");
    expect(await me.users.unmute({ id })).toMatchObject({ muting: false, mutingRetweets: false });
    await me.users.mute({ id, only: "retweets", until: later() });
    await lapse();
    expect(await home()).toContain("far away");
  });
});

test("an answer to somebody who blocks its author, or whom they block, is hidden from others", async () => {
  const [host, guest] = [await app.as("host"), await app.as("guest")];
  const { id: tweetId } = await host.tweets.create({ content: "come in" });
  const { id } = await guest.comments.create({ tweetId, content: "thanks" });
  const { id: below } = await gull.comments.create({ tweetId, parentId: id, content: "me too" });
  const seen = async () => (await me.comments.list({ tweetId })).items;
  expect(await seen()).toMatchObject([{ id, content: "thanks" }]);
  for (const [who, whom] of [
    ["host", "guest"],
    ["guest", "host"],
  ] as const) {
    await (await app.as(who)).users.block({ id: await app.id(whom) });
    expect(await seen()).toEqual([{ id, unavailable: "hidden" }]);
    await refuses(me.comments.get({ id }), "COMMENT_NOT_FOUND");
    await refuses(app.anonymous.comments.like({ id }), "NOT_SIGNED_IN");
    await refuses(me.comments.like({ id }), "COMMENT_NOT_FOUND");
    expect((await me.comments.get({ id: below })).content).toBe("me too");
    expect((await guest.comments.get({ id })).content).toBe("thanks");
    await (await app.as(who)).users.unblock({ id: await app.id(whom) });
  }
  expect(await seen()).toMatchObject([{ content: "thanks" }]);
});
