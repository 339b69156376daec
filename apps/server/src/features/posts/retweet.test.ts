import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { oid } from "../../platform/id";

const app = startTestApp();
const suspension = { reason: "spam", until: null };

async function tweetOf(name: string): Promise<string> {
  return (await (await app.as(name)).tweets.create({ content: "a tweet" })).id;
}

const entriesOf = (id: string) =>
  mongoose.connection
    .collection("entries")
    .find({ tweetId: oid(id) }, { projection: { kind: 1 } })
    .toArray();

describe("a retweet", () => {
  it("is a set: twice is once, of one's own tweets too", async () => {
    const id = await tweetOf("alice");
    for (const name of ["bob", "bob", "alice"]) await (await app.as(name)).tweets.retweet({ id });
    const state = await (await app.as("bob")).tweets.retweet({ id });
    expect(state).toEqual({
      viewer: { liked: false, retweeted: true },
      counts: { likes: 0, retweets: 2, comments: 0 },
    });
    const { items } = await app.anonymous.tweets.retweeters({ id });
    expect(items.map((card) => card.username)).toEqual(["alice", "bob"]);
    await (await app.as("alice")).tweets.unretweet({ id });
    const last = await (await app.as("bob")).tweets.unretweet({ id });
    expect(await (await app.as("bob")).tweets.unretweet({ id })).toEqual(last);
    expect(last).toMatchObject({ viewer: { retweeted: false }, counts: { retweets: 0 } });
    expect(await entriesOf(id)).toMatchObject([{ kind: "tweet" }]);
  });

  it("counts once however often it comes at once, and each person's counts", async () => {
    const id = await tweetOf("alice");
    const callers = await Promise.all(["bob", "carol", "dan"].map((name) => app.as(name)));
    await Promise.all(Array.from({ length: 30 }, (_, i) => callers[i % 3]!.tweets.retweet({ id })));
    expect((await app.anonymous.tweets.get({ id })).counts.retweets).toBe(3);
    await Promise.all(Array.from({ length: 30 }, (_, i) => callers[i % 3]!.tweets.unretweet({ id })));
    expect((await app.anonymous.tweets.get({ id })).counts.retweets).toBe(0);
    expect(await entriesOf(id)).toHaveLength(1);
  });

  it("of a protected author's tweet is refused to all but the author", async () => {
    const id = await tweetOf("carol");
    await app.change("carol", { protected: true });
    const retweet = async (name: string) => (await app.as(name)).tweets.retweet({ id });
    await expect(retweet("bob")).rejects.toMatchObject({
      reason: expect.stringMatching(/^(FORBIDDEN|TWEET_NOT_FOUND)$/),
    });
    expect((await retweet("carol")).counts.retweets).toBe(1);
    await app.change("carol", { protected: false });
  });

  it("and a delete at once leave no entry behind", async () => {
    for (let round = 0; round < 5; round++) {
      const id = await tweetOf("alice");
      const [deleted, ...outcomes] = await Promise.allSettled([
        (await app.as("alice")).tweets.delete({ id }),
        ...["bob", "carol", "dan"].map(async (name) => (await app.as(name)).tweets.retweet({ id })),
      ]);
      expect(deleted.status).toBe("fulfilled");
      for (const outcome of outcomes)
        if (outcome.status === "rejected")
          expect(outcome.reason).toMatchObject({ reason: "TWEET_NOT_FOUND" });
      await app.settled();
      expect(await entriesOf(id)).toEqual([]);
    }
  });

  it("by somebody suspended is not listed", async () => {
    const id = await tweetOf("alice");
    for (const name of ["bob", "dan"]) await (await app.as(name)).tweets.retweet({ id });
    await app.change("dan", { suspension });
    const { items } = await app.anonymous.tweets.retweeters({ id });
    expect(items.map((card) => card.username)).toEqual(["bob"]);
    await app.change("dan", { suspension: null });
  });
});
