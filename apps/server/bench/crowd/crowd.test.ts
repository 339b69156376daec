import mongoose from "mongoose";
import { beforeAll, expect, it } from "vitest";
import { callAs } from "../../seed/caller";
import { verify } from "../../src/verify-command";
import { startTestApp } from "../../test/harness";
import { Crowd, type CrowdSpec } from "./crowd";
import { fillCrowd } from "./fill";
import { tweetsOf, usersOf } from "./records";
import { rankUsed, wordOf } from "./words";

const app = startTestApp();

const spec: CrowdSpec = {
  people: 60,
  follows: 12,
  tweets: 10,
  retweets: 3,
  likes: 8,
  quiet: 40,
  stars: [5, 80],
  keen: [10, 90],
  seed: 4,
};
const crowd = new Crowd(spec, Date.now());

beforeAll(() => fillCrowd(app.running.app.config.mongoUrl, crowd));

const count = (name: string, filter = {}) => mongoose.connection.collection(name).countDocuments(filter);

it("is stored as the product would have stored it: verify finds nothing that is off", async () => {
  const said: string[] = [];
  expect(await verify(false, (line) => said.push(line)), said.join("\n")).toBe(0);
  expect(await count("posts")).toBe(60 * 10 + 40);
  expect(await count("likes")).toBe(60 * 8);
  expect(await count("entries", { kind: "retweet" })).toBe(60 * 3);
});

it("has people who are followed by, and follow, as many as was asked for", async () => {
  const followers = (person: number) => count("edges", { toId: crowd.userId(person), kind: "follow" });
  expect(await followers(crowd.star(5))).toBe(5);
  expect(await followers(crowd.star(80))).toBe(80);
  expect(await count("edges", { fromId: crowd.userId(crowd.keen(90)) })).toBe(90);
  expect(() => crowd.star(6)).toThrow("nobody in this crowd stands for 6");
});

it("follows by a power law: the first tenth has far more than a tenth of all followers", () => {
  const large = new Crowd({ ...spec, people: 1_000, follows: 20, stars: [], keen: [] }, Date.now());
  const all = [...large.followers].reduce((sum, each) => sum + each);
  const first = [...large.followers].slice(0, 100).reduce((sum, each) => sum + each);
  expect(first / all).toBeGreaterThan(0.35);
});

it("can be read by those who are in it", async () => {
  const id = String(crowd.userId(0));
  const viewer = {
    id,
    username: crowd.username(0),
    sessionId: id,
    role: "user",
    emailVerified: true,
  } as const;
  const { items } = await callAs(app.running.app, viewer).timelines.home({});
  expect(items).toHaveLength(20);
});

it("is the same for the same seed, and another for another", () => {
  const at = Date.now();
  const textsOf = (seed: number) => {
    const same = new Crowd({ ...spec, seed }, at);
    return JSON.stringify([...usersOf(same), ...tweetsOf(same)]);
  };
  expect(textsOf(4)).toBe(textsOf(4));
  expect(textsOf(4)).not.toBe(textsOf(5));
});

it("has words that are about as rare as is asked for", async () => {
  const times = 20;
  const word = wordOf(rankUsed(times, crowd.tweets));
  const found = await count("posts", { terms: word });
  expect(found).toBeGreaterThan(times / 4);
  expect(found).toBeLessThan(times * 4);
});
