import type { FeedItem, Page, Tweet, User, UserCard } from "@warble/contracts";
import { expect, test } from "vitest";
import { startTestApp } from "../harness";
import { allOf, atOnce, type Person, visit } from "./client";

const app = startTestApp();
const { call, ask, everybody } = visit(app);

const ROUNDS = 12;

const list = <T>(path: string, input: object, by?: Person) =>
  allOf((cursor) => ask<Page<T>>(path, { ...input, cursor, limit: 3 }, { by }));
const write = async (by: Person, content: string) =>
  (await call<Tweet>("tweets.create", { content }, { by })).data.id;
const read = async (id: string) => (await ask<Tweet>("tweets.get", { id })).data;
const idsOf = (cards: UserCard[]) => cards.map(({ id }) => id).sort();

test("likes and retweets are counted as often as they are there, after a storm of them", async () => {
  const people = await everybody("alice", "bob", "carol", "dan");
  const id = await write(people[0]!, "a storm");
  const verbs = ["like", "unlike", "retweet", "unretweet"];
  await Promise.all(
    people.map((by) =>
      atOnce(ROUNDS, async (n) => {
        const { status } = await call(`tweets.${verbs[n % 4]}`, { id }, { by });
        expect(status).toBe(200);
      }),
    ),
  );
  const [likers, retweeters] = [
    await list<UserCard>("tweets.likers", { id }),
    await list<UserCard>("tweets.retweeters", { id }),
  ];
  expect((await read(id)).counts).toMatchObject({ likes: likers.length, retweets: retweeters.length });
  // Twice the same is once, and once less is none.
  for (const by of people) await atOnce(3, () => call("tweets.like", { id }, { by }));
  expect(idsOf(await list("tweets.likers", { id }))).toEqual(people.map((each) => each.id).sort());
  expect((await read(id)).counts.likes).toBe(4);
  for (const by of people) await atOnce(3, () => call("tweets.unlike", { id }, { by }));
  expect((await read(id)).counts.likes).toBe(0);
}, 60_000);

test("followers are counted as often as they are there, after a storm of follows", async () => {
  const people = await everybody("erin", "fay", "gus", "hal");
  const pairs = people.flatMap((by) => people.filter((each) => each !== by).map((whom) => ({ by, whom })));
  await Promise.all(
    pairs.map(({ by, whom }) =>
      atOnce(4, (n) => call(n % 2 ? "users.unfollow" : "users.follow", { id: whom.id }, { by })),
    ),
  );
  for (const { username } of people) {
    const { data } = await ask<User>("users.get", { username });
    const [followers, following] = [
      await list<UserCard>("users.followers", { username }),
      await list<UserCard>("users.following", { username }),
    ];
    expect([new Set(idsOf(followers)).size, new Set(idsOf(following)).size]).toEqual([
      data.counts.followers,
      data.counts.following,
    ]);
  }
}, 60_000);

test("home gives each tweet once, and leaves none out, while others write and retweet", async () => {
  const [ivy, jay, kim] = (await everybody("ivy", "jay", "kim")) as [Person, Person, Person];
  for (const { id } of [jay, kim]) await call("users.follow", { id }, { by: ivy });
  const before: string[] = [];
  for (let n = 0; n < 20; n++) before.push(await write(n % 2 ? jay : kim, `tweet ${n}`));
  let reading = true;
  const writing = (async () => {
    for (let n = 0; reading; n++) {
      await write(jay, `meanwhile ${n}`);
      await call("tweets.retweet", { id: before[n % 20] }, { by: kim });
    }
  })();
  const seen = (await list<FeedItem>("timelines.home", {}, ivy)).map(({ tweet }) => tweet.id);
  reading = false;
  await writing;
  expect(new Set(seen).size).toBe(seen.length);
  expect(before.filter((id) => !seen.includes(id))).toEqual([]);
}, 60_000);
