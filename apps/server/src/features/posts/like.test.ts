import mongoose from "mongoose";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { contextOf } from "../../../seed/caller";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { jobsStored, roundTrips } from "../../../test/round-trips";
import { on } from "../../platform/events";
import { oid } from "../../platform/id";
import { forgetEverything } from "../../platform/memory";
import { likePost } from "./like.service";
import { postLiked, postUnliked } from "./post.service";

vi.setConfig({ testTimeout: 60_000 });

const app = startTestApp({}, { counted: true });
const suspension = { reason: "spam", until: null };
const CROWD = Array.from({ length: 24 }, (_, i) => `crowd_${i}`);

const heard: string[] = [];
const hear =
  (what: string) =>
  async (_app: unknown, { postId }: { postId: string }) => {
    heard.push(`${what} ${postId}`);
  };
beforeAll(() => {
  const reactions = [
    ...on(postLiked, { hearLiked: hear("liked") }),
    ...on(postUnliked, { hearUnliked: hear("unliked") }),
  ];
  app.running.app.jobs.listen(reactions, app.running.app);
});

const contextFor = async (name: string) =>
  contextOf(app.running.app, {
    id: await app.id(name),
    username: name,
    sessionId: "",
    role: "user",
    emailVerified: true,
  });

async function tweetOf(name: string): Promise<string> {
  return (await (await app.as(name)).tweets.create({ content: "a tweet" })).id;
}

const likesOf = async (id: string) => (await app.anonymous.tweets.get({ id })).counts.likes;
const edgesOf = (id: string) => mongoose.connection.collection("likes").countDocuments({ postId: oid(id) });

describe("a like", () => {
  it("is a set: twice is once, and each answer says where it led", async () => {
    const id = await tweetOf("alice");
    const bob = await app.as("bob");
    const liked = {
      viewer: { liked: true, retweeted: false },
      counts: { likes: 1, retweets: 0, comments: 0 },
    };
    const plain = {
      viewer: { liked: false, retweeted: false },
      counts: { likes: 0, retweets: 0, comments: 0 },
    };
    expect(await bob.tweets.like({ id })).toEqual(liked);
    expect(await bob.tweets.like({ id })).toEqual(liked);
    expect((await bob.tweets.get({ id })).viewer).toEqual(liked.viewer);
    expect((await (await app.as("carol")).tweets.get({ id })).viewer).toEqual(plain.viewer);
    expect(await bob.tweets.unlike({ id })).toEqual(plain);
    expect(await bob.tweets.unlike({ id })).toEqual(plain);
    await app.settled();
    expect(heard).toEqual([`liked ${id}`, `unliked ${id}`]);
  });

  it("by one person a hundred times at once counts once", async () => {
    const id = await tweetOf("alice");
    const bob = await app.as("bob");
    await Promise.all(Array.from({ length: 100 }, () => bob.tweets.like({ id })));
    expect([await likesOf(id), await edgesOf(id)]).toEqual([1, 1]);
    await app.settled();
    expect(heard.filter((event) => event.endsWith(id))).toEqual([`liked ${id}`]);
  });

  it("by many people at once counts every one", async () => {
    const id = await tweetOf("alice");
    const crowd = await Promise.all(CROWD.map((name) => app.as(name)));
    await Promise.all(crowd.map((caller) => caller.tweets.like({ id })));
    expect([await likesOf(id), await edgesOf(id)]).toEqual([CROWD.length, CROWD.length]);
  });

  it("stays in step with its counter under a storm, which never falls below zero", async () => {
    const id = await tweetOf("alice");
    const [bob, carol] = [await app.as("bob"), await app.as("carol")];
    await bob.tweets.like({ id });
    await Promise.all(Array.from({ length: 30 }, () => bob.tweets.unlike({ id })));
    expect(await likesOf(id)).toBe(0);
    const storm = Array.from({ length: 40 }, (_, i) =>
      (i % 2 ? bob : carol).tweets[i % 3 ? "like" : "unlike"]({ id }),
    );
    const states = await Promise.all(storm);
    for (const { counts } of states) expect(counts.likes).toBeGreaterThanOrEqual(0);
    expect(await likesOf(id)).toBe(await edgesOf(id));
  });

  it("by many at once is written once for all of them, and so is what their author is told", async () => {
    const id = await tweetOf("alice");
    const crowd = await Promise.all(CROWD.map((name) => app.as(name)));
    await app.settled();
    const sent = await roundTrips(async () => {
      await Promise.all(crowd.map((caller) => caller.tweets.like({ id })));
      await app.settled();
    });
    const times = (command: string) => sent.filter((one) => one === command).length;
    for (const command of ["insert likes", "update posts", "insert notifications", "insert events"])
      expect([command, times(command) <= 3]).toEqual([command, true]);
    const told = { tweetId: oid(id), type: "like", goneAt: null };
    expect(await mongoose.connection.collection("notifications").countDocuments(told)).toBe(CROWD.length);
  });

  it("of one post does not wait for another's refusal: who likes what is gone is told so, and only they", async () => {
    const [alive, gone] = [await tweetOf("alice"), await tweetOf("alice")];
    await (await app.as("alice")).tweets.delete({ id: gone });
    const likes = await Promise.all(
      CROWD.map(async (name, i) => {
        const ctx = await contextFor(name);
        return () => likePost(ctx, { kind: "tweet", id: i % 3 ? alive : gone });
      }),
    );
    const outcomes = await Promise.allSettled(likes.map((like) => like()));
    for (const [i, outcome] of outcomes.entries()) {
      if (i % 3) expect(outcome).toMatchObject({ status: "fulfilled" });
      else expect(outcome).toMatchObject({ status: "rejected", reason: { reason: "TWEET_NOT_FOUND" } });
    }
    expect(await edgesOf(gone)).toBe(0);
    expect(await likesOf(alive)).toBe(await edgesOf(alive));
    const counts = outcomes.flatMap((each) => (each.status === "fulfilled" ? each.value.likes : []));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from(counts, (_, n) => n + 1));
    const comment = likePost(await contextFor("bob"), { kind: "comment", id: alive });
    await expect(comment).rejects.toMatchObject({ reason: "COMMENT_NOT_FOUND" });
  });

  it("and taking it back by the same people at once answer what each asked for, and stay in step", async () => {
    const id = await tweetOf("alice");
    const crowd = await Promise.all(CROWD.slice(0, 6).map((name) => app.as(name)));
    for (let round = 0; round < 4; round++) {
      const verbs = Array.from({ length: 6 }, (_, i) =>
        (i + round) % 2 ? ("like" as const) : ("unlike" as const),
      );
      const states = await Promise.all(
        crowd.flatMap((caller) =>
          verbs.map(async (verb) => [verb, await caller.tweets[verb]({ id })] as const),
        ),
      );
      for (const [verb, { viewer, counts }] of states) {
        expect(viewer.liked).toBe(verb === "like");
        expect(counts.likes).toBeGreaterThanOrEqual(verb === "like" ? 1 : 0);
        expect(counts.likes).toBeLessThanOrEqual(crowd.length);
      }
      expect(await likesOf(id)).toBe(await edgesOf(id));
    }
    await app.settled();
    const told = { tweetId: oid(id), type: "like", goneAt: null };
    expect(await mongoose.connection.collection("notifications").countDocuments(told)).toBe(
      await edgesOf(id),
    );
  });

  it("of one's own tells nobody, and has no job for it", async () => {
    const id = await tweetOf("alice");
    const alice = await app.as("alice");
    await app.settled();
    const names = await jobsStored(() => alice.tweets.like({ id }));
    expect(names).not.toContain("post.liked>tellOfLike");
    expect(await jobsStored(async () => (await app.as("bob")).tweets.like({ id }))).toContain(
      "post.liked>tellOfLike",
    );
  });

  it("and a delete at once leave no like behind", async () => {
    const alice = await app.as("alice");
    const crowd = await Promise.all(CROWD.slice(0, 8).map((name) => app.as(name)));
    const id = await tweetOf("alice");
    const likes = crowd.map((caller) => caller.tweets.like({ id }));
    const [deleted, ...outcomes] = await Promise.allSettled([alice.tweets.delete({ id }), ...likes]);
    expect(deleted.status).toBe("fulfilled");
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ reason: "TWEET_NOT_FOUND" });
    await app.settled();
    expect(await edgesOf(id)).toBe(0);
  });
});

describe("tweets.likers", () => {
  it("lists who likes, the latest first, in pages, without those who are suspended", async () => {
    const id = await tweetOf("alice");
    for (const name of ["bob", "carol", "dan", "erin"]) await (await app.as(name)).tweets.like({ id });
    await app.change("dan", { suspension });
    const page = await app.anonymous.tweets.likers({ id, limit: 2 });
    expect(page.items.map((card) => card.username)).toEqual(["erin", "carol"]);
    const rest = await app.anonymous.tweets.likers({ id, limit: 2, cursor: page.nextCursor! });
    expect(rest.items.map((card) => card.username)).toEqual(["bob"]);
    expect(rest.nextCursor).toBeNull();
    await app.change("dan", { suspension: null });
  });

  it.each(["likers", "retweeters", "history"] as const)(
    "%s refuses cursors that were made up",
    async (read) => {
      const id = await tweetOf("alice");
      for (const made of ["nonsense", Buffer.from('{"id":{"$gt":""},"before":-1}').toString("base64url")])
        await expect(app.anonymous.tweets[read]({ id, cursor: made })).rejects.toMatchObject({
          reason: "BAD_CURSOR",
        });
    },
  );

  it("and retweeters and history are read from an index, in order", async () => {
    const [alice, id] = [await app.as("alice"), await tweetOf("alice")];
    for (let i = 0; i < 6; i++) await alice.tweets.update({ id, content: `edit ${i}` });
    for (const name of CROWD.slice(0, 6)) {
      await (await app.as(name)).tweets.like({ id });
      await (await app.as(name)).tweets.retweet({ id });
    }
    await app.settled();
    for (const read of ["likers", "retweeters", "history"] as const) {
      const { nextCursor } = await app.anonymous.tweets[read]({ id, limit: 2 });
      forgetEverything();
      const operations = await profiled(() =>
        app.anonymous.tweets[read]({ id, limit: 2, cursor: nextCursor! }),
      );
      expect(operations.length).toBeGreaterThan(1);
      for (const one of operations) {
        expect(one.plan, JSON.stringify(one)).toMatch(/IXSCAN|IDHACK|EXPRESS/);
        expect([one.sorted, one.docsExamined <= 3]).toEqual([false, true]);
      }
    }
  });
});
