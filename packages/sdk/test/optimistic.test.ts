import { startTestApp } from "@warble/server/test";
import { describe, expect, it } from "vitest";
import {
  following,
  isWarbleError,
  liking,
  Optimistic,
  retweeting,
  type Tweet,
  type TweetState,
  type User,
} from "../src/index";
import { comeIn } from "./people";

const app = startTestApp();

/** Tweets as a page shows them. */
function shelf(...tweets: Tweet[]) {
  const shown = new Map(tweets.map((tweet) => [tweet.id, tweet]));
  const change = (id: string, act: (tweet: Tweet) => Tweet) => {
    const tweet = shown.get(id);
    if (tweet) shown.set(id, act(tweet));
  };
  return { change, of: ({ id }: Tweet) => shown.get(id) as Tweet };
}

/** A server whose answers come when the test says so. */
function slowServer() {
  const asked: { on: boolean; answer: (state: TweetState) => void; fail: (error: Error) => void }[] = [];
  const send = (_: unknown, on: boolean) =>
    new Promise<TweetState>((answer, fail) => asked.push({ on, answer, fail }));
  return { asked, send };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

async function written() {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const { id } = await alice.api.tweets.create.mutate({ content: "look" });
  return { alice, bob, tweet: await bob.api.tweets.get.query({ id }) };
}

/** What the server answers when `likes` people like it. */
const liked = ({ viewer, counts }: Tweet, on: boolean, likes: number): TweetState => ({
  viewer: { liked: on, retweeted: viewer?.retweeted ?? false },
  counts: { ...counts, likes },
});

describe("a switch", () => {
  it("shows what the server will say, for likes, retweets and follows", async () => {
    const { alice, bob, tweet } = await written();
    const { id } = tweet;
    const after = { ...tweet, ...(await bob.api.tweets.like.mutate({ id })) };
    expect(liking.as(tweet, true)).toEqual(after);
    expect(liking.as(after, false)).toEqual(tweet);
    expect(retweeting.as(after, true)).toEqual({
      ...after,
      ...(await bob.api.tweets.retweet.mutate({ id })),
    });
    const user = await bob.api.users.get.query({ username: alice.name });
    const followed: User = { ...user, ...(await bob.api.users.follow.mutate({ id: alice.id })) };
    expect(following.as(user, true)).toEqual(followed);
    await bob.api.users.unfollow.mutate({ id: alice.id });
    expect(following.as(followed, false)).toEqual(await bob.api.users.get.query({ username: alice.name }));

    await alice.api.users.update.mutate({ protected: true });
    const locked = await bob.api.users.get.query({ username: alice.name });
    const asked = await bob.api.users.follow.mutate({ id: alice.id });
    expect(following.as(locked, true)).toMatchObject(asked);
    expect(following.as(following.as(locked, true), false)).toEqual(locked);
  });

  it("says nothing new of what is so already, and of nobody", async () => {
    const { tweet } = await written();
    expect(liking.as(tweet, false)).toBe(tweet);
    const nobodys = { ...tweet, viewer: null };
    expect(liking.as(nobodys, true)).toBe(nobodys);
    expect(retweeting.as(nobodys, true)).toBe(nobodys);
    expect(following.as({ ...tweet.author, viewer: null }, true).viewer).toBeNull();
  });

  it("takes of an answer its own part", async () => {
    const { tweet } = await written();
    const shown = retweeting.as(tweet, true);
    const older = liked(tweet, true, 7);
    expect(liking.settle(shown, older)).toMatchObject({
      viewer: { liked: true, retweeted: true },
      counts: { likes: 7, retweets: 1 },
    });
  });
});

describe("what is shown at once", () => {
  it("becomes what the server answers", async () => {
    const { alice, bob, tweet } = await written();
    const shown = shelf(tweet);
    const likes = new Optimistic(liking, {
      send: ({ id }, on) => bob.api.tweets[on ? "like" : "unlike"].mutate({ id }),
      show: shown.change,
    });
    await alice.api.tweets.like.mutate({ id: tweet.id });
    const done = likes.set(tweet, true);
    expect(shown.of(tweet)).toMatchObject({ viewer: { liked: true }, counts: { likes: 1 } });
    await done;
    expect(shown.of(tweet).counts.likes).toBe(2);
    await Promise.all([likes.set(shown.of(tweet), false), likes.set(shown.of(tweet), true)]);
    await likes.set(shown.of(tweet), false);
    expect(shown.of(tweet)).toMatchObject({ viewer: { liked: false }, counts: { likes: 1 } });
    expect((await bob.api.tweets.get.query({ id: tweet.id })).viewer?.liked).toBe(false);
  });

  it("goes back when the server refuses", async () => {
    const { alice, bob, tweet } = await written();
    const shown = shelf(tweet);
    await alice.api.tweets.delete.mutate({ id: tweet.id });
    const likes = new Optimistic(liking, {
      send: ({ id }, on) => bob.api.tweets[on ? "like" : "unlike"].mutate({ id }),
      show: shown.change,
    });
    const done = likes.set(tweet, true);
    expect(shown.of(tweet).counts.likes).toBe(1);
    const error = await done.catch((thrown: unknown) => thrown);
    expect(isWarbleError(error, "TWEET_NOT_FOUND")).toBe(true);
    expect(shown.of(tweet)).toEqual(tweet);
  });

  it("asks for one thing at a time, and last for what is wanted last", async () => {
    const { tweet } = await written();
    const [shown, server] = [shelf(tweet), slowServer()];
    const likes = new Optimistic(liking, { send: server.send, show: shown.change });
    const clicks = [true, false, true, false].map((on) => likes.set(shown.of(tweet), on));
    expect(shown.of(tweet)).toEqual(tweet);
    expect(server.asked.map(({ on }) => on)).toEqual([true]);
    server.asked[0]?.answer(liked(tweet, true, 5));
    await turn();
    expect(server.asked.map(({ on }) => on)).toEqual([true, false]);
    // Nobody sees the answer to what is not wanted any more.
    expect(shown.of(tweet)).toEqual(tweet);
    server.asked[1]?.answer(liked(tweet, false, 4));
    await Promise.all(clicks);
    expect(shown.of(tweet)).toMatchObject({ viewer: { liked: false }, counts: { likes: 4 } });
  });

  it("asks again for what is wanted by now where the first try failed, and goes back where that does", async () => {
    const { tweet } = await written();
    const [shown, server] = [shelf(tweet), slowServer()];
    const likes = new Optimistic(liking, { send: server.send, show: shown.change });
    const clicks = [likes.set(tweet, true), likes.set(tweet, false), likes.set(tweet, true)];
    server.asked[0]?.answer(liked(tweet, true, 1));
    await Promise.all(clicks);
    const again = [likes.set(shown.of(tweet), false), likes.set(shown.of(tweet), true)];
    server.asked[1]?.fail(new Error("lost"));
    await turn();
    expect(server.asked.map(({ on }) => on)).toEqual([true, false, true]);
    server.asked[2]?.fail(new Error("lost again"));
    for (const each of again) await expect(each).rejects.toThrow("lost again");
    expect(shown.of(tweet).viewer?.liked).toBe(true);
  });

  it("stands over an answer that was asked for before", async () => {
    const { tweet } = await written();
    const [shown, server] = [shelf(tweet), slowServer()];
    const likes = new Optimistic(liking, { send: server.send, show: shown.change });
    const before = Date.now();
    const done = likes.set(tweet, true);
    expect(likes.over(tweet, before).viewer?.liked).toBe(true);
    server.asked[0]?.answer(liked(tweet, true, 3));
    await done;
    expect(likes.over(tweet, before)).toMatchObject({ viewer: { liked: true }, counts: { likes: 3 } });
    expect(likes.over(tweet, Date.now() + 1)).toBe(tweet);
  });
});
