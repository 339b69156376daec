import { LIMITS, type Tweet } from "@warble/contracts";
import mongoose from "mongoose";
import { beforeAll, describe, expect, test } from "vitest";
import { startTestApp } from "../../test/harness";
import { overHttp, PASSWORD, type Reply } from "../../test/http";
import { nowMs } from "./clock";

const app = startTestApp();
const http = overHttp(app);
const stored = (name: string) => mongoose.connection.collection(name);

let alice = "";
beforeAll(async () => {
  alice = await app.tokenFor("alice");
});

interface Asking {
  key: string;
  token?: string;
}

const call = <T = unknown>(path: string, input: unknown, { key, token = alice }: Asking) =>
  http.call<T>(path, input, { token, headers: { "idempotency-key": key } });
const create = (content: string, asking: Asking) => call<Tweet>("tweets.create", { content }, asking);
const written = (content: string) => stored("posts").countDocuments({ content });
const isReplay = ({ headers }: Reply) => headers.get("idempotency-replayed") === "true";

describe("a call under a key", () => {
  test("is done once, and answered again as it was, flagged", async () => {
    const first = await create("once", { key: "one" });
    await http.call("tweets.like", { id: first.data.id }, { token: alice });
    const second = await create("once", { key: "one" });
    expect(second.text).toBe(first.text);
    expect([first, second].map(isReplay)).toEqual([false, true]);
    expect(await written("once")).toBe(1);
    const other = await create("once", { key: "another" });
    expect(other.data.id).not.toBe(first.data.id);
  });

  test("is not another's: each user has keys of their own, and each procedure", async () => {
    const first = await create("mine", { key: "shared" });
    const theirs = await create("mine", { key: "shared", token: await app.tokenFor("bob") });
    expect(theirs.data.author.username).toBe("bob");
    const comment = { tweetId: first.data.id, content: "mine" };
    expect((await call("comments.create", comment, { key: "shared" })).status).toBe(200);
    expect(await written("mine")).toBe(3);
  });

  test("with another input is refused", async () => {
    await create("this", { key: "two" });
    const refused = await create("that", { key: "two" });
    expect(refused).toMatchObject({ status: 422, reason: "IDEMPOTENCY_MISMATCH" });
    expect(await written("that")).toBe(0);
  });

  test("that is refused keeps nothing: the next one under its key begins anew", async () => {
    expect(await create("", { key: "three" })).toMatchObject({ reason: "BAD_INPUT" });
    expect(await create("unsigned", { key: "three", token: "x" })).toMatchObject({ reason: "NOT_SIGNED_IN" });
    expect((await create("three", { key: "three" })).status).toBe(200);
  });

  test("is done once however many ask at once: the others are asked to wait", async () => {
    const replies = await Promise.all(Array.from({ length: 6 }, () => create("race", { key: "race" })));
    expect(await written("race")).toBe(1);
    const [done, ...rest] = replies.filter(({ status }) => status === 200);
    for (const { text } of rest) expect(text).toBe(done?.text);
    const waiting = replies.filter(({ status }) => status !== 200);
    expect(waiting.length).toBeGreaterThan(0);
    for (const { reason, retryAfter, headers } of waiting) {
      expect([reason, retryAfter, headers.get("retry-after")]).toEqual(["CONFLICT", 1, "1"]);
    }
  });

  test("is kept for a day", async () => {
    await create("a day", { key: "day" });
    const newest = await stored("onces").findOne({}, { sort: { _id: -1 } });
    expect((newest?.expiresAt.getTime() - nowMs()) / 3_600_000).toBeCloseTo(24, 1);
    const indexes = await stored("onces").indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ expireAfterSeconds: 0, key: { expiresAt: 1 } }));
  });

  test.each(["", "x".repeat(LIMITS.idempotencyKey + 1)])("whose length is wrong is refused", async (key) => {
    expect(await create("odd", { key })).toMatchObject({ status: 400, reason: "BAD_REQUEST" });
    expect((await create("long", { key: "x".repeat(LIMITS.idempotencyKey) })).status).toBe(200);
    expect(await written("odd")).toBe(0);
  });

  test("that is the same twice needs nothing stored", async () => {
    const { data: tweet } = await create("liked", { key: "tweet" });
    const before = await stored("onces").countDocuments();
    const replies = [1, 2].map(() => call("tweets.like", { id: tweet.id }, { key: "like" }));
    for (const reply of await Promise.all(replies))
      expect([reply.status, isReplay(reply)]).toEqual([200, false]);
    expect(await stored("onces").countDocuments()).toBe(before);
  });

  test("by tRPC's adapter is the same call", async () => {
    const first = await create("both ways", { key: "ways" });
    const other = await call(
      "tweets.create?connectionParams=%7B%7D",
      { content: "both ways" },
      { key: "ways" },
    );
    expect([other.text, isReplay(other)]).toEqual([first.text, true]);
  });
});

describe("in a batch", () => {
  const batch = async (contents: string[], keys: string) => {
    const response = await fetch(
      `${app.running.url}/trpc/${contents.map(() => "tweets.create").join()}?batch=1`,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${alice}`,
          "idempotency-key": keys,
        },
        body: JSON.stringify(
          Object.assign(
            {},
            contents.map((content) => ({ content })),
          ),
        ),
      },
    );
    return (await response.json()) as { result?: { data: Tweet }; error?: { data: { reason: string } } }[];
  };

  test("each call has its key, and may be repeated by itself", async () => {
    const [one, two] = await batch(["batched 1", "batched 2"], "b1,b2");
    expect((await create("batched 2", { key: "b2" })).data).toEqual(two?.result?.data);
    const again = await batch(["batched 1", "batched 3"], "b1, b2");
    expect(again[0]).toEqual(one);
    expect(again[1]?.error?.data.reason).toBe("IDEMPOTENCY_MISMATCH");
  });

  test("calls that have none are refused", async () => {
    const [one, two] = await batch(["few 1", "few 2"], "few");
    expect([one?.result?.data.content, two?.error?.data.reason]).toEqual(["few 1", "BAD_REQUEST"]);
  });
});

test("nothing that is asked or answered can be read in what is kept", async () => {
  const input = { username: "canary", email: "canary@example.com", password: PASSWORD };
  const ask = () => http.call("auth.register", input, { headers: { "idempotency-key": "registers" } });
  const replies = [await ask(), await ask()];
  expect(replies.map(isReplay)).toEqual([false, true]);
  expect(await http.mails("canary@example.com")).toHaveLength(1);
  await create("canary", { key: "canary" });
  const kept = JSON.stringify(await stored("onces").find().toArray());
  for (const word of ["canary", PASSWORD, "127.0.0.1"]) expect(kept).not.toContain(word);
});

describe("when its node dies before the answer is kept", () => {
  /** As a node leaves it that dies after the effect. */
  const die = (leaseUntil: Date) =>
    stored("onces").findOneAndUpdate({}, { $set: { answer: null, leaseUntil } }, { sort: { _id: -1 } });

  test("a tweet and a comment are not written again", async () => {
    const tweet = await create("survives", { key: "dies" });
    await die(new Date(nowMs() + 5_000));
    expect((await create("survives", { key: "dies" })).reason).toBe("CONFLICT");
    await die(new Date(0));
    expect((await create("survives", { key: "dies" })).text).toBe(tweet.text);
    const input = { tweetId: tweet.data.id, content: "survives too" };
    const comment = await call("comments.create", input, { key: "dies" });
    await die(new Date(0));
    expect((await call("comments.create", input, { key: "dies" })).text).toBe(comment.text);
    expect([await written("survives"), await written("survives too")]).toEqual([1, 1]);
    const [counted] = await stored("posts").find({ content: "survives" }).toArray();
    expect(counted?.counts.replies).toBe(1);
  });

  test("another input is still refused", async () => {
    await create("first", { key: "dies too" });
    await die(new Date(0));
    expect((await create("second", { key: "dies too" })).reason).toBe("IDEMPOTENCY_MISMATCH");
  });
});
