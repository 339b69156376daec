import type { Page, Tweet } from "@warble/contracts";
import { beforeAll, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../src/platform/policy";
import { startTestApp } from "../harness";
import { atOnce, PASSWORD, type Person, someNetwork, visit } from "./client";

const app = startTestApp({ policy: DEFAULT_POLICY });
const { call, ask, batch, join, chat } = visit(app);

let alice: Person;
let bob: Person;

beforeAll(async () => {
  [alice, bob] = [await join("alice"), await join("bob")];
});

const nobody = (n: number) => ({ identifier: `nobody_${n}`, password: PASSWORD });

test("each call of a batch counts", async () => {
  const ids = Array.from({ length: 10 }, () => ({ id: "0".repeat(24) }));
  const answers = [];
  for (let round = 0; round < 4; round++) {
    answers.push(...(await batch("tweets.delete", ids, { by: alice })).answers);
  }
  const reasons = answers.map(({ error }) => error?.data.reason);
  expect(reasons.filter((reason) => reason === "TWEET_NOT_FOUND")).toHaveLength(30);
  expect(reasons.filter((reason) => reason === "RATE_LIMITED")).toHaveLength(10);
});

test("a batch of eleven is refused whole", async () => {
  const { status } = await batch(
    "tweets.create",
    Array.from({ length: 11 }, (_, n) => ({ content: `tweet ${n}` })),
    { by: bob },
  );
  expect(status).toBe(400);
  const { data } = await ask<Page<Tweet>>("timelines.user", { username: "bob" });
  expect(data.items).toEqual([]);
});

test("what a socket says counts, over all sockets of a user", async () => {
  const clients = [await chat(bob), await chat(bob), await chat(bob)];
  const answers = await atOnce(90, (n) => clients[n % 3]!.raw("chat:conversations", {}));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(60);
  const over = answers.find(({ ok }) => !ok);
  expect(over).toMatchObject({ reason: "RATE_LIMITED", retryAfter: expect.any(Number) });
  for (const client of clients) client.close();
});

test("a forged address does not help", async () => {
  const replies = [];
  for (let n = 0; n < 100; n++) replies.push(await call("auth.login", nobody(n), { network: someNetwork() }));
  expect(replies.filter(({ reason }) => reason === "BAD_CREDENTIALS").length).toBeLessThanOrEqual(30);
  const over = replies.at(-1)!;
  expect([over.status, over.reason]).toEqual([429, "RATE_LIMITED"]);
  expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
});

// It goes on where the test before has stopped: nothing is left of the window.
test("another spelling of the path does not help", async () => {
  for (const path of [
    "auth.login",
    "auth.login/",
    "/auth.login",
    "./auth.login",
    "auth%2Elogin",
    "AUTH.login",
    "auth.login?a=1",
    "auth.login?batch=0",
    "auth.login.json",
    "auth.login;a=1",
  ]) {
    const { reason } = await call(path, nobody(1));
    expect(["RATE_LIMITED", "NOT_FOUND", "BAD_REQUEST"], path).toContain(reason);
  }
  const { answers } = await batch("auth.login", [nobody(1), nobody(2)]);
  expect(answers.map(({ error }) => error?.data.reason)).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
});
