import type { SearchTweets } from "@warble/contracts";
import fc from "fast-check";
import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { store, tweetFrom } from "../../../test/written";
import { nowMs } from "../../platform/clock";
import { oid } from "../../platform/id";

const app = startTestApp();
const MINUTE = 60_000;
const MANY = 12_000;
const FEW = 1_600;
const AUTHORS = ["alice", "bob", "carol", "mallory"];
/** What a page looks through at most, and what it is shown with. */
const MOST = 5_000 + 500;

type Stored = ReturnType<typeof tweetFrom>;
let some: Stored[] = [];
const ids = new Map<string, string>();

const search = (input: Partial<SearchTweets>) => app.anonymous.search.tweets({ query: "", ...input });

/** All pages, however many of them are empty. */
async function all(input: Partial<SearchTweets>, between: () => Promise<unknown> = async () => undefined) {
  const found: string[] = [];
  let cursor: string | undefined;
  let calls = 0;
  do {
    const page = await search({ ...input, ...(cursor && { cursor }) });
    found.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
    calls += 1;
    await between();
  } while (cursor);
  return { found, calls };
}

/** What a page costs, and that it is read by index in order. */
async function cost(input: Partial<SearchTweets>) {
  let items = 0;
  let goesOn = false;
  const reads = await profiled(async () => {
    const page = await search(input);
    items = page.items.length;
    goesOn = page.nextCursor !== null;
  });
  for (const read of reads) {
    expect(read.plan, JSON.stringify(read)).toMatch(/IXSCAN|IDHACK/);
    expect(read.sorted, JSON.stringify(read)).toBe(false);
  }
  const sum = (name: "docsExamined" | "keysExamined") => reads.reduce((total, read) => total + read[name], 0);
  return { items, goesOn, docs: sum("docsExamined"), keys: sum("keysExamined") };
}

beforeAll(async () => {
  for (const name of AUTHORS) ids.set(name, await app.id(name));
  await app.change("mallory", { suspension: { reason: "spam", until: null } });
  const start = nowMs() - MANY * MINUTE;
  const by = (n: number) => oid(ids.get(AUTHORS[n % 3]!) ?? "");
  const many = Array.from({ length: MANY }, (_, n) => {
    const words = ["all", n % 2 ? "odd" : "even", `n${n % 10}`, n < MANY / 2 ? "old" : "new"];
    if (n % 3_000 === 7) words.push("even", "rare");
    if (n % 4_000 === 11) words.push("seldom");
    return tweetFrom(by(n), words.join(" "), new Date(start + n * MINUTE));
  });
  some = Array.from({ length: FEW }, (_, n) => {
    const words = ["wa", "wb", "wc", "wd", "#we"].filter((_word, bit) => (n * 7 + (n >> 3)) & (1 << bit));
    const tweet = tweetFrom(
      oid(ids.get(AUTHORS[n % 4]!) ?? ""),
      ["w", ...words].join(" "),
      new Date(start + n * MINUTE),
    );
    const counts = { likes: n % 13, retweets: n % 5, replies: 0 };
    return { ...tweet, counts, deletedAt: n % 9 === 0 ? new Date() : null };
  });
  await store(many);
  await store(some);
}, 60_000);

describe("what a search looks through", () => {
  it.each([
    ["a rare word", { query: "rare" }, 4],
    ["a common word", { query: "all" }, 20],
    ["a rare word and a common one", { query: "rare all" }, 4],
    ["a common word and a rare one", { query: "all seldom" }, 3],
    ["a rare word among many", { query: "all old new odd even rare n7" }, 0],
    ["a rare word but for a common one", { query: "rare -all" }, 0],
    ["a rare phrase", { query: '"even rare"' }, 4],
    ["what one has written", { query: "from:alice" }, 20],
    ["two words of which one is rare then", { query: "all even", until: new Date(0).toISOString() }, 0],
    ["what nobody has written", { query: "all nothing" }, 0],
    ["what a name that nobody has is to have written", { query: "from:nobody all" }, 0],
  ])("is no more than there is of the rarest: %s", async (_what, input, items) => {
    const read = await cost(input);
    expect(read).toMatchObject({ items });
    expect(read.docs).toBeLessThan(80);
  });

  it.each([
    ["two common words", { query: "all odd" }, 20],
    ["common words of which few are together", { query: "odd even all" }, 3],
    ["what has nothing left", { query: "all -all" }, 0],
    ["a phrase of common words that nobody writes so", { query: '"odd all"' }, 0],
    ["common words in an order that all have", { query: '"all odd"' }, 20],
    ["a time", { since: new Date(0).toISOString() }, 20],
    ["words of another time", { query: "new old" }, 0],
    ["words of a time", { query: "all even", until: new Date(nowMs() - 5_000 * MINUTE).toISOString() }, 20],
    ["the best of a common word", { query: "all", sort: "top" as const }, 20],
    ["the best of two that are seldom together", { query: "odd even", sort: "top" as const }, 3],
  ])("is bounded: %s", async (_what, input, items) => {
    const read = await cost(input);
    expect(read).toMatchObject({ items, goesOn: true });
    expect(read.docs).toBeLessThan(MOST);
    expect(read.keys).toBeLessThan(4 * MOST);
  });

  it("goes on where it was bounded, until all has been found", async () => {
    // Posts 3007 and 9007 are odd, and have "even" for being rare.
    const { found, calls } = await all({ query: "odd even" });
    expect([found.length, calls > 1]).toEqual([4, true]);
    const newestFirst = [...found].sort().reverse();
    expect(found).toEqual(newestFirst);
    const top = await all({ query: "odd even", sort: "top" });
    expect([...top.found].sort()).toEqual([...found].sort());
  });

  it("is by time what lies in it", async () => {
    const [from, to] = [some[300]!, some[340]!];
    const range = { since: from.createdAt.toISOString(), until: to.createdAt.toISOString() };
    const { docs, items } = await cost({ query: "w", ...range });
    expect([items, docs < 80]).toEqual([20, true]);
    // Of both makings, but for what is deleted, and for what mallory wrote.
    const shown = some.slice(300, 340).filter(isShown);
    expect((await all({ ...range, limit: 100 })).found).toHaveLength(shown.length + 40);
  });
});

const isShown = ({ deletedAt, authorId }: Stored) => !deletedAt && String(authorId) !== ids.get("mallory");

/** What a search is to find, looked at one by one. */
interface Wish {
  words: string[];
  without: string[];
  phrase: string | null;
  from: string | null;
  times: [number, number] | null;
}

const queryOf = ({ words, without, phrase, from }: Wish) =>
  [
    "w",
    ...words,
    ...without.map((word) => `-${word}`),
    ...(phrase ? [`"${phrase}"`] : []),
    ...(from ? [`from:${from}`] : []),
  ].join(" ");

/** Whether it matches, whoever wrote it. */
const isWished = (wish: Wish) => (tweet: Stored, n: number) =>
  !tweet.deletedAt &&
  wish.words.every((word) => tweet.terms.includes(word)) &&
  !wish.without.some((word) => tweet.terms.includes(word)) &&
  (!wish.phrase || tweet.content.includes(wish.phrase)) &&
  (!wish.from || String(tweet.authorId) === ids.get(wish.from)) &&
  (!wish.times || (n >= wish.times[0] && n < wish.times[1]));

const scoreOf = ({ counts }: Stored) => counts.likes + counts.retweets;

const ALL: Wish = { words: [], without: [], phrase: null, from: null, times: null };

const word = fc.constantFrom("wa", "wb", "wc", "wd", "#we");
const wishes: fc.Arbitrary<Wish> = fc.record({
  words: fc.uniqueArray(word, { maxLength: 3 }),
  without: fc.uniqueArray(word, { maxLength: 2 }),
  phrase: fc.option(fc.constantFrom("w wa", "wa wb", "wb wd", "wd wa"), { freq: 2 }),
  from: fc.option(fc.constantFrom("alice", "bob", "mallory"), { freq: 2 }),
  times: fc.option(fc.tuple(fc.nat(FEW - 1), fc.nat(FEW - 1)), { freq: 2 }),
});

describe("what a search finds", () => {
  it("is what looking at each one finds, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(wishes, fc.constantFrom("newest" as const, "top" as const), async (wish, sort) => {
        const timeAt = (n: number) => some[n]!.createdAt.toISOString();
        const times = wish.times && { since: timeAt(wish.times[0]), until: timeAt(wish.times[1]) };
        const { found } = await all({ query: queryOf(wish), sort, limit: 100, ...times });
        const matching = some.filter(isWished(wish));
        const expected = matching.filter(isShown).reverse();
        const idsOf = (tweets: Stored[]) => tweets.map(({ _id }) => String(_id));
        if (sort === "newest") expect(found).toEqual(idsOf(expected));
        // Five hundred and more are ranked one lot after the other.
        else if (matching.length >= 500) expect(found.sort().reverse()).toEqual(idsOf(expected));
        else expect(found).toEqual(idsOf(expected.sort((a, b) => scoreOf(b) - scoreOf(a))));
      }),
      // Of the first 1300, five hundred and more match, and fewer are shown.
      { numRuns: 60, examples: [[{ ...ALL, words: ["wa"], times: [0, 1300] }, "top"]] },
    );
  }, 60_000);

  it.each(["newest", "top"] as const)("is neither lost nor repeated while others write: %s", async (sort) => {
    const posts = mongoose.connection.collection("posts");
    const by = oid(ids.get("alice") ?? "");
    const start = nowMs() - 3_000 * MINUTE;
    const tweets = Array.from({ length: 1_500 }, (_, n) =>
      tweetFrom(by, `busy ${sort} ${n % 3 ? "kept" : "left"}`, new Date(start + n * MINUTE)),
    );
    await store(tweets);
    let turn = 0;
    const touched = new Set<string>();
    const write = async () => {
      turn += 1;
      await store([tweetFrom(by, `busy ${sort} kept late`, new Date(nowMs()))]);
      const [gone, changed] = [tweets[turn * 6 + 1], tweets[turn * 9 + 2]];
      for (const each of [gone, changed]) touched.add(String(each?._id));
      await posts.updateOne({ _id: gone?._id as never }, { $set: { deletedAt: new Date() } });
      await posts.updateOne({ _id: changed?._id as never }, { $set: { terms: ["other"] } });
    };
    const { found } = await all({ query: `busy ${sort} kept`, sort, limit: 20 }, write);
    expect(new Set(found).size).toBe(found.length);
    const kept = tweets.filter(({ content }) => content.includes("kept")).map(({ _id }) => String(_id));
    expect(touched.size).toBeGreaterThan(50);
    expect(kept.filter((id) => !found.includes(id) && !touched.has(id))).toEqual([]);
  });
});
