import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { newId } from "../../platform/id";

const app = startTestApp();
const suspension = { reason: "spam", until: null };

const edges = (filter: object) => mongoose.connection.collection("edges").countDocuments(filter);
const countsOf = async (username: string) => (await app.anonymous.users.get({ username })).counts;
const names = (page: { items: { username: string }[] }) => page.items.map((user) => user.username);
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

async function unverified(name: string) {
  await app.change(name, { emailVerified: false });
  return app.as(name);
}

describe("users.follow and users.unfollow", () => {
  it("says what is true, however often it is said", async () => {
    const [bob, id] = [await app.as("bob"), await app.id("alice")];
    const first = await bob.users.follow({ id });
    expect(first).toEqual({
      viewer: {
        following: true,
        followedBy: false,
        requested: false,
        requestedBy: false,
        blocking: false,
        muting: false,
        mutingRetweets: false,
      },
      counts: { followers: 1, following: 0, tweets: 0 },
    });
    expect(await bob.users.follow({ id })).toEqual(first);
    expect(await countsOf("bob")).toMatchObject({ following: 1, followers: 0 });
    const last = await bob.users.unfollow({ id });
    expect(last).toMatchObject({ viewer: { following: false }, counts: { followers: 0 } });
    expect(await bob.users.unfollow({ id })).toEqual(last);
    expect(await countsOf("bob")).toMatchObject({ following: 0 });
  });

  it("makes one edge of fifty follows at once", async () => {
    const [bob, id] = [await app.as("bob"), await app.id("carol")];
    const states = await Promise.all(Array.from({ length: 50 }, () => bob.users.follow({ id })));
    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(1);
    expect(await countsOf("carol")).toMatchObject({ followers: 1 });
    expect(await countsOf("bob")).toMatchObject({ following: 1 });
    await Promise.all(Array.from({ length: 50 }, () => bob.users.unfollow({ id })));
    expect(await countsOf("carol")).toMatchObject({ followers: 0 });
    expect(await countsOf("bob")).toMatchObject({ following: 0 });
  });

  it("keeps counters equal to edges in a storm of follows, unfollows and removals", async () => {
    const people = ["dan", "erin", "frank", "grace"];
    const ids = await Promise.all(people.map((name) => app.id(name)));
    const callers = await Promise.all(people.map((name) => app.as(name)));
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const verbs = ["follow", "follow", "unfollow", "removeFollower"] as const;
    await Promise.all(
      Array.from({ length: 120 }, () => {
        const from = random(4);
        const to = (from + 1 + random(3)) % 4;
        return callers[from]!.users[verbs[random(4)]!]({ id: ids[to]! });
      }),
    );
    for (const [index, name] of people.entries()) {
      const id = new mongoose.Types.ObjectId(ids[index]!);
      expect(await countsOf(name)).toMatchObject({
        followers: await edges({ toId: id }),
        following: await edges({ fromId: id }),
      });
    }
  });

  it("counts many who follow one at once", async () => {
    const id = await app.id("star");
    const fans = await Promise.all(Array.from({ length: 30 }, (_, n) => app.as(`fan${n}`)));
    await Promise.all(fans.map((fan) => fan.users.follow({ id })));
    expect(await countsOf("star")).toMatchObject({ followers: 30 });
  });

  it.each(["follow", "unfollow", "removeFollower"] as const)("%s refuses who may not", async (verb) => {
    const bob = await app.as("bob");
    const id = await app.id("alice");
    await app.change("mallory", { suspension });
    await refuses(app.anonymous.users[verb]({ id }), "NOT_SIGNED_IN");
    await refuses((await unverified("newcomer")).users[verb]({ id }), "EMAIL_NOT_VERIFIED");
    await refuses(bob.users[verb]({ id: await app.id("bob") }), "SELF_TARGET");
    await refuses(bob.users[verb]({ id: String(newId()) }), "USER_NOT_FOUND");
    await refuses(bob.users[verb]({ id: await app.id("mallory") }), "USER_NOT_FOUND");
    await refuses(bob.users[verb]({ id: { $ne: null } as never }), "BAD_INPUT");
    expect(await edges({ fromId: new mongoose.Types.ObjectId(await app.id("bob")) })).toBe(0);
  });
});

describe("users.removeFollower", () => {
  it("breaks the other's edge and leaves the viewer's own", async () => {
    const [heidi, ivan] = [await app.as("heidi"), await app.as("ivan")];
    await ivan.users.follow({ id: await app.id("heidi") });
    await heidi.users.follow({ id: await app.id("ivan") });
    const state = await heidi.users.removeFollower({ id: await app.id("ivan") });
    expect(state).toMatchObject({
      viewer: { following: true, followedBy: false },
      counts: { followers: 1, following: 0 },
    });
    expect(await countsOf("heidi")).toMatchObject({ followers: 0, following: 1 });
  });
});

describe("users.followers and users.following", () => {
  it("lists the latest first, on both sides", async () => {
    for (const name of ["judy", "ken", "leo"])
      await (await app.as(name)).users.follow({ id: await app.id("wren") });
    expect(names(await app.anonymous.users.followers({ username: "WREN" }))).toEqual(["leo", "ken", "judy"]);
    const leo = await app.as("leo");
    await leo.users.follow({ id: await app.id("ken") });
    expect(names(await leo.users.following({ username: "leo" }))).toEqual(["ken", "wren"]);
    expect((await leo.users.followers({ username: "ken" })).items[0]).toMatchObject({
      username: "leo",
      viewer: { following: false },
    });
  });

  it("pages on undisturbed while others follow and unfollow", async () => {
    const id = await app.id("robin");
    for (let n = 0; n < 10; n++) await (await app.as(`flock${n}`)).users.follow({ id });
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const answer = await app.anonymous.users.followers({ username: "robin", limit: 3, cursor });
      seen.push(...names(answer));
      await (await app.as(`late${page}`)).users.follow({ id });
      await (await app.as(answer.items[0]!.username)).users.unfollow({ id });
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => `flock${9 - n}`));
  });

  it("has no next cursor where the list ends with the page", async () => {
    expect(await app.anonymous.users.followers({ username: "wren", limit: 3 })).toMatchObject({
      nextCursor: null,
    });
    const { nextCursor } = await app.anonymous.users.followers({ username: "wren", limit: 2 });
    expect(nextCursor).not.toBeNull();
  });

  it("leaves suspended people out and fills the page with others; an administrator sees them", async () => {
    for (const name of ["old1", "old2", "bad1", "bad2"]) {
      await (await app.as(name)).users.follow({ id: await app.id("swift") });
    }
    await app.change("bad1", { suspension });
    await app.change("bad2", { suspension });
    const shown = await app.anonymous.users.followers({ username: "swift", limit: 2 });
    expect(names(shown)).toEqual(["old2", "old1"]);
    await app.setRole("admin", "admin");
    const all = await (await app.as("admin")).users.followers({ username: "swift" });
    expect(names(all)).toEqual(["bad2", "bad1", "old2", "old1"]);
  });

  it.each(["followers", "following"] as const)(
    "%s refuses hidden users and made-up cursors",
    async (list) => {
      await app.change("mallory", { suspension });
      await refuses(app.anonymous.users[list]({ username: "mallory" }), "USER_NOT_FOUND");
      await refuses(app.anonymous.users[list]({ username: "nobody_here" }), "USER_NOT_FOUND");
      for (const cursor of ["x", Buffer.from('{"id":{"$gt":""}}').toString("base64url")]) {
        await refuses(app.anonymous.users[list]({ username: "wren", cursor }), "BAD_CURSOR");
      }
      await refuses(app.anonymous.users[list]({ username: "wren", limit: 101 }), "BAD_INPUT");
    },
  );
});

describe("users.suggestions", () => {
  it("names whom those one follows follow, the most shared first, and nobody one follows", async () => {
    const follow = async (from: string, ...to: string[]) => {
      for (const name of to) await (await app.as(from)).users.follow({ id: await app.id(name) });
    };
    await follow("mia", "finch", "lark");
    await follow("finch", "owl", "crow", "mia", "lark");
    await follow("lark", "owl");
    const mia = await app.as("mia");
    const { items, nextCursor } = await mia.users.suggestions({ limit: 3 });
    expect(names({ items }).slice(0, 2)).toEqual(["owl", "crow"]);
    expect(items).toHaveLength(3);
    expect(nextCursor).toBeNull();
    const all = names(await mia.users.suggestions({ limit: 100 }));
    for (const absent of ["mia", "finch", "lark", "mallory"]) expect(all).not.toContain(absent);
  });

  it("names whom most follow to somebody who follows nobody", async () => {
    const { items } = await (await app.as("newborn")).users.suggestions({ limit: 1 });
    expect(names({ items })).toEqual(["star"]);
  });

  it("refuses somebody who is not signed in, and any cursor", async () => {
    await refuses(app.anonymous.users.suggestions({}), "NOT_SIGNED_IN");
    await refuses((await app.as("mia")).users.suggestions({ cursor: "x" }), "BAD_CURSOR");
  });
});
