import mongoose from "mongoose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId, oid } from "../src/platform/id";
import { forgetEverything } from "../src/platform/memory";
import { startTestApp, unlimited } from "./harness";
import { overHttp } from "./http";
import { procedures } from "./matrix/asking";
import { CALLS, type Fresh } from "./matrix/calls";
import { type Column, createWorld, type World } from "./matrix/world";
import { type Profiled, profiled } from "./profile";
import { closeStreams, stream } from "./stream-client";

const app = startTestApp({ policy: { ...unlimited, freshFor: 3_600 } });
const http = overHttp(app);

/** So many more of each thing are stored, and more than one read may look at. */
const COPIES = 400;
const MOST_KEYS = 350;
/** Two pages of the usual length, with what is read beside them because the rules may hide some. */
const MOST_DOCS = 110;
/** An owner, who has most of all, about themselves; an administrator; nobody. */
const ASKED: Column[] = ["OW", "AD", "AN"];
const BY_INDEX = /^(IXSCAN|IDHACK|EXPRESS|COUNT_SCAN|DISTINCT_SCAN)/;

interface Exception {
  why: string;
  docs?: number;
  sorts?: true;
}

/** What may look at more or sort, by procedure and collection, since it is bounded otherwise. */
const EXCEPTIONS: Record<string, Exception> = {
  "chat.search conversations": { why: "the latest 2,000 that one is in", docs: 2_000 },
  "notifications.unreadCount edges": { why: "ties to who is behind those that are counted", docs: 1_000 },
  "search.hashtags hashtags": { why: "the first 1,000 with so long a beginning", docs: 1_000 },
  "search.suggest edges": { why: "ties to the 200 who are found", docs: 400 },
  "search.suggest users": { why: "1,000 whom one follows", docs: 1_000 },
  "search.trends hashtags": { why: "60 of them, every ten seconds", sorts: true },
  "search.users edges": { why: "ties to the 200 who are found", docs: 400 },
  "search.users users": { why: "1,000 whom one follows", docs: 1_000 },
  "users.suggestions edges": { why: "the latest 5,000 are counted", docs: 5_000, sorts: true },
};

let world: World;
const tokens = new Map<Column, string>();
beforeAll(async () => {
  world = await createWorld(app);
  await fill(world);
  for (const column of ASKED) {
    const { viewer } = world[column];
    if (viewer) tokens.set(column, await app.tokenFor(viewer));
  }
  // So that no inbox is filled beside what is asked later.
  for (const token of tokens.values()) await http.ask("timelines.home", token, {});
  await app.settled();
}, 120_000);
afterAll(closeStreams);

/** Stores many more of what olive has and of what stands around it: copies of what is there. */
async function fill({ OW: { owner, message } }: World): Promise<void> {
  const id = oid(owner.id);
  const people = Array.from({ length: COPIES }, newId);
  const names = (i: number) => ({ username: `olive${i}`, usernameKey: `olive${i}`, names: [`olive${i}`] });
  await copy("users", { username: "holly" }, (i) => ({
    _id: people[i],
    ...names(i),
    beginnings: ["o", "ol", "oli", "oliv", "olive", "olive"].slice(0, 5),
  }));
  const edges = { kind: "follow", until: null, only: null };
  await insert("edges", (i) => ({ ...edges, fromId: people[i], toId: id }));
  await insert("edges", (i) => ({ ...edges, fromId: id, toId: people[i] }));
  for (const kind of ["block", "mute", "request"])
    await insert("edges", (i) => ({
      ...edges,
      kind,
      fromId: id,
      toId: kind === "request" ? people[i] : newId(),
    }));
  await insert("edges", (i) => ({ ...edges, kind: "request", fromId: people[i], toId: id }));
  const counts = { likes: COPIES + 1, retweets: COPIES + 1, replies: COPIES + 1 };
  await mongoose.connection.collection("posts").updateOne({ _id: oid(owner.tweet) }, { $set: { counts } });
  const [tweet, below] = [{ _id: oid(owner.tweet) }, { _id: oid(owner.below) }];
  for (const theirs of [tweet, below, { _id: oid(owner.comment) }]) await copy("posts", theirs);
  await copy("posts", below, (i) => ({ authorId: people[i] }));
  const posts = await mongoose.connection.collection("posts").find({ authorId: id, kind: "tweet" }).toArray();
  const tweets = posts.map(({ _id }) => _id).slice(-COPIES);
  await insert("entries", (i) => ({ actorId: id, tweetId: tweets[i], kind: "tweet" }));
  await insert("entries", (i) => ({ actorId: people[i], tweetId: tweet._id, kind: "retweet" }));
  await insert("likes", (i) => ({ userId: people[i], postId: tweet._id, kind: "tweet" }));
  await insert("likes", (i) => ({ userId: id, postId: tweets[i], kind: "tweet" }));
  await copy("notifications", { recipientId: id, type: "follow" }, (i) => ({
    key: `copy:${i}`,
    actorId: people[i],
  }));
  await copy("messages", { _id: oid(message) }, (i) => ({ number: 1_000 + i, clientId: `copy:${i}` }));
  await copy("conversations", { _id: oid(owner.conversation) }, (i) => ({ pairKey: `copy:${i}` }));
  await copy("strikes", { userId: id }, (i) => ({ userId: people[i] }));
  await copy("reports", { caseId: oid(owner.report) }, (i) => ({ reporterId: people[i] }));
  await copy("reportCases", { _id: oid(owner.report) }, (i) => ({ openKey: `copy:${i}` }));
  await insert("mutes", (i) => ({
    userId: newId(),
    kind: "word",
    key: `copy:${i}`,
    word: "x",
    terms: ["x"],
    until: null,
  }));
  await copy("hashtags", { key: `${owner.word}tag` }, (i) => ({ key: `${owner.word}tag${i}` }));
  const at = new Date();
  await insert("audit", (i) => ({
    actorId: id,
    action: "resolve",
    targetType: "user",
    targetId: people[i],
    reason: "",
    number: 1_000 + i,
    createdAt: at,
  }));
  await insert("postVersions", (i) => ({
    postId: tweet._id,
    version: i,
    content: "before",
    entities: [],
    createdAt: at,
  }));
}

const insert = (name: string, rowOf: (i: number) => object): Promise<unknown> =>
  mongoose.connection
    .collection(name)
    .insertMany(
      Array.from({ length: COPIES }, (_, i) => ({ _id: newId(), ...rowOf(i) })),
      { ordered: false },
    )
    .catch(ignoreTaken);

const ignoreTaken = (error: unknown): void => {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError) || error.code !== 11000) throw error;
};

/** Stores a record many times more, each with changes of its own. */
async function copy(
  name: string,
  filter: object,
  changesOf: (i: number) => object = () => ({}),
): Promise<void> {
  const row = await mongoose.connection.collection(name).findOne(filter);
  if (!row) throw new Error(`there is nothing in ${name} to copy`);
  await insert(name, (i) => ({ ...row, _id: newId(), ...changesOf(i) }));
}

const reads = procedures.flatMap(([path, { _def }]) => (_def.type === "query" ? path : []));

/** What one procedure has the database do, asked in every way that the matrix knows, by several, with nothing in memory. */
async function readsOf(path: string): Promise<Profiled[]> {
  const rows = Object.keys(CALLS).filter((row) => row.split(" ")[0] === path);
  expect(rows, "nobody asks it in test/matrix/calls.ts").not.toEqual([]);
  const statuses: number[] = [];
  const found: Profiled[] = [];
  for (const row of rows)
    for (const column of ASKED) {
      const { limit: _, ...input } =
        ((await CALLS[row]?.input(world[column], {} as Fresh)) as { limit?: number }) ?? {};
      forgetEverything();
      const ask = async () => statuses.push((await http.ask(path, tokens.get(column), input)).status);
      found.push(...(await profiled(ask)));
    }
  expect(statuses).toContain(200);
  return found;
}

/** Says what is wrong with what a procedure had the database do. */
const faultsIn = (path: string, found: Profiled[]): string[] =>
  found.flatMap((one) => {
    const { docs = MOST_DOCS, sorts = false } = EXCEPTIONS[`${path} ${one.collection}`] ?? {};
    const faults = [
      ...(BY_INDEX.test(one.plan) ? [] : ["it goes through a collection"]),
      ...(one.sorted && !sorts ? ["it sorts in memory"] : []),
      ...(one.docsExamined > docs ? ["it looks at many records"] : []),
      ...(one.keysExamined > Math.max(MOST_KEYS, docs) ? ["it looks at many keys"] : []),
    ];
    return faults.map((fault) => `${fault}: ${JSON.stringify(one)}`);
  });

it.each(reads)("%s reads by an index, and no more than so much", async (path) => {
  const found = await readsOf(path);
  expect(found).not.toEqual([]);
  expect(faultsIn(path, found)).toEqual([]);
});

it("notifications.stream reads what was missed by an index, and no more than so much", async () => {
  const token = tokens.get("OW") ?? "";
  forgetEverything();
  const found = await profiled(async () => (await stream(app, { token, lastEventId: "0" })).stop());
  expect(found).not.toEqual([]);
  expect(faultsIn("notifications.stream", found)).toEqual([]);
});
