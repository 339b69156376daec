import type { Notification } from "@warble/contracts";
import { beforeAll, describe, expect, test } from "vitest";
import { type Caller, startTestApp } from "../../../test/harness";
import { eventsIn } from "../../../test/stored";

const app = startTestApp();
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const namesIn = (page: { items: { username: string }[] }) => page.items.map(({ username }) => username);

let nest: Caller;
let nestId: string;
let fan: Caller;
let tweetId: string;

beforeAll(async () => {
  [nest, fan, nestId] = [await app.as("nest"), await app.as("fan"), await app.id("nest")];
  await fan.users.follow({ id: nestId });
  tweetId = (await nest.tweets.create({ content: "eggs #inside" })).id;
  await nest.users.update({ protected: true, bio: "feathers", location: "the hedge" });
});

const requestsTold = async (caller: Caller): Promise<Notification[]> => {
  await app.settled();
  return (await caller.notifications.list({})).items.filter(({ type }) => type === "followRequest");
};

describe("a protected account", () => {
  test("keeps who followed it, and shows others the card, the counts and nothing else", async () => {
    expect((await fan.tweets.get({ id: tweetId })).content).toContain("eggs");
    expect((await fan.users.get({ username: "nest" })).bio).toBe("feathers");
    for (const other of [app.anonymous, await app.as("stranger")]) {
      const profile = await other.users.get({ username: "nest" });
      expect(profile).toMatchObject({ protected: true, bio: "", location: "", website: null });
      expect(profile.counts).toMatchObject({ followers: 1, tweets: 1 });
      await refuses(other.tweets.get({ id: tweetId }), "TWEET_NOT_FOUND");
      await refuses(other.timelines.user({ username: "nest" }), "USER_NOT_FOUND");
      await refuses(other.users.followers({ username: "nest" }), "USER_NOT_FOUND");
      await refuses(other.users.following({ username: "nest" }), "USER_NOT_FOUND");
      expect((await other.timelines.hashtag({ tag: "inside" })).items).toEqual([]);
      expect((await other.search.tweets({ query: "eggs" })).items).toEqual([]);
      expect((await other.search.hashtags({ query: "inside" })).items).toEqual([]);
      expect(namesIn(await other.search.users({ query: "nest" }))).toEqual(["nest"]);
    }
    expect((await nest.users.get({ username: "nest" })).bio).toBe("feathers");
  });

  test("is not followed but asked, once however often, and tells of it while it is so", async () => {
    const owl = await app.as("owl");
    const before = (await nest.users.get({ username: "nest" })).counts;
    for (let n = 0; n < 2; n++) {
      const state = await owl.users.follow({ id: nestId });
      expect(state).toMatchObject({ viewer: { following: false, requested: true }, counts: before });
    }
    expect(namesIn(await nest.users.followRequests({}))).toEqual(["owl"]);
    expect((await nest.users.get({ username: "owl" })).viewer).toMatchObject({ requestedBy: true });
    expect(await requestsTold(nest)).toMatchObject([{ actor: { username: "owl" } }]);
    expect((await owl.users.unfollow({ id: nestId })).viewer.requested).toBe(false);
    expect(namesIn(await nest.users.followRequests({}))).toEqual([]);
    expect(await requestsTold(nest)).toEqual([]);
  });

  test("accepts: who asked follows from then on, and both are told at once", async () => {
    const [wren, id] = [await app.as("wren"), await app.id("wren")];
    await wren.users.follow({ id: nestId });
    const events = (await eventsIn(id, "relationship")).length;
    const state = await nest.users.acceptFollow({ id });
    expect(state).toMatchObject({
      viewer: { followedBy: true, requestedBy: false },
      counts: { following: 1 },
    });
    expect(await nest.users.acceptFollow({ id })).toEqual(state);
    expect((await eventsIn(id, "relationship")).length).toBe(events + 1);
    expect((await wren.tweets.get({ id: tweetId })).content).toContain("eggs");
    expect((await wren.timelines.home({})).items).toHaveLength(1);
    await app.settled();
    const told = (await nest.notifications.list({})).items.filter(({ actor }) => actor.username === "wren");
    expect(told.map(({ type }) => type)).toEqual(["follow"]);
    await nest.users.removeFollower({ id });
    await refuses(wren.tweets.get({ id: tweetId }), "TWEET_NOT_FOUND");
    expect((await wren.timelines.home({})).items).toEqual([]);
  });

  test("rejects, and whom nobody asked is not accepted", async () => {
    const [jay, id] = [await app.as("jay"), await app.id("jay")];
    await jay.users.follow({ id: nestId });
    expect((await nest.users.rejectFollow({ id })).viewer.requestedBy).toBe(false);
    expect((await jay.users.get({ id: nestId })).viewer).toMatchObject({
      requested: false,
      following: false,
    });
    expect((await nest.users.acceptFollow({ id })).viewer.followedBy).toBe(false);
  });

  test("breaks requests with a block, both ways", async () => {
    const [crow, id] = [await app.as("crow"), await app.id("crow")];
    await crow.users.follow({ id: nestId });
    await nest.users.block({ id });
    expect(namesIn(await nest.users.followRequests({}))).toEqual([]);
    await nest.users.unblock({ id });
    expect((await crow.users.get({ id: nestId })).viewer?.requested).toBe(false);
    await crow.users.follow({ id: nestId });
    await crow.users.block({ id: nestId });
    await crow.users.unblock({ id: nestId });
    expect(namesIn(await nest.users.followRequests({}))).toEqual([]);
  });

  test("writes to others where only followers read it", async () => {
    const { id } = await (await app.as("host")).tweets.create({ content: "come in" });
    const { id: answer } = await nest.comments.create({ tweetId: id, content: "@host from the nest" });
    await app.settled();
    expect((await fan.comments.get({ id: answer })).content).toContain("nest");
    const host = await app.as("host");
    await refuses(host.comments.get({ id: answer }), "COMMENT_NOT_FOUND");
    await refuses(host.comments.hide({ id: answer }), "COMMENT_NOT_FOUND");
    expect((await host.notifications.list({})).items).toEqual([]);
    await refuses(fan.tweets.retweet({ id: tweetId }), "FORBIDDEN");
  });

  test("opened again lets all follow who waited, also who asks at that moment", async () => {
    const birds = await Promise.all(Array.from({ length: 6 }, (_, n) => app.as(`tit${n}`)));
    for (const bird of birds.slice(0, 3)) await bird.users.follow({ id: nestId });
    const { followers } = (await nest.users.get({ username: "nest" })).counts;
    await Promise.all([
      nest.users.update({ protected: false }),
      ...birds.slice(3).map((bird) => bird.users.follow({ id: nestId })),
    ]);
    await app.settled();
    expect(namesIn(await nest.users.followRequests({}))).toEqual([]);
    expect((await nest.users.get({ username: "nest" })).counts.followers).toBe(followers + 6);
    expect((await app.anonymous.tweets.get({ id: tweetId })).content).toContain("eggs");
  });
});

test.each(["acceptFollow", "rejectFollow"] as const)("%s refuses who may not", async (verb) => {
  const id = await app.id("owl");
  await refuses(app.anonymous.users[verb]({ id }), "NOT_SIGNED_IN");
  await refuses(nest.users[verb]({ id: nestId }), "SELF_TARGET");
  await refuses(nest.users[verb]({ id: "0".repeat(24) }), "USER_NOT_FOUND");
  await app.change("newcomer", { emailVerified: false });
  await refuses((await app.as("newcomer")).users[verb]({ id }), "EMAIL_NOT_VERIFIED");
  await refuses(app.anonymous.users.followRequests({}), "NOT_SIGNED_IN");
});

test("somebody whose address is not verified is nobody to others", async () => {
  await app.change("egg", { emailVerified: false });
  const [egg, id] = [await app.as("egg"), await app.id("egg")];
  expect(await egg.users.get({ username: "egg" })).toMatchObject({ username: "egg" });
  await refuses(fan.users.get({ id }), "USER_NOT_FOUND");
  await refuses(fan.users.follow({ id }), "USER_NOT_FOUND");
  expect(namesIn(await fan.search.users({ query: "egg" }))).toEqual([]);
  await app.change("egg", { emailVerified: true });
  expect(namesIn(await fan.search.users({ query: "egg" }))).toEqual(["egg"]);
});
