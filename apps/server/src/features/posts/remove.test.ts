import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { on } from "../../platform/events";
import { oid } from "../../platform/id";
import { postCreated, postDeleted, postEdited } from "./post.service";
import { removePost } from "./remove.service";

const app = startTestApp();

const heard: object[] = [];
const hear = (what: string) => async (_app: unknown, payload: object) => {
  heard.push({ what, ...payload });
};
beforeAll(() => {
  const reactions = [
    ...on(postCreated, { hearCreated: hear("created") }),
    ...on(postEdited, { hearEdited: hear("edited") }),
    ...on(postDeleted, { hearDeleted: hear("deleted") }),
  ];
  app.running.app.jobs.listen(reactions, app.running.app);
});

const stored = (name: string, filter: object) => mongoose.connection.collection(name).find(filter).toArray();

describe("a deleted tweet", () => {
  it("is gone for all at once, with its entries, likes and retweets, and its text is kept as evidence", async () => {
    const [alice, bob] = [await app.as("alice"), await app.as("bob")];
    const { id } = await alice.tweets.create({ content: "evidence" });
    await bob.tweets.like({ id });
    await bob.tweets.retweet({ id });
    const before = (await alice.users.get({ username: "alice" })).counts.tweets;
    expect(await alice.tweets.delete({ id })).toEqual({ ok: true });
    for (const caller of [alice, bob, app.anonymous])
      await expect(caller.tweets.get({ id })).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    await expect(alice.tweets.delete({ id })).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    expect((await alice.users.get({ username: "alice" })).counts.tweets).toBe(before - 1);
    await app.settled();
    expect(await stored("entries", { tweetId: oid(id) })).toEqual([]);
    expect(await stored("likes", { postId: oid(id) })).toEqual([]);
    expect(await stored("posts", { _id: oid(id) })).toMatchObject([{ content: "evidence" }]);
  });

  it("is deleted once, however many delete it at once", async () => {
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "once" });
    const before = (await alice.users.get({ username: "alice" })).counts.tweets;
    const deletes = Array.from({ length: 10 }, () => alice.tweets.delete({ id }));
    const moderator = removePost(app.running.app, { kind: "tweet", id });
    const outcomes = await Promise.allSettled([...deletes, moderator]);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect((await alice.users.get({ username: "alice" })).counts.tweets).toBe(before - 1);
  });

  it("cannot be edited at the same time and come back", async () => {
    const alice = await app.as("alice");
    for (let round = 0; round < 5; round++) {
      const { id } = await alice.tweets.create({ content: "first" });
      await Promise.allSettled([alice.tweets.update({ id, content: "second" }), alice.tweets.delete({ id })]);
      await expect(alice.tweets.get({ id })).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    }
  });
});

describe("the events of a post", () => {
  it("tell of writing, of those whom only an edit mentions, and of deleting, once each", async () => {
    const [bob, carol] = [await app.id("bob"), await app.id("carol")];
    const alice = await app.as("alice");
    await app.settled();
    heard.length = 0;
    const { id } = await alice.tweets.create({ content: "hi @bob" });
    await alice.tweets.update({ id, content: "hi @bob and @carol" });
    await expect(alice.tweets.update({ id, content: "hi @bob and @carol" })).rejects.toThrow();
    await alice.tweets.update({ id, content: "hi @bob" });
    await alice.tweets.delete({ id });
    await app.settled();
    expect(heard).toHaveLength(4);
    expect(heard).toEqual(
      expect.arrayContaining([
        { what: "created", postId: id, kind: "tweet", hashtags: false, mentions: true },
        { what: "edited", postId: id, mentioned: [carol] },
        { what: "edited", postId: id, mentioned: [] },
        { what: "deleted", postId: id },
      ]),
    );
    expect(JSON.stringify(heard)).not.toContain(bob);
  });

  it("come with the terms that the post is found by", async () => {
    const bob = await app.id("bob");
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "Big news @bob #ＷＡＲＢＬＥ" });
    const from = `from:${await app.id("alice")}`;
    const [post] = await stored("posts", { _id: oid(id) });
    expect(post?.terms).toEqual(expect.arrayContaining(["big", "news", "#warble", `@${bob}`, from]));
    await alice.tweets.update({ id, content: "Other" });
    const [edited] = await stored("posts", { _id: oid(id) });
    expect(edited?.terms).toEqual(["other", from]);
  });
});
