import { describe, expect, it } from "vitest";
import { type Caller, startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { removePost } from "../posts/remove.service";

const app = startTestApp();
const suspension = { reason: "spam", until: null };

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const tweet = async (who: Caller, content = "hello") => (await who.tweets.create({ content })).id;
const ids = (page: { items: { tweet: { id: string } }[] }) => page.items.map((item) => item.tweet.id);

async function comment(username: string, tweetId: string, content: string): Promise<string> {
  return (await (await app.as(username)).comments.create({ tweetId, content })).id;
}

async function allPages(
  read: (cursor?: string) => Promise<{ items: { tweet: { id: string } }[]; nextCursor: string | null }>,
) {
  const got: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    got.push(...ids(page));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return got;
}

describe("timelines.user", () => {
  it("shows a user's tweets and retweets to anybody, newest first", async () => {
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    const [t1, t2, t3] = [await tweet(alice), await tweet(bob), await tweet(alice)];
    await alice.tweets.retweet({ id: t2 });
    const page = await app.anonymous.timelines.user({ username: "ALICE" });
    expect(page.items.map((item) => [item.tweet.id, item.retweetedBy?.username ?? null])).toEqual([
      [t2, "alice"],
      [t3, null],
      [t1, null],
    ]);
    expect(page.items[0]).toMatchObject({
      tweet: { viewer: null, author: { username: "bob" } },
      comment: null,
    });
    await alice.tweets.delete({ id: t3 });
    await alice.tweets.unretweet({ id: t2 });
    expect(ids(await bob.timelines.user({ username: "alice" }))).toEqual([t1]);
  });

  it("pages through everything once while the user goes on", async () => {
    const carol = await app.as("carol");
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.unshift(await tweet(carol, `number ${n}`));
    const got = await allPages(async (cursor) => {
      const page = await app.anonymous.timelines.user({
        username: "carol",
        limit: 3,
        ...(cursor && { cursor }),
      });
      await tweet(carol, "meanwhile");
      return page;
    });
    expect(got).toEqual(made);
  });

  it("answers a missing and a suspended user alike, and hides retweets of the suspended", async () => {
    const [dan, erin] = [await app.as("dan"), await app.as("erin")];
    await erin.tweets.retweet({ id: await tweet(dan) });
    const own = await tweet(erin);
    await app.change("dan", { suspension });
    const hidden = await app.anonymous.timelines.user({ username: "dan" }).catch((error) => error);
    const missing = await app.anonymous.timelines.user({ username: "nobody" }).catch((error) => error);
    expect([hidden.reason, hidden.message]).toEqual(["USER_NOT_FOUND", missing.message]);
    expect(missing.reason).toBe("USER_NOT_FOUND");
    for (const filter of ["replies", "likes"] as const) {
      await refuses(erin.timelines.user({ username: "dan", filter }), "USER_NOT_FOUND");
    }
    expect(ids(await app.anonymous.timelines.user({ username: "erin" }))).toEqual([own]);
  });

  it("shows what a user answered with the tweets that it stands under", async () => {
    const [frank, grace] = [await app.as("frank"), await app.as("grace")];
    const [t1, t2] = [await tweet(frank, "one"), await tweet(frank, "two")];
    const [c1, c2, c3] = [
      await comment("grace", t1, "first"),
      await comment("grace", t2, "second"),
      await comment("grace", t1, "third"),
    ];
    const read = async () => {
      const { items } = await app.anonymous.timelines.user({ username: "grace", filter: "replies" });
      return items.map((item) => [item.tweet.id, item.comment?.id]);
    };
    expect(await read()).toEqual([
      [t1, c3],
      [t2, c2],
      [t1, c1],
    ]);
    expect(ids(await grace.timelines.user({ username: "grace" }))).toEqual([]);
    await removePost(app.running.app, { kind: "comment", id: c3 });
    await frank.tweets.delete({ id: t2 });
    expect(await read()).toEqual([[t1, c1]]);
    await app.change("frank", { suspension });
    expect(await read()).toEqual([]);
  });

  it("shows what a user likes, the latest like first", async () => {
    const [henry, iris] = [await app.as("henry"), await app.as("iris")];
    const [t1, t2, t3] = [await tweet(iris), await tweet(iris), await tweet(iris)];
    for (const id of [t3, t1, t2]) await henry.tweets.like({ id });
    const likes = (who: Caller) => who.timelines.user({ username: "henry", filter: "likes" });
    expect(ids(await likes(iris))).toEqual([t2, t1, t3]);
    expect((await likes(henry)).items[0]?.tweet.viewer).toEqual({ liked: true, retweeted: false });
    await henry.tweets.unlike({ id: t2 });
    await iris.tweets.delete({ id: t1 });
    expect(ids(await likes(iris))).toEqual([t3]);
    await app.change("iris", { suspension });
    expect(ids(await likes(henry))).toEqual([]);
  });

  it("refuses unknown filters, impossible names and cursors that were made up", async () => {
    const user = app.anonymous.timelines.user;
    await refuses(user({ username: "alice", filter: "secrets" as never }), "BAD_INPUT");
    await refuses(user({ username: "$ne" }), "BAD_INPUT");
    await refuses(user({ username: { $ne: null } as never }), "BAD_INPUT");
    await refuses(user({ username: "alice", cursor: "zzz" }), "BAD_CURSOR");
  });
});

describe("timelines.hashtag", () => {
  it("finds a tag however it is written, in tweets only, newest first", async () => {
    const judy = await app.as("judy");
    const [t1, t2, t3] = [
      await tweet(judy, "#Straße"),
      await tweet(judy, "a ＃ＳＴＲＡＳＳＥ b"),
      await tweet(judy, "no tag: strasse"),
    ];
    await comment("judy", t3, "#strasse");
    for (const tag of ["strasse", "#Strasse", "＃STRASSE", " straße "]) {
      expect(ids(await app.anonymous.timelines.hashtag({ tag }))).toEqual([t2, t1]);
    }
    expect(await app.anonymous.timelines.hashtag({ tag: "strass" })).toEqual({ items: [], nextCursor: null });
  });

  it("follows edits, deletions and suspensions at once", async () => {
    const kate = await app.as("kate");
    const [t1, t2] = [await tweet(kate, "#moving on"), await tweet(kate, "#moving back")];
    const read = async () => ids(await app.anonymous.timelines.hashtag({ tag: "moving" }));
    await kate.tweets.update({ id: t1, content: "#staying here" });
    expect(await read()).toEqual([t2]);
    await app.change("kate", { suspension });
    expect(await read()).toEqual([]);
    await app.change("kate", { suspension: null });
    await kate.tweets.delete({ id: t2 });
    expect(await read()).toEqual([]);
    expect(ids(await kate.timelines.hashtag({ tag: "staying" }))).toEqual([t1]);
  });

  it("pages through everything once", async () => {
    const liam = await app.as("liam");
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift(await tweet(liam, `#paging ${n}`));
    const got = await allPages((cursor) =>
      app.anonymous.timelines.hashtag({ tag: "paging", limit: 2, ...(cursor && { cursor }) }),
    );
    expect(got).toEqual(made);
  });

  it("takes what means something to a database or a pattern as plain text", async () => {
    for (const tag of [".*", "$where", "{$ne:1}", "(", "#", "a b"]) {
      expect((await app.anonymous.timelines.hashtag({ tag })).items).toEqual([]);
    }
    await refuses(app.anonymous.timelines.hashtag({ tag: { $ne: null } as never }), "BAD_INPUT");
    await refuses(app.anonymous.timelines.hashtag({ tag: "" }), "BAD_INPUT");
    await refuses(app.anonymous.timelines.hashtag({ tag: "x", cursor: "zzz" }), "BAD_CURSOR");
  });
});

describe("what timelines.user and timelines.hashtag cost", () => {
  it("is reads by index in order, never of whole collections", async () => {
    const mia = await app.as("mia");
    const id = await tweet(mia, "#cost");
    await mia.tweets.like({ id });
    await comment("mia", id, "indeed");
    await app.settled();
    const reads = await profiled(async () => {
      for (const filter of ["tweets", "replies", "likes"] as const) {
        expect((await mia.timelines.user({ username: "mia", filter })).items).toHaveLength(1);
      }
      expect((await mia.timelines.hashtag({ tag: "cost" })).items).toHaveLength(1);
    });
    for (const read of reads) {
      expect(read.plan, JSON.stringify(read)).toContain("IXSCAN");
      expect(read.sorted, JSON.stringify(read)).toBe(false);
    }
    expect(reads.filter((read) => read.plan.includes("terms: 1"))).toHaveLength(1);
  });
});
