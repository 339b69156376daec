import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";

const app = startTestApp();
const MISSING = "0123456789abcdef01234567";
const suspension = { reason: "spam", until: null };

async function suspendedWhile<T>(name: string, act: () => Promise<T>): Promise<T> {
  await app.change(name, { suspension });
  try {
    return await act();
  } finally {
    await app.change(name, { suspension: null });
  }
}

async function tweetOf(name: string): Promise<string> {
  return (await (await app.as(name)).tweets.create({ content: "a tweet" })).id;
}

async function commentOf(name: string, tweetId: string, parentId?: string): Promise<string> {
  const answered = parentId === undefined ? {} : { parentId };
  return (await (await app.as(name)).comments.create({ tweetId, ...answered, content: `by ${name}` })).id;
}

const countsOf = async (tweetId: string) => (await app.anonymous.tweets.get({ id: tweetId })).counts;

describe("comments.create", () => {
  it("answers a tweet, and counts there", async () => {
    const tweetId = await tweetOf("alice");
    await app.id("carol");
    const bob = await app.as("bob");
    const comment = await bob.comments.create({ tweetId, content: "hello @carol #Hi" });
    expect(comment).toMatchObject({
      tweetId,
      parentId: null,
      author: { username: "bob" },
      content: "hello @carol #Hi",
      entities: [
        { type: "mention", username: "carol" },
        { type: "hashtag", tag: "Hi" },
      ],
      counts: { likes: 0, replies: 0 },
      viewer: { liked: false },
    });
    expect(await bob.comments.get({ id: comment.id })).toEqual(comment);
    expect((await app.anonymous.comments.get({ id: comment.id })).viewer).toBeNull();
    expect((await countsOf(tweetId)).comments).toBe(1);
    expect((await bob.users.get({ username: "bob" })).counts.tweets).toBe(0);
  });

  it("answers a comment, and counts there and not at the tweet", async () => {
    const tweetId = await tweetOf("alice");
    const parentId = await commentOf("bob", tweetId);
    const reply = await (await app.as("carol")).comments.create({ tweetId, parentId, content: "yes" });
    expect(reply).toMatchObject({ tweetId, parentId });
    expect((await app.anonymous.comments.get({ id: parentId })).counts.replies).toBe(1);
    expect((await countsOf(tweetId)).comments).toBe(1);
  });

  it("refuses tweets and parents that are missing, deleted, hidden, or elsewhere", async () => {
    const bob = await app.as("bob");
    const [tweetId, elsewhere] = [await tweetOf("alice"), await tweetOf("alice")];
    const deletedTweet = await tweetOf("alice");
    await (await app.as("alice")).tweets.delete({ id: deletedTweet });
    const hiddenTweet = await tweetOf("carol");
    const [foreign, deleted] = [await commentOf("alice", elsewhere), await commentOf("bob", tweetId)];
    const [hidden, suspended] = [await commentOf("dan", tweetId), await commentOf("carol", tweetId)];
    await bob.comments.delete({ id: deleted });
    await (await app.as("alice")).comments.hide({ id: hidden });
    await suspendedWhile("carol", async () => {
      for (const id of [MISSING, deletedTweet, hiddenTweet, foreign])
        await expect(bob.comments.create({ tweetId: id, content: "x" })).rejects.toMatchObject({
          reason: "TWEET_NOT_FOUND",
        });
      for (const parentId of [MISSING, foreign, deleted, hidden, suspended, tweetId])
        await expect(bob.comments.create({ tweetId, parentId, content: "x" })).rejects.toMatchObject({
          reason: "COMMENT_NOT_FOUND",
          message: "There is no such comment.",
        });
    });
    await expect(bob.comments.create({ tweetId, content: "\n" })).rejects.toMatchObject({
      reason: "BAD_INPUT",
    });
    await expect(bob.comments.create({ tweetId, content: "x".repeat(281) })).rejects.toMatchObject({
      issues: [{ path: ["content"] }],
    });
    expect((await countsOf(tweetId)).comments).toBe(2);
  });

  it("counts every one of many that come at once", async () => {
    const tweetId = await tweetOf("alice");
    const names = ["bob", "carol", "dan"];
    await Promise.all(Array.from({ length: 15 }, (_, i) => commentOf(names[i % 3]!, tweetId)));
    expect((await countsOf(tweetId)).comments).toBe(15);
  });

  it("does not comment on a tweet that is deleted at the same time", async () => {
    for (let round = 0; round < 5; round++) {
      const tweetId = await tweetOf("alice");
      const [, comment] = await Promise.allSettled([
        (await app.as("alice")).tweets.delete({ id: tweetId }),
        (await app.as("bob")).comments.create({ tweetId, content: "race" }),
      ]);
      if (comment.status === "rejected") expect(comment.reason).toMatchObject({ reason: "TWEET_NOT_FOUND" });
      await expect(commentOf("bob", tweetId)).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    }
  });
});

describe("who may not", () => {
  const verbs = ["update", "delete", "like", "unlike", "hide", "unhide"] as const;
  type Verb = (typeof verbs)[number];
  const inputOf = (verb: Verb, id: string) =>
    (verb === "update" ? { id, content: "other" } : { id }) as never;

  it.each(verbs)("%s refuses who is not signed in or not verified", async (verb) => {
    const id = await commentOf("bob", await tweetOf("alice"));
    await app.change("frank", { emailVerified: false });
    const frank = await app.as("frank");
    const input = inputOf(verb, id);
    await expect(app.anonymous.comments[verb](input)).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
    await expect(frank.comments[verb](input)).rejects.toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  });

  it("create refuses who is not signed in or not verified", async () => {
    const input = { tweetId: await tweetOf("alice"), content: "x" };
    await app.change("frank", { emailVerified: false });
    const frank = await app.as("frank");
    await expect(app.anonymous.comments.create(input)).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
    await expect(frank.comments.create(input)).rejects.toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  });

  it.each(["get", "replies", "thread", ...verbs] as const)(
    "%s answers missing, deleted and hidden comments and tweets' ids alike",
    async (verb) => {
      const tweetId = await tweetOf("alice");
      const [deleted, suspended] = [await commentOf("bob", tweetId), await commentOf("carol", tweetId)];
      await (await app.as("bob")).comments.delete({ id: deleted });
      const alice = await app.as("alice");
      await suspendedWhile("carol", async () => {
        for (const id of [MISSING, deleted, suspended, tweetId])
          await expect(alice.comments[verb](inputOf(verb as Verb, id))).rejects.toMatchObject({
            reason: "COMMENT_NOT_FOUND",
            message: "There is no such comment.",
          });
      });
    },
  );

  it.each(["update", "delete"] as const)("%s refuses everybody but the author", async (verb) => {
    const id = await commentOf("bob", await tweetOf("alice"));
    for (const name of ["alice", "carol"])
      await expect((await app.as(name)).comments[verb](inputOf(verb, id))).rejects.toMatchObject({
        reason: "FORBIDDEN",
      });
  });

  it.each(["hide", "unhide"] as const)("%s refuses everybody but the tweet's author", async (verb) => {
    const id = await commentOf("bob", await tweetOf("alice"));
    for (const name of ["bob", "carol"])
      await expect((await app.as(name)).comments[verb]({ id })).rejects.toMatchObject({
        reason: "FORBIDDEN",
      });
  });

  it("a comment is no tweet: the verbs of tweets do not find it", async () => {
    const id = await commentOf("alice", await tweetOf("alice"));
    const alice = await app.as("alice");
    for (const verb of ["get", "likers", "history", "delete", "like", "unlike", "retweet"] as const)
      await expect(alice.tweets[verb]({ id })).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    expect((await alice.comments.get({ id })).counts.likes).toBe(0);
  });
});

describe("a comment", () => {
  it("is edited by its author, however many edits come at once", async () => {
    const id = await commentOf("bob", await tweetOf("alice"));
    const bob = await app.as("bob");
    const edited = await bob.comments.update({ id, content: "now #tagged" });
    expect(edited).toMatchObject({ content: "now #tagged", entities: [{ type: "hashtag" }] });
    expect(edited.editedAt).not.toBeNull();
    await expect(bob.comments.update({ id, content: "now #tagged" })).rejects.toMatchObject({
      reason: "NO_CHANGE",
    });
    const same = Array.from({ length: 4 }, () => bob.comments.update({ id, content: "twice" }));
    const outcomes = await Promise.allSettled(same);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
  });

  it("is liked and unliked as a set", async () => {
    const id = await commentOf("bob", await tweetOf("alice"));
    const carol = await app.as("carol");
    const liked = { viewer: { liked: true }, counts: { likes: 1, replies: 0 } };
    const plain = { viewer: { liked: false }, counts: { likes: 0, replies: 0 } };
    expect(await carol.comments.like({ id })).toEqual(liked);
    expect(await carol.comments.like({ id })).toEqual(liked);
    expect((await carol.comments.get({ id })).viewer).toEqual({ liked: true });
    expect(await carol.comments.unlike({ id })).toEqual(plain);
    expect(await carol.comments.unlike({ id })).toEqual(plain);
  });

  it("that the tweet's author hides is a tombstone to all but who wrote it, until shown again", async () => {
    const tweetId = await tweetOf("alice");
    const id = await commentOf("bob", tweetId);
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    expect(await alice.comments.hide({ id })).toEqual({ ok: true });
    expect(await alice.comments.hide({ id })).toEqual({ ok: true });
    const tombstone = { id, unavailable: "hidden" };
    expect((await app.anonymous.comments.list({ tweetId })).items).toEqual([tombstone]);
    expect((await app.anonymous.comments.thread({ id })).comment).toEqual(tombstone);
    expect((await bob.comments.list({ tweetId })).items).toMatchObject([{ id, content: "by bob" }]);
    await expect((await app.as("carol")).comments.hide({ id })).rejects.toMatchObject({
      reason: "COMMENT_NOT_FOUND",
    });
    await expect((await app.as("carol")).comments.like({ id })).rejects.toMatchObject({
      reason: "COMMENT_NOT_FOUND",
    });
    expect(await alice.comments.unhide({ id })).toEqual({ ok: true });
    expect(await app.anonymous.comments.get({ id })).toMatchObject({ content: "by bob" });
  });

  it("outlives its tweet, but the tweet's list is gone", async () => {
    const tweetId = await tweetOf("alice");
    const id = await commentOf("bob", tweetId);
    await (await app.as("alice")).tweets.delete({ id: tweetId });
    expect(await app.anonymous.comments.get({ id })).toMatchObject({ id, tweetId });
    expect((await app.anonymous.comments.thread({ id })).comment).toMatchObject({ id });
    await expect(app.anonymous.comments.list({ tweetId })).rejects.toMatchObject({
      reason: "TWEET_NOT_FOUND",
    });
    await (await app.as("bob")).comments.delete({ id });
    await expect(app.anonymous.comments.get({ id })).rejects.toMatchObject({ reason: "COMMENT_NOT_FOUND" });
  });
});
