import type { Relationship } from "@warble/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, startTestApp } from "../../../test/harness";
import { eventsIn, rowsIn } from "../../../test/stored";

const app = startTestApp();
/** A word that only this person writes. */
const canaryOf = (name: string) => `wordof${name}`;

const nothing: Relationship = {
  following: false,
  followedBy: false,
  requested: false,
  requestedBy: false,
  blocking: false,
  muting: false,
  mutingRetweets: false,
};
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "none",
    (error: { reason: string }) => error.reason,
  );

/** Where `name` comes into sight of the caller, unasked or asked for. */
async function sightings(caller: Caller, name: string, things: Things): Promise<Record<string, boolean>> {
  const has = (found: unknown) => JSON.stringify(found).includes(`"username":"${name}"`);
  const says = (found: unknown) => JSON.stringify(found).includes(canaryOf(name));
  const given = (call: Promise<unknown>) => call.then(() => true).catch(() => false);
  return {
    profile: await given(caller.users.get({ username: name })),
    tweet: await given(caller.tweets.get({ id: things.tweetId })),
    timeline: says(await caller.timelines.user({ username: name }).catch(() => "")),
    followers: has(await caller.users.followers({ username: "host" })),
    likers: has(await caller.tweets.likers({ id: things.hostTweetId })),
    retweeters: has(await caller.tweets.retweeters({ id: things.hostTweetId })),
    comments: says(await caller.comments.list({ tweetId: things.hostTweetId })),
    home: says(await caller.timelines.home({})),
    hashtag: says(await caller.timelines.hashtag({ tag: "aviary" })),
    people: has(await caller.search.users({ query: name })),
    tweets: says(await caller.search.tweets({ query: canaryOf(name) })),
    notifications: has(await caller.notifications.list({})),
    mention: (await caller.tweets.create({ content: `hello @${name}` })).entities.length > 0,
  };
}

interface Things {
  tweetId: string;
  hostTweetId: string;
}

const relationshipEvents = async (name: string) =>
  (await eventsIn(await app.id(name), "relationship")).length;

/** Somebody who tweets, answers, likes and retweets; `host` follows them and retweets what they tweet. */
async function bird(name: string): Promise<Things> {
  const [caller, host] = [await app.as(name), await app.as("host")];
  const { id: hostTweetId } = await host.tweets.create({ content: "come in" });
  const { id: tweetId } = await caller.tweets.create({ content: `${canaryOf(name)} #aviary` });
  await caller.users.follow({ id: await app.id("host") });
  await caller.tweets.like({ id: hostTweetId });
  await caller.tweets.retweet({ id: hostTweetId });
  await caller.comments.create({ tweetId: hostTweetId, content: `${canaryOf(name)} below` });
  await host.tweets.retweet({ id: tweetId });
  return { tweetId, hostTweetId };
}

/** A watcher who follows both, and was mentioned by the bird. */
async function watch(watcher: string, name: string): Promise<Caller> {
  const caller = await app.as(watcher);
  for (const each of [name, "host"]) await caller.users.follow({ id: await app.id(each) });
  await (await app.as(name)).tweets.create({ content: `@${watcher} look` });
  await app.settled();
  return caller;
}

const all = (value: boolean, except: Record<string, boolean> = {}) => ({
  profile: value,
  tweet: value,
  timeline: value,
  followers: value,
  likers: value,
  retweeters: value,
  comments: value,
  home: value,
  hashtag: value,
  people: value,
  tweets: value,
  notifications: value,
  mention: value,
  ...except,
});

describe("a block", () => {
  let things: Things;
  let blocker: Caller;
  beforeAll(async () => {
    things = await bird("robin");
    blocker = await watch("wren", "robin");
    await (await app.as("robin")).users.follow({ id: await app.id("wren") });
    await app.settled();
  });

  test("before it, each is everywhere to the other", async () => {
    expect(await sightings(blocker, "robin", things)).toEqual(all(true));
  });

  test("hides who is blocked everywhere but on their profile, which says so", async () => {
    const { following, followers } = (await (await app.as("robin")).auth.me()).counts;
    expect(await blocker.users.block({ id: await app.id("robin") })).toEqual({ ...nothing, blocking: true });
    expect(await blocker.users.block({ id: await app.id("robin") })).toEqual({ ...nothing, blocking: true });
    expect(await sightings(blocker, "robin", things)).toEqual(all(false, { profile: true, mention: true }));
    expect(await blocker.users.get({ username: "robin" })).toMatchObject({ viewer: { blocking: true } });
    const counts = (await (await app.as("robin")).auth.me()).counts;
    expect(counts).toMatchObject({ following: following - 1, followers: followers - 1 });
  });

  test("hides who blocks from who is blocked, wholly", async () => {
    const blocked = await app.as("robin");
    const wren = await bird("wren");
    await app.settled();
    expect(await sightings(blocked, "wren", wren)).toEqual(all(false));
    const id = await app.id("wren");
    for (const call of [
      () => blocked.users.get({ id }),
      () => blocked.users.follow({ id }),
      () => blocked.users.followers({ username: "wren" }),
      () => blocked.timelines.user({ username: "wren" }),
    ])
      expect(await refusal(call())).toBe("USER_NOT_FOUND");
    expect(await blocked.users.relationships({ ids: [id] })).toEqual([]);
    for (const call of [
      () => blocked.tweets.like({ id: wren.tweetId }),
      () => blocked.tweets.retweet({ id: wren.tweetId }),
      () => blocked.comments.create({ tweetId: wren.tweetId, content: "hello" }),
    ])
      expect(await refusal(call())).toBe("TWEET_NOT_FOUND");
  });

  test("keeps who blocks from following, answering and liking", async () => {
    const id = await app.id("robin");
    expect(await refusal(blocker.users.follow({ id }))).toBe("BLOCKING");
    expect(await refusal(blocker.tweets.like({ id: things.tweetId }))).toBe("TWEET_NOT_FOUND");
  });

  test("is told to nobody but who made it, and may be returned", async () => {
    const robin = await app.id("robin");
    const [before, after] = [await relationshipEvents("wren"), await relationshipEvents("robin")];
    await blocker.users.unblock({ id: robin });
    await blocker.users.block({ id: robin });
    expect([await relationshipEvents("wren"), await relationshipEvents("robin")]).toEqual([
      before + 2,
      after,
    ]);
    expect(await (await app.as("robin")).users.block({ id: await app.id("wren") })).toMatchObject({
      blocking: true,
    });
    await (await app.as("robin")).users.unblock({ id: await app.id("wren") });
    expect((await blocker.users.blocked({})).items.map((user) => user.id)).toEqual([robin]);
    expect(await refusal(app.anonymous.users.blocked({}))).toBe("NOT_SIGNED_IN");
  });

  test("is taken back, and restores nothing", async () => {
    const id = await app.id("robin");
    expect(await blocker.users.unblock({ id })).toEqual(nothing);
    expect(await blocker.users.unblock({ id })).toEqual(nothing);
    expect((await blocker.users.blocked({})).items).toEqual([]);
    expect(await blocker.users.follow({ id })).toMatchObject({
      viewer: { following: true, followedBy: false },
    });
  });

  test("at once with a follow leaves no edge across it", async () => {
    const [owl, rook] = [await app.as("owl"), await app.as("rook")];
    const [owlId, rookId] = [await app.id("owl"), await app.id("rook")];
    for (let round = 0; round < 5; round++) {
      const [blocked] = await Promise.allSettled([
        owl.users.block({ id: rookId }),
        rook.users.follow({ id: owlId }),
        owl.users.follow({ id: rookId }),
      ]);
      expect(blocked.status).toBe("fulfilled");
      expect(await rowsIn("edges", { kind: "follow", fromId: { $in: [owlId, rookId] } })).toEqual([]);
      expect((await owl.auth.me()).counts).toMatchObject({ followers: 0, following: 0 });
      await owl.users.unblock({ id: rookId });
    }
  });

  test("refuses oneself, the missing, the suspended and who is not verified", async () => {
    const { users } = await app.as("owl");
    await app.id("gone");
    await app.change("gone", { suspension: { reason: "spam", until: null } });
    const missing = "0".repeat(24);
    for (const verb of ["block", "unblock", "mute", "unmute"] as const) {
      expect(await refusal(users[verb]({ id: await app.id("owl") }))).toBe("SELF_TARGET");
      for (const id of [missing, await app.id("gone")])
        expect(await refusal(users[verb]({ id }))).toBe("USER_NOT_FOUND");
    }
    await app.id("newcomer");
    await app.change("newcomer", { emailVerified: false });
    expect(await refusal((await app.as("newcomer")).users.block({ id: missing }))).toBe("EMAIL_NOT_VERIFIED");
  });
});

describe("a mute", () => {
  let things: Things;
  let muter: Caller;
  beforeAll(async () => {
    things = await bird("magpie");
    muter = await watch("finch", "magpie");
  });
  const unasked = { home: false, hashtag: false, tweets: false, notifications: false };

  test("hides what comes unasked, and nothing else", async () => {
    const id = await app.id("magpie");
    expect(await muter.users.mute({ id })).toMatchObject({ following: true, muting: true });
    expect(await sightings(muter, "magpie", things)).toEqual(all(true, unasked));
    expect((await muter.users.muted({})).items.map((user) => user.username)).toEqual(["magpie"]);
  });

  test("is not to be seen by who is muted", async () => {
    const magpie = await app.as("magpie");
    const { viewer } = await magpie.users.get({ username: "finch" });
    expect(viewer).toEqual({ ...nothing, followedBy: true });
    expect(await relationshipEvents("magpie")).toBe(2);
  });

  test("ends by itself, and when it is taken back", async () => {
    const id = await app.id("magpie");
    await muter.users.mute({ id, until: new Date(Date.now() + 300).toISOString() });
    await expect.poll(() => sightings(muter, "magpie", things)).toEqual(all(true));
    expect((await muter.users.muted({})).items).toEqual([]);
    await muter.users.mute({ id });
    expect(await muter.users.unmute({ id })).toMatchObject({ following: true, muting: false });
    expect(await sightings(muter, "magpie", things)).toEqual(all(true));
    expect(await refusal(muter.users.mute({ id, until: "2020-01-01T00:00:00.000Z" }))).toBe("BAD_INPUT");
  });
});

afterAll(async () => {
  // No edge across a block is left by all of this.
  const blocks = await rowsIn("edges", { kind: "block" });
  expect(blocks).toEqual([]);
});
