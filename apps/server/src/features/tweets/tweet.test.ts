import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { jobsStored, roundTrips } from "../../../test/round-trips";
import { rowsIn } from "../../../test/stored";

const app = startTestApp({}, { counted: true });
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

async function tweetOf(name: string, content = "hello"): Promise<string> {
  return (await (await app.as(name)).tweets.create({ content })).id;
}

async function unverified(name: string) {
  await app.change(name, { emailVerified: false });
  return app.as(name);
}

describe("tweets.create", () => {
  it("a tweet is shown with its author, entities and counts", async () => {
    await app.id("bob");
    const alice = await app.as("alice");
    const tweet = await alice.tweets.create({ content: "hi @Bob, see #Warble at https://example.com/x" });
    expect(tweet).toMatchObject({
      author: { username: "alice" },
      content: "hi @Bob, see #Warble at https://example.com/x",
      entities: [
        { type: "mention", start: 3, end: 7, username: "Bob", userId: await app.id("bob") },
        { type: "hashtag", start: 13, end: 20, tag: "Warble" },
        { type: "url", start: 24, end: 45, url: "https://example.com/x" },
      ],
      editedAt: null,
      counts: { likes: 0, retweets: 0, comments: 0 },
      viewer: { liked: false, retweeted: false },
    });
    expect(await alice.tweets.get({ id: tweet.id })).toEqual(tweet);
    expect((await app.anonymous.tweets.get({ id: tweet.id })).viewer).toBeNull();
  });

  it("mentions of people who are missing, suspended or not verified are plain text", async () => {
    await app.change("dan", { emailVerified: false });
    const alice = await app.as("alice");
    const tweet = await suspendedWhile("carol", () =>
      alice.tweets.create({ content: "@nobody @carol @dan" }),
    );
    expect(tweet.entities).toEqual([]);
    await app.change("dan", { emailVerified: true });
  });

  it("the text is stored in one Unicode form", async () => {
    const { content } = await (await app.as("alice")).tweets.create({ content: "cafe\u0301" });
    expect(content).toBe("caf\u00e9");
  });

  it("280 characters fit, 281 do not, and the refusal says by how much", async () => {
    const alice = await app.as("alice");
    await alice.tweets.create({ content: "a".repeat(280) });
    await expect(alice.tweets.create({ content: "a".repeat(281) })).rejects.toMatchObject({
      reason: "BAD_INPUT",
      issues: [
        { path: ["content"], code: "too_big", message: expect.stringContaining("1 more than the 280") },
      ],
    });
  });

  it.each([
    ["blank", " \n\t"],
    ["invisible", "\u200b\u2060\u3164\u00ad"],
    ["more than 1,120 bytes", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}".repeat(50)],
    ["a NUL", "a\0b"],
    ["half a character", "a\ud800"],
    ["11 mentions", Array.from({ length: 11 }, (_, i) => `@user${i}`).join(" ")],
    ["11 hashtags", Array.from({ length: 11 }, (_, i) => `#tag${i}`).join(" ")],
    ["an object", { $gt: "" }],
  ])("refuses a text that is %s", async (_what, content) => {
    const alice = await app.as("alice");
    await expect(alice.tweets.create({ content: content as string })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  it("ten mentions and ten hashtags fit", async () => {
    const names = Array.from({ length: 10 }, (_, i) => `@user${i} #tag${i}`).join(" ");
    expect((await (await app.as("alice")).tweets.create({ content: names })).entities).toHaveLength(10);
  });

  it("tweets count for their author, also when written at once", async () => {
    const erin = await app.as("erin");
    await Promise.all(Array.from({ length: 10 }, (_, i) => erin.tweets.create({ content: `tweet ${i}` })));
    expect((await erin.users.get({ username: "erin" })).counts.tweets).toBe(10);
  });

  it("of many at once are stored together, each with its author's counter, and who is refused holds up nobody", async () => {
    const crowd = Array.from({ length: 12 }, (_, i) => `writer_${i}`);
    const callers = await Promise.all(crowd.map((name) => app.as(name)));
    const all: Promise<unknown>[] = [];
    const sent = await roundTrips(async () => {
      for (const caller of callers) {
        for (const content of ["one", "two", " "]) all.push(caller.tweets.create({ content }));
      }
      await Promise.allSettled(all);
    });
    const outcomes = await Promise.allSettled(all);
    for (const [i, { status }] of outcomes.entries())
      expect([i, status]).toEqual([i, i % 3 === 2 ? "rejected" : "fulfilled"]);
    const times = (command: string) => sent.filter((one) => one === command).length;
    // Once as a rule; whoever is late is in the next group.
    for (const command of ["insert posts", "insert entries", "update users", "commitTransaction"]) {
      expect(times(command), command).toBeGreaterThan(0);
      expect(times(command), command).toBeLessThanOrEqual(3);
    }
    for (const [i, username] of crowd.entries()) {
      expect((await callers[i]?.users.get({ username }))?.counts.tweets).toBe(2);
      expect(await rowsIn("entries", { actorId: await app.id(username) })).toHaveLength(2);
    }
  });

  it("has jobs only for what it holds: hashtags to count, people to tell", async () => {
    const alice = await app.as("alice");
    await app.id("bob");
    await app.settled();
    const DELIVERED = "entry.added>deliverEntry";
    const jobsOf = (content: string) => jobsStored(() => alice.tweets.create({ content }));
    const tweetId = await tweetOf("bob");
    expect(await jobsOf("nothing to do")).toEqual([DELIVERED]);
    expect(await jobsOf("nobody@example.com is not @somebody_else")).toEqual([DELIVERED]);
    expect(await jobsOf("about #it")).toEqual(["post.created>countHashtags", DELIVERED]);
    expect(await jobsOf("hello @bob")).toEqual(["post.created>tellOfPost", DELIVERED]);
    const answered = await jobsStored(() => alice.comments.create({ tweetId, content: "an answer" }));
    expect(answered).toEqual(["post.created>tellOfPost"]);
  });
});

describe("who may not", () => {
  const verbs = ["update", "delete", "like", "unlike", "retweet", "unretweet"] as const;
  const inputOf = (id: string) => ({ id, content: "other" }) as never;
  const call = async (name: string | null, verb: (typeof verbs)[number], id: string) => {
    const caller = name === null ? app.anonymous : await app.as(name);
    const input = verb === "update" ? inputOf(id) : { id };
    return caller.tweets[verb](input as never);
  };

  it.each(["create", ...verbs] as const)("%s refuses who is not signed in or not verified", async (verb) => {
    const id = await tweetOf("alice");
    const frank = await unverified("frank");
    const input = (verb === "create" ? { content: "x" } : verb === "update" ? inputOf(id) : { id }) as never;
    await expect(app.anonymous.tweets[verb](input)).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
    await expect(frank.tweets[verb](input)).rejects.toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  });

  it.each(verbs)("%s answers missing, deleted and hidden tweets alike", async (verb) => {
    const deleted = await tweetOf("alice");
    await (await app.as("alice")).tweets.delete({ id: deleted });
    const hidden = await tweetOf("carol");
    const refusals = await suspendedWhile("carol", () =>
      Promise.all([MISSING, deleted, hidden].map((id) => call("bob", verb, id).catch((error) => error))),
    );
    for (const { reason, message } of refusals)
      expect({ reason, message }).toEqual({ reason: "TWEET_NOT_FOUND", message: "There is no such tweet." });
  });

  it.each(["get", "likers", "retweeters", "history"] as const)(
    "%s answers missing, deleted and hidden tweets alike",
    async (read) => {
      const deleted = await tweetOf("alice");
      await (await app.as("alice")).tweets.delete({ id: deleted });
      const hidden = await tweetOf("carol");
      await suspendedWhile("carol", async () => {
        for (const id of [MISSING, deleted, hidden])
          await expect(app.anonymous.tweets[read]({ id })).rejects.toMatchObject({
            reason: "TWEET_NOT_FOUND",
            message: "There is no such tweet.",
          });
      });
    },
  );

  it.each(["update", "delete"] as const)("%s refuses everybody but the author", async (verb) => {
    const id = await tweetOf("alice");
    await app.setRole("mod", "moderator");
    await expect(call("bob", verb, id)).rejects.toMatchObject({ reason: "FORBIDDEN" });
    await expect(call("mod", verb, id)).rejects.toMatchObject({ reason: "FORBIDDEN" });
  });
});

describe("tweets.update", () => {
  it("the history holds every text, newest first, and the tweet means what it says now", async () => {
    await app.id("carol");
    const alice = await app.as("alice");
    const first = await alice.tweets.create({ content: "one @bob" });
    const second = await alice.tweets.update({ id: first.id, content: "two @carol #two" });
    expect(second.editedAt).not.toBeNull();
    expect(second.entities.map((entity) => entity.type)).toEqual(["mention", "hashtag"]);
    await alice.tweets.update({ id: first.id, content: "three" });
    const page = await app.anonymous.tweets.history({ id: first.id, limit: 2 });
    expect(page.items.map(({ version, content }) => [version, content])).toEqual([
      [2, "three"],
      [1, "two @carol #two"],
    ]);
    const rest = await app.anonymous.tweets.history({ id: first.id, limit: 2, cursor: page.nextCursor! });
    expect(rest).toMatchObject({ items: [{ version: 0, content: "one @bob", createdAt: first.createdAt }] });
    expect(rest.nextCursor).toBeNull();
  });

  it("an edit that changes nothing is refused and leaves no version", async () => {
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "caf\u00e9" });
    await expect(alice.tweets.update({ id, content: "cafe\u0301" })).rejects.toMatchObject({
      reason: "NO_CHANGE",
    });
    await expect(alice.tweets.update({ id, content: " " })).rejects.toMatchObject({ reason: "BAD_INPUT" });
    expect((await alice.tweets.history({ id })).items).toHaveLength(1);
  });

  it("edits at once all have a version", async () => {
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "start" });
    const texts = Array.from({ length: 8 }, (_, i) => `edit ${i}`);
    await Promise.all(texts.map((content) => alice.tweets.update({ id, content })));
    const { items } = await alice.tweets.history({ id });
    expect(items.map((item) => item.version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(items.map((item) => item.content).sort()).toEqual([...texts, "start"].sort());
    expect((await alice.tweets.get({ id })).content).toBe(items[0]?.content);
  });
});
