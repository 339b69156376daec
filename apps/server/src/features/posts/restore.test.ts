import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { rowsIn } from "../../../test/stored";
import { removePost } from "./remove.service";
import { restorePost, takeDownPost } from "./restore.service";

const app = startTestApp();

const takeDown = (kind: "tweet" | "comment", id: string) => takeDownPost(app.running.app, { kind, id });
const restore = (kind: "tweet" | "comment", id: string) => restorePost(app.running.app, { kind, id });
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

async function commentOf(name: string, tweetId: string, parentId?: string): Promise<string> {
  const answered = parentId === undefined ? {} : { parentId };
  return (await (await app.as(name)).comments.create({ tweetId, ...answered, content: `by ${name}` })).id;
}

/** What is stored of a thread. */
const threadOf = (tweetId: string) => rowsIn("posts", { $or: [{ _id: tweetId }, { tweetId }] });

/** What anybody is shown of it. */
const shownOf = async (tweetId: string) => [
  await app.anonymous.comments.list({ tweetId, sort: "oldest" }),
  (await app.anonymous.tweets.get({ id: tweetId })).counts,
];

describe("a tweet that is taken down", () => {
  it("is gone for all, and comes back with likes, retweets, tags, notifications and its old places", async () => {
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    await bob.users.follow({ id: await app.id("alice") });
    const { id } = await alice.tweets.create({ content: "Look @bob #birds" });
    await alice.tweets.create({ content: "Later" });
    await bob.tweets.like({ id });
    await bob.tweets.retweet({ id });
    await app.settled();
    const shown = async () => [
      await bob.timelines.home({}),
      await bob.timelines.user({ username: "bob", filter: "likes" }),
      await app.anonymous.timelines.user({ username: "bob" }),
      await app.anonymous.timelines.hashtag({ tag: "birds" }),
      await app.anonymous.search.tweets({ query: "look" }),
      (await app.anonymous.search.hashtags({ query: "birds" })).items.map(({ uses }) => uses),
      await bob.notifications.list({}),
      await alice.notifications.list({}),
      (await app.anonymous.users.get({ username: "alice" })).counts,
    ];
    const before = await shown();
    expect(JSON.stringify(before)).toContain(id);
    await takeDown("tweet", id);
    await app.settled();
    for (const caller of [alice, bob, app.anonymous])
      await refuses(caller.tweets.get({ id }), "TWEET_NOT_FOUND");
    await refuses(bob.tweets.like({ id }), "TWEET_NOT_FOUND");
    await refuses(alice.tweets.delete({ id }), "TWEET_NOT_FOUND");
    const meanwhile = await shown();
    expect(JSON.stringify(meanwhile)).not.toContain(id);
    expect(meanwhile[5]).toEqual([]);
    expect(meanwhile.at(-1)).toMatchObject({ tweets: 1 });
    await restore("tweet", id);
    await app.settled();
    expect(await shown()).toEqual(before);
    expect(await bob.tweets.get({ id })).toMatchObject({
      counts: { likes: 1, retweets: 1 },
      viewer: { liked: true, retweeted: true },
    });
  });

  it("comes back once, and not at all when it was not taken down or was deleted", async () => {
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "Twice" });
    await refuses(restore("tweet", id), "TWEET_NOT_FOUND");
    const counted = async () => (await alice.users.get({ username: "alice" })).counts.tweets;
    const before = await counted();
    for (let round = 0; round < 3; round++) {
      await takeDown("tweet", id);
      await refuses(takeDown("tweet", id), "TWEET_NOT_FOUND");
      const all = await Promise.allSettled([
        restore("tweet", id),
        restore("tweet", id),
        restore("tweet", id),
      ]);
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await counted()).toBe(before);
    }
    await removePost(app.running.app, { kind: "tweet", id });
    await refuses(restore("tweet", id), "TWEET_NOT_FOUND");
    await refuses(takeDown("tweet", id), "TWEET_NOT_FOUND");
    expect(await counted()).toBe(before - 1);
  });

  it("does not come back when its author has deleted their account", async () => {
    const { id } = await (await app.as("leaver")).tweets.create({ content: "Mine" });
    await takeDown("tweet", id);
    await app.change("leaver", { deletedAt: new Date() });
    await refuses(restore("tweet", id), "TWEET_NOT_FOUND");
    expect(await rowsIn("posts", { _id: id })).toMatchObject([{ deletedAt: expect.any(Date) }]);
  });

  it("counts its tags right, however often and at whatever moment it comes and goes", async () => {
    const { id } = await (await app.as("alice")).tweets.create({ content: "#herons" });
    for (let round = 0; round < 4; round++) {
      await takeDown("tweet", id);
      await restore("tweet", id);
    }
    await app.settled();
    expect((await app.anonymous.search.hashtags({ query: "herons" })).items).toMatchObject([{ uses: 1 }]);
  });
});

describe("a comment that is taken down", () => {
  it("leaves the thread and comes back into it, whatever stands above and under it", async () => {
    const { id: tweetId } = await (await app.as("alice")).tweets.create({ content: "A thread" });
    const top = await commentOf("bob", tweetId);
    const middle = await commentOf("carol", tweetId, top);
    const leaf = await commentOf("dan", tweetId, middle);
    const before = [await threadOf(tweetId), await shownOf(tweetId)];
    const now = async () => [await threadOf(tweetId), await shownOf(tweetId)];
    for (const [order, back] of [
      [[leaf], [leaf]],
      [[middle], [middle]],
      [
        [leaf, middle, top],
        [leaf, middle, top],
      ],
      [
        [leaf, middle, top],
        [top, middle, leaf],
      ],
      [
        [middle, top, leaf],
        [leaf, top, middle],
      ],
    ] as const) {
      for (const id of order) await takeDown("comment", id);
      for (const id of back) await restore("comment", id);
      expect([order, back, await now()]).toEqual([order, back, before]);
    }
  });

  it("takes its place again under a comment that its author deleted, and gives it up when it goes", async () => {
    const { id: tweetId } = await (await app.as("alice")).tweets.create({ content: "A thread" });
    const top = await commentOf("bob", tweetId);
    const leaf = await commentOf("carol", tweetId, top);
    await takeDown("comment", leaf);
    await (await app.as("bob")).comments.delete({ id: top });
    expect(await shownOf(tweetId)).toMatchObject([{ items: [] }, { comments: 0 }]);
    await restore("comment", leaf);
    expect(await shownOf(tweetId)).toMatchObject([
      { items: [{ id: top, unavailable: "deleted" }] },
      { comments: 0 },
    ]);
    const { items } = await app.anonymous.comments.replies({ id: top });
    expect(items).toMatchObject([{ id: leaf, content: "by carol" }]);
    await refuses(restore("comment", top), "COMMENT_NOT_FOUND");
    await (await app.as("carol")).comments.delete({ id: leaf });
    expect(await shownOf(tweetId)).toMatchObject([{ items: [] }, { comments: 0 }]);
  });

  it("is right after any order of deleting, taking down and restoring in one branch at once", async () => {
    const { id: tweetId } = await (await app.as("alice")).tweets.create({ content: "A thread" });
    const ids = [await commentOf("bob", tweetId)];
    for (let depth = 1; depth < 5; depth++) ids.push(await commentOf("bob", tweetId, ids.at(-1)));
    await Promise.allSettled(ids.map((id) => takeDown("comment", id)));
    expect(await shownOf(tweetId)).toMatchObject([{ items: [] }, { comments: 0 }]);
    await Promise.allSettled(ids.map((id) => restore("comment", id)));
    const { replies } = await app.anonymous.comments.thread({ id: ids[0]! });
    expect(replies.items).toMatchObject([{ node: { id: ids[1], counts: { replies: 1 } } }]);
    expect(await rowsIn("posts", { tweetId, gone: true })).toEqual([]);
    const standing = (await rowsIn("posts", { tweetId })) as {
      standing: number;
      counts: { replies: number };
    }[];
    expect(standing.map((each) => [each.standing, each.counts.replies])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});
