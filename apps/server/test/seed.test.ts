import { expect, it } from "vitest";
import { DEMO_PASSWORD, seedPeople } from "../seed/people";
import { startTestApp } from "./harness";

const app = startTestApp();

it("gives a new database people who follow each other and talk, once", async () => {
  expect(await seedPeople(app.running.app)).toBe(true);
  await app.settled();
  const alice = await app.anonymous.users.get({ username: "alice" });
  expect(alice).toMatchObject({
    displayName: "Alice Finch",
    counts: { followers: 3, following: 2, tweets: 2 },
  });
  const { items } = await app.anonymous.timelines.user({ username: "alice" });
  expect(items.map(({ tweet, retweetedBy }) => [tweet.author.username, retweetedBy?.username])).toEqual([
    ["carol", "alice"],
    ["alice", undefined],
    ["alice", undefined],
  ]);
  expect(items[0]?.tweet.counts).toMatchObject({ likes: 1, retweets: 1 });

  expect(await seedPeople(app.running.app)).toBe(false);
  expect(await app.anonymous.users.get({ username: "alice" })).toEqual(alice);
});

it("lets everybody sign in with the demo password", async () => {
  for (const identifier of ["alice", "bob", "carol", "dan@example.com"]) {
    const { user } = await app.anonymous.auth.login({ identifier, password: DEMO_PASSWORD });
    expect(user).toMatchObject({ emailVerified: true, role: "user" });
  }
});

it("refuses to make people with a known password in production", async () => {
  const { app: running } = app.running;
  const production = { ...running, config: { ...running.config, production: true } };
  await expect(seedPeople(production)).rejects.toThrow("never in production");
});
