import { contentOf } from "../crowd/records";
import { wordOf } from "../crowd/words";
import { type Call, mutation, query } from "../load";
import type { Cost, Findings } from "../report";
import type { Stage, Town } from "../stage";
import { examinedBy } from "./examined";
import { callOnce, type Side, warm } from "./rounds";

const COUNTED = 20;

/** What calls cost in counts, which do not depend on the machine, and in computing, which does: with all that follows. */
export async function measureCosts(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const target = await stage.start("server", { mongoUrl: town.mongoUrl, counting: true });
  const tokens = await stage.tokens(town, town.crowd.readers(COUNTED));
  const costs: Cost[] = [];
  for (const [what, callOf] of Object.entries(callsIn(town))) {
    const [first, then] = [0, COUNTED].map((start) =>
      tokens.map((token, index) => callOf(token, start + index)),
    );
    // The first ones pay for what is loaded once.
    await warm(stage, { target, calls: first ?? [] });
    costs.push({ what, ...(await costOf(stage, town, { target, calls: then ?? [] })) });
  }
  await target.stop();
  return { lines: [], costs };
}

async function costOf(stage: Stage, town: Town, side: Side): Promise<Omit<Cost, "what">> {
  const { target } = side;
  await target.commands();
  const before = await target.usage();
  let bytes = 0;
  const { keys, docs, written } = await examinedBy(town.db, async () => {
    bytes = (await callOnce(stage, side)).bytes;
    await target.idle();
  });
  const after = await target.usage();
  const all = {
    roundTrips: (await target.commands()).length,
    keys,
    docs,
    written,
    bytes,
    cpu: after.cpu - before.cpu,
  };
  const each = Object.entries(all).map(([name, sum]) => [name, sum / side.calls.length]);
  return Object.fromEntries(each) as Omit<Cost, "what">;
}

/** The calls that are made most, by a token and a number that is another each time. */
function callsIn({ crowd }: Town): Record<string, (token: string, number: number) => Call> {
  const tweet = (number: number) => crowd.tweets - 1 - number * 3;
  const id = (number: number) => String(crowd.tweetId(tweet(number)));
  const username = (number: number) => crowd.username(crowd.authorOf(tweet(number)));
  return {
    "timelines.home": (token) => query("timelines.home", {}, token),
    "timelines.user": (token, number) => query("timelines.user", { username: username(number) }, token),
    "tweets.get": (token, number) => query("tweets.get", { id: id(number) }, token),
    "comments.list": (token, number) => query("comments.list", { tweetId: id(number) }, token),
    "users.get": (token, number) => query("users.get", { username: username(number) }, token),
    "search.tweets": (token, number) => query("search.tweets", { query: wordOf(number) }, token),
    "notifications.list": (token) => query("notifications.list", {}, token),
    "chat.conversations": (token) => query("chat.conversations", {}, token),
    "tweets.create": (token, number) =>
      mutation("tweets.create", { content: contentOf(crowd, number * 8 + 5) }, token),
    "tweets.like": (token, number) => mutation("tweets.like", { id: String(crowd.tweetId(number)) }, token),
    "tweets.retweet": (token, number) =>
      mutation("tweets.retweet", { id: String(crowd.tweetId(number)) }, token),
    "comments.create": (token, number) =>
      mutation("comments.create", { tweetId: id(number), content: contentOf(crowd, number * 8 + 6) }, token),
  };
}
