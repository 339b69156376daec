import { expect, test } from "vitest";
import type { Reply } from "../http";
import { startChild } from "./child";
import { atOnce, median, PASSWORD, type Person, someNetwork, visit } from "./client";

const server = startChild({ PASSWORD_COST: "10" });
const { call, ask, register, login, join } = visit(server);

const HEALTH_MS = 200;
const READS_MS = 500;
const LONGEST_MS = 10_000;

test("a password counts beyond the seventy-two bytes that bcrypt reads", async () => {
  const start = "a".repeat(72);
  expect((await register("bob", { password: `${start}X` })).status).toBe(200);
  expect((await login("bob", `${start}Y`)).reason).toBe("BAD_CREDENTIALS");
  expect((await login("bob", `${start}X`)).status).toBe(200);
});

/** How long it takes to be told that the server lives, and to read as somebody and as nobody. */
async function look(alice: Person): Promise<{ health: number; reads: number }> {
  const start = performance.now();
  const alive = await fetch(`${server.running.url}/livez`);
  const health = performance.now() - start;
  const [profile, home] = await Promise.all([
    ask("users.get", { username: "alice" }, { network: someNetwork() }),
    ask("timelines.home", {}, { by: alice }),
  ]);
  expect([alive.status, profile.status, home.status]).toEqual([200, 200, 200]);
  return { health, reads: Math.max(profile.ms, home.ms) };
}

test("a flood of sign-ins is turned away, and everybody else is answered as ever", async () => {
  const alice = await join("alice");
  const usual: Awaited<ReturnType<typeof look>>[] = [];
  for (let n = 0; n < 20; n++) usual.push(await look(alice));
  let over = false;
  const flood = atOnce(200, (n) =>
    call("auth.login", { identifier: `nobody_${n}`, password: PASSWORD }, { network: someNetwork() }),
  ).finally(() => {
    over = true;
  });
  const waits: typeof usual = [];
  while (!over) waits.push(await look(alice));
  const replies: Reply[] = await flood;
  const refused = replies.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(10);
  for (const { reason, retryAfter } of refused) {
    expect(["BUSY", "RATE_LIMITED"]).toContain(reason);
    expect(retryAfter).toBeGreaterThan(0);
  }
  // 503: what waits its turn for longer than a call may, where bcrypt takes long.
  expect(replies.filter(({ status }) => ![401, 429, 503].includes(status))).toEqual([]);
  // The median, because on a machine that is busy with other things some take longer anyway.
  for (const [what, most] of [
    ["health", HEALTH_MS],
    ["reads", READS_MS],
  ] as const) {
    const [under, before] = [waits, usual].map((looks) => median(looks.map((each) => each[what])));
    expect(under, what).toBeLessThan(Math.max(most, 10 * (before ?? 0)));
  }
  const longest = Math.max(...replies.map(({ ms }) => ms));
  expect(longest).toBeLessThan(Math.max(LONGEST_MS, 100 * median(usual.map(({ reads }) => reads))));
}, 60_000);
