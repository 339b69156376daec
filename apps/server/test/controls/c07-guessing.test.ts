import { createHash } from "node:crypto";
import mongoose from "mongoose";
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../src/platform/policy";
import { startTestApp, unlimited } from "../harness";
import { atOnce, PASSWORD, type Person, visit } from "../mistakes/client";

// Many networks guess: what holds then is the count by name and the one over all names.
const policy = {
  ...unlimited,
  limits: { ...unlimited.limits, login: DEFAULT_POLICY.limits.login },
  wrongPasswords: { points: 200, seconds: 60 },
};
const app = startTestApp({ trustProxy: 1, policy });
const { call, ask, login, join } = visit(app);

const WRONG = "teal otters whistle at dawn";
/** The attacker's networks, and a house that nobody of them is in. */
const network = (n: number) => `198.51.${Math.floor(n / 250)}.${1 + (n % 250)}`;
const HOME = "192.0.2.7";
const ELSEWHERE = "192.0.2.8";

let alice: Person;
beforeAll(async () => {
  alice = await join("alice");
  await join("bob");
  for (const name of ["alice", "bob"]) expect((await login(name, PASSWORD, HOME)).status).toBe(200);
});

const works = async () => {
  const { status } = await ask("auth.me", undefined, { by: alice });
  return [status, (await login("alice", PASSWORD, HOME)).status];
};

describe("when two hundred networks guess", () => {
  test("at one password, they have ten tries together, and its owner notices nothing", async () => {
    const start = performance.now();
    const replies = [];
    for (let round = 0; round < 4; round++) {
      replies.push(...(await atOnce(50, (n) => login("alice", WRONG, network(50 * round + n)))));
      // Signing in with the right password on a known device forgives, so that is looked at once, at the end.
      expect((await ask("auth.me", undefined, { by: alice })).status).toBe(200);
    }
    const looked = replies.filter(({ reason }) => reason === "BAD_CREDENTIALS");
    expect(looked.length).toBeGreaterThanOrEqual(10);
    // And one more after each wait of 1, 2, 4 ... seconds.
    const waits = Math.floor(Math.log2(1 + (performance.now() - start) / 1000));
    expect(looked.length).toBeLessThanOrEqual(10 + waits);
    // Those for whom there is no room are not counted.
    const refused = replies.filter(({ reason }) => reason === "RATE_LIMITED" || reason === "BUSY");
    expect(refused).toHaveLength(200 - looked.length);
    expect((await login("alice", PASSWORD, ELSEWHERE)).reason).toBe("RATE_LIMITED");
    expect(await works()).toEqual([200, 200]);
  });

  test("at everybody's, they are stopped together, and known devices go on", async () => {
    const spray = (from: number, count: number) =>
      atOnce(count, (n) => login(`somebody_${from + n}`, WRONG, network((from + n) % 200)));
    const replies = [];
    for (let n = 0; n < 330; n += 30) replies.push(...(await spray(n, 30)));
    const wrong = replies.filter(({ reason }) => reason === "BAD_CREDENTIALS").length;
    expect(wrong).toBeGreaterThan(150);
    // As many more as are compared at that moment.
    expect(wrong).toBeLessThan(200 + 34);
    const { status, reason, retryAfter, headers } = replies.at(-1)!;
    expect([status, reason, headers.get("retry-after")]).toEqual([429, "RATE_LIMITED", String(retryAfter)]);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);

    const stranger = await login("bob", PASSWORD, ELSEWHERE);
    const nobody = await login("nobody_there", PASSWORD, ELSEWHERE);
    expect([stranger.status, stranger.message]).toEqual([nobody.status, nobody.message]);
    expect(stranger.reason).toBe("RATE_LIMITED");
    expect(await works()).toEqual([200, 200]);
    expect((await login("bob", PASSWORD, HOME)).status).toBe(200);
    const step = await call(
      "auth.confirmPassword",
      { password: PASSWORD },
      { by: alice, network: ELSEWHERE },
    );
    expect(step.status).toBe(200);
  });

  test("nothing is counted for a name meanwhile", async () => {
    await atOnce(30, (n) => login("bob", WRONG, network(n)));
    const key = createHash("sha256").update("bob").digest("base64url");
    expect(await mongoose.connection.collection("guesses").findOne({ key })).toBeNull();
  });
});
