import { expect, test } from "vitest";
import type { Reply } from "../http";
import { startChild } from "./child";
import { atOnce, PASSWORD, type Person, someNetwork, visit } from "./client";

const server = startChild({ PASSWORD_COST: "10" });
const { call, ask, register, login, join } = visit(server);

const QUICK_MS = 500;

test("a password counts beyond the seventy-two bytes that bcrypt reads", async () => {
  const start = "a".repeat(72);
  expect((await register("bob", { password: `${start}X` })).status).toBe(200);
  expect((await login("bob", `${start}Y`)).reason).toBe("BAD_CREDENTIALS");
  expect((await login("bob", `${start}X`)).status).toBe(200);
});

/** How long it takes to be told that the server lives, and to read as somebody and as nobody. */
async function look(alice: Person): Promise<number> {
  const start = performance.now();
  const [alive, profile, home] = await Promise.all([
    fetch(`${server.running.url}/livez`),
    ask("users.get", { username: "alice" }),
    ask("timelines.home", {}, { by: alice }),
  ]);
  const ms = performance.now() - start;
  expect([alive.status, profile.status, home.status]).toEqual([200, 200, 200]);
  return ms;
}

test("a flood of sign-ins is turned away, and everybody else is answered as ever", async () => {
  const alice = await join("alice");
  const usual: number[] = [];
  for (let n = 0; n < 20; n++) usual.push(await look(alice));
  let over = false;
  const flood = atOnce(100, (n) =>
    call("auth.login", { identifier: `nobody_${n}`, password: PASSWORD }, { network: someNetwork() }),
  ).finally(() => {
    over = true;
  });
  const waits: number[] = [];
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
  // On a machine that is busy with other things it takes longer anyway.
  expect(percentile(waits, 0.99)).toBeLessThan(Math.max(QUICK_MS, 10 * percentile(usual, 0.99)));
}, 60_000);

const percentile = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? 0;
