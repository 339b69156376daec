import { beforeAll, expect, it } from "vitest";
import { forgetEverything } from "../src/platform/memory";
import { startTestApp } from "./harness";
import { overHttp } from "./http";
import { say } from "./matrix/world";
import { roundTrips } from "./round-trips";

const app = startTestApp({}, { counted: true });
const http = overHttp(app);

let token = "";
let friend = "";
const tweets: string[] = [];

beforeAll(async () => {
  const [alice, bob] = [await app.as("alice"), await app.as("bob")];
  await alice.users.follow({ id: await app.id("bob") });
  await bob.users.follow({ id: await app.id("alice") });
  for (let i = 0; i < 40; i++) tweets.push((await bob.tweets.create({ content: `hello number ${i}` })).id);
  for (const tweetId of tweets) await bob.comments.create({ tweetId, content: "more of it" });
  for (const id of tweets.slice(0, 5)) await bob.tweets.retweet({ id });
  for (const id of tweets) await bob.tweets.like({ id });
  const mine = await alice.tweets.create({ content: "hello @bob" });
  await bob.tweets.like({ id: mine.id });
  await bob.comments.create({ tweetId: mine.id, content: "hello @alice" });
  token = await app.tokenFor("alice");
  friend = await app.id("bob");
  await http.ask("timelines.home", token, {});
  await app.settled();
  // What follows from a call is not counted with it.
  await app.running.app.jobs.stop();
}, 60_000);

type Ask = (round: number) => Promise<boolean>;

const asks =
  (path: string, input: () => object): Ask =>
  async () =>
    (await http.ask(path, token, input())).status === 200;
const does =
  (path: string, input: (round: number) => object, keyed = false): Ask =>
  async (round) =>
    (await http.call(path, input(round), { token, ...(keyed && under(round)) })).status === 200;
const under = (round: number) => ({ headers: { "idempotency-key": `round ${round}` } });

/** As the socket has it done, which knows already who asks. */
const send: Ask = async () => (await say(app, { from: "alice", to: friend, content: "hello" })).number > 0;

/** The commands that the database is sent for one call: with nothing in memory, and with what the last one left there. */
const COSTS: Record<string, { cold: number; warm: number; ask: Ask }> = {
  "timelines.home": { cold: 13, warm: 2, ask: asks("timelines.home", () => ({})) },
  "timelines.user": { cold: 10, warm: 3, ask: asks("timelines.user", () => ({ username: "bob" })) },
  "tweets.get": { cold: 8, warm: 1, ask: asks("tweets.get", () => ({ id: tweets[3] })) },
  "comments.list": { cold: 9, warm: 2, ask: asks("comments.list", () => ({ tweetId: tweets[3] })) },
  "search.tweets": { cold: 7, warm: 2, ask: asks("search.tweets", () => ({ query: "hello" })) },
  "notifications.list": { cold: 8, warm: 2, ask: asks("notifications.list", () => ({})) },
  "users.get": { cold: 4, warm: 1, ask: asks("users.get", () => ({ username: "bob" })) },
  "tweets.create": { cold: 8, warm: 5, ask: does("tweets.create", () => ({ content: "hello" })) },
  // It is kept who asked for what, and then the answer.
  "tweets.create under a key": {
    cold: 10,
    warm: 7,
    ask: does("tweets.create", () => ({ content: "hello" }), true),
  },
  "tweets.like": {
    cold: 12,
    warm: 10,
    ask: does("tweets.like", (round) => ({ id: tweets[round % tweets.length] })),
  },
  "comments.create": {
    cold: 13,
    warm: 10,
    ask: does("comments.create", () => ({ tweetId: tweets[3], content: "hello" })),
  },
  "chat:send": { cold: 11, warm: 9, ask: send },
};

/** Sent by a clock and not by a call: the queue's, the filters', and the stream of changes. */
const BY_CLOCK = ["jobs", "filters", "$cmd.aggregate"];

let round = 0;

async function costOf(ask: Ask): Promise<string[]> {
  let isDone = false;
  const sent = await roundTrips(async () => {
    isDone = await ask(round++);
  }, BY_CLOCK);
  expect(isDone).toBe(true);
  return sent;
}

// Again, where so much else was done on this machine that memory was not believed for a moment.
it.each(Object.entries(COSTS))("%s takes so many round trips", { retry: 2 }, async (_path, costs) => {
  const { cold, warm, ask } = costs;
  // The first one may make what later ones find.
  await costOf(ask);
  forgetEverything();
  const first = await costOf(ask);
  const second = await costOf(ask);
  expect([first.length, second.length], [...first, "", ...second].join("\n")).toEqual([cold, warm]);
});
