import { randomInt } from "node:crypto";
import type { FeedItem } from "@warble/contracts";
import fc from "fast-check";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verify } from "../../src/verify-command";
import { startTestApp, unlimited } from "../harness";
import { rowsIn } from "../stored";
import { signIn } from "./leaving-moves";
import { allOf } from "./move";
import { expectSameNews } from "./news";
import { relationship } from "./people-moves";
import { readHome, sightOf } from "./post-moves";
import { anyStep, type Step, type Tally, takeAlone, takeAmongOthers, told } from "./walk";
import { newWorld, type World } from "./world";

const PEOPLE = 8;
/** So few meet each other often. */
const FEW = 5;
const SHRINK_MS = 20_000;
/** A seed gives the same steps again; in which order those of several people meet it cannot. */
const seed = Number(process.env.WARBLE_WALK_SEED ?? randomInt(2 ** 31));
/** Of eight at once; a quarter of it alone before, and a quarter on several devices afterwards. */
const steps = Number(process.env.WARBLE_WALK_STEPS ?? 2_000);
const part = Math.floor(steps / 4);

/**
 * Longer than the walk: what is left of those who deleted their account is taken away when it has ended, and nobody has to
 * give their password again.
 */
const LONGER_S = 3_600;
const policy = { ...unlimited, closedSettlesIn: LONGER_S, freshFor: LONGER_S };
const app = startTestApp({ policy });
const tally: Tally = new Map();
let worlds = 0;

/** The last step is a suspension: somebody is shut out when it is looked whether all holds. */
const sample = (count: number, people: number, from: number): Step[] => [
  ...fc.sample(anyStep(people), { numRuns: count - 1, seed: from }),
  { by: 0, move: "suspend", a: 0, b: 0 },
];

/** All that is off, as `verify` says it. */
async function violations(): Promise<string[]> {
  await app.settled();
  await purge();
  const lines: string[] = [];
  await verify(false, (line) => lines.push(line));
  return lines.slice(0, -1).filter((line) => !line.startsWith("ok: "));
}

/** As if all that was under way when somebody deleted their account had ended. */
async function purge(): Promise<void> {
  policy.closedSettlesIn = 0;
  const waiting = { name: "account.closed>purge" };
  await mongoose.connection.collection("jobs").updateMany(waiting, { $set: { runAt: new Date(0) } });
  await app.settled();
  policy.closedSettlesIn = LONGER_S;
}

/** Has a failure name the seed, by which it comes again. */
async function seeded(work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`WARBLE_WALK_SEED=${seed} WARBLE_WALK_STEPS=${steps}: ${message}`, { cause: error });
  });
}

test("one step after the other, everybody sees what the model says", { timeout: 120_000 }, () =>
  seeded(async () => {
    let shrinkingUntil = Number.POSITIVE_INFINITY;
    const walk = fc.asyncProperty(fc.array(anyStep(FEW), { maxLength: part, size: "max" }), async (all) => {
      // What would be tried later passes, so that the shortest walk by then is what is told.
      if (performance.now() > shrinkingUntil) return;
      const world = await newWorld(app, `alone${++worlds}`, FEW);
      try {
        for (const step of all) await takeAlone(world, step, tally);
      } catch (error) {
        shrinkingUntil = Math.min(shrinkingUntil, performance.now() + SHRINK_MS);
        throw error;
      }
    });
    const examples: [Step[]][] = [[sample(part, FEW, seed)]];
    const { failed, counterexample, errorInstance } = await fc.check(walk, { numRuns: 1, seed, examples });
    if (failed) {
      const steps = counterexample?.[0].map(told) ?? [];
      throw new Error(`${errorInstance}\nafter ${steps.length} steps:\n${steps.slice(-30).join("\n")}`);
    }
    expect(await violations()).toEqual([]);
  }),
);

test("eight at once, nothing fails, and afterwards all is as they left it", { timeout: 120_000 }, () =>
  seeded(async () => {
    const world = await newWorld(app, `many${++worlds}`, PEOPLE);
    const all = sample(steps, PEOPLE, seed + 1);
    await Promise.all(
      world.people.map(async (_, index) => {
        for (const step of all.filter((_, at) => at % PEOPLE === index))
          await takeAmongOthers(world, { ...step, by: index }, tally);
      }),
    );
    expect(await violations()).toEqual([]);
    await expectAsLeft(world);
    await expectSameNews(world);
  }),
);

test("each on several devices at once, nothing fails, and afterwards all holds", { timeout: 120_000 }, () =>
  seeded(async () => {
    const world = await newWorld(app, `much${++worlds}`, PEOPLE);
    const left = sample(part, PEOPLE, seed + 2).reverse();
    const device = async () => {
      for (let step = left.pop(); step; step = left.pop()) await takeAmongOthers(world, step, tally);
    };
    await Promise.all(Array.from({ length: PEOPLE * 2 }, device));
    expect(await violations()).toEqual([]);
  }),
);

/** What each did is what it says now, to everybody. */
async function expectAsLeft(world: World): Promise<void> {
  const { people, admin } = world;
  for (const person of people) {
    await admin.moderation.unsuspend({ userId: person.id });
    person.suspended = false;
    if (person.away) await signIn(world, person);
    person.away = false;
  }
  await findTakenDown(world);
  const order = await orderOfHome();
  await expectFollows(world);
  await findRequests(world);
  for (const me of people) {
    for (const them of people.filter((each) => each !== me && !world.blocks.has(each, me))) {
      const { viewer } = await me.caller.users.get({ id: them.id });
      expect(viewer).toMatchObject(relationship(world, me, them));
    }
    const items = await readHome(me);
    const places = items.map(order);
    expect(places).toEqual([...new Set(places)].sort().reverse());
    const home = items.map(({ tweet }) => tweet.id);
    expect(home.length).toBe(new Set(home).size);
    expect([...home].sort()).toEqual(
      world
        .homeOf(me)
        .map(({ id }) => id)
        .sort(),
    );
    for (const tweet of world.tweets.filter((_, at) => at % PEOPLE === people.indexOf(me))) {
      const shown = await me.caller.tweets.get({ id: tweet.id }).catch(() => null);
      expect([tweet.id, shown === null]).toEqual([tweet.id, world.hides(me, tweet) !== undefined]);
      if (shown) expect(shown).toMatchObject(sightOf(world, me, tweet));
    }
  }
}

/** Of two moderators who take something away and bring it back at once, nobody knows who was the last. */
async function findTakenDown({ tweets, comments }: World): Promise<void> {
  const rows = (await rowsIn("posts", { deletedAt: { $ne: null } })) as { _id: unknown }[];
  const deleted = new Set(rows.map(({ _id }) => String(_id)));
  for (const post of [...tweets, ...comments].filter(({ moderated }) => moderated))
    post.deleted = deleted.has(post.id);
}

/** By what the items of home are in order: the entries that put them there. */
async function orderOfHome(): Promise<(item: FeedItem) => string> {
  type Row = Record<"_id" | "actorId" | "tweetId", unknown>;
  const rows = (await rowsIn("entries", { kind: "retweet" })) as Row[];
  const retweets = new Map(rows.map(({ _id, actorId, tweetId }) => [`${actorId} ${tweetId}`, String(_id)]));
  return ({ tweet, retweetedBy }) =>
    retweetedBy ? (retweets.get(`${retweetedBy.id} ${tweet.id}`) ?? "") : tweet.id;
}

/** Who follows whom is the same from both ends; a block may have broken what was said by neither. */
async function expectFollows(world: World): Promise<void> {
  const { people, admin, follows } = world;
  const listOf = (list: "followers" | "following", username: string) =>
    allOf((cursor) => admin.users[list]({ username, limit: 3, ...(cursor && { cursor }) }));
  const [followers, following] = [new Set<string>(), new Set<string>()];
  follows.clear();
  for (const person of people) {
    const { counts } = await admin.users.get({ id: person.id });
    const [to, from] = [await listOf("followers", person.name), await listOf("following", person.name)];
    for (const { id } of to) followers.add(`${id} ${person.id}`);
    for (const { id } of from) following.add(`${person.id} ${id}`);
    expect(counts).toMatchObject({ followers: to.length, following: from.length });
    expect([new Set(to.map(({ id }) => id)).size, new Set(from.map(({ id }) => id)).size]).toEqual([
      to.length,
      from.length,
    ]);
    for (const { id } of from) {
      const them = people.find((each) => each.id === id);
      if (them) follows.add(person, them);
    }
  }
  expect([...followers].sort()).toEqual([...following].sort());
}

/** Only who is asked knows who waits. */
async function findRequests({ people, requests }: World): Promise<void> {
  requests.clear();
  for (const me of people) {
    const asking = await allOf((cursor) =>
      me.caller.users.followRequests({ limit: 3, ...(cursor && { cursor }) }),
    );
    for (const them of people) if (asking.some(({ id }) => id === them.id)) requests.add(them, me);
  }
}

beforeAll(() => {
  expect(steps).toBeGreaterThan(3);
});

afterAll(() => {
  // Each move was done at least once, or this walk goes nowhere.
  const done = [...tally.keys()].filter((key) => key.endsWith(" done"));
  if (steps >= 2_000) expect(done.length).toBeGreaterThan(60);
});
