import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appRouter } from "../../src/app";
import { DEFAULT_POLICY } from "../../src/platform/policy";
import { startTestApp, unlimited } from "../harness";
import type { Reply } from "../http";
import { atOnce, median, PASSWORD, type Person, visit } from "./client";

const TRIALS = 15;

/** The way to the database, which can be cut. */
async function openWire() {
  const { hostname, port } = new URL(process.env.WARBLE_TEST_MONGO_URL ?? "");
  const open = new Set<Socket>();
  let cut = false;
  const wire = createServer((near) => {
    if (cut) return void near.destroy();
    const far = dial(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
  return {
    port: (wire.address() as AddressInfo).port,
    setCut: (value: boolean) => {
      cut = value;
      if (cut) for (const socket of open) socket.destroy();
    },
    close: () => wire.close(),
  };
}

const wire = await openWire();
const app = startTestApp({
  mongoUrl: `mongodb://127.0.0.1:${wire.port}/warble-${randomBytes(6).toString("hex")}?directConnection=true`,
  passwordCost: 10,
  policy: { ...unlimited, guesses: { ...DEFAULT_POLICY.guesses, free: 1e6, stop: 1e6 } },
});
const { call, ask, register, login, join } = visit(app);
afterAll(() => void wire.close());

let alice: Person;
beforeAll(async () => {
  alice = await join("alice");
});

/** Tells the two sides apart by nothing: not by what is answered, and not by how long it takes. */
async function alike(known: (n: number) => Promise<Reply>, unknown: (n: number) => Promise<Reply>) {
  const [here, nowhere]: [Reply[], Reply[]] = [[], []];
  for (let n = 0; n < TRIALS; n++) {
    here.push(await known(n));
    nowhere.push(await unknown(n));
  }
  const answers = [...here, ...nowhere].map(({ status, text }) => `${status} ${text}`);
  expect(new Set(answers).size).toBe(1);
  const [one, other] = [median(here.map(({ ms }) => ms)), median(nowhere.map(({ ms }) => ms))];
  expect(Math.max(one, other) / Math.min(one, other), `${one} ms and ${other} ms`).toBeLessThan(2);
}

test("signing in tells nothing of who exists", async () => {
  await alike(
    () => login("alice", `${PASSWORD}!`),
    (n) => login(`nobody_${n}`, `${PASSWORD}!`),
  );
  await alike(
    () => login(alice.email, `${PASSWORD}!`),
    (n) => login(`nobody_${n}@example.com`, `${PASSWORD}!`),
  );
}, 60_000);

test("registering tells nothing of which addresses are known", async () => {
  await alike(
    (n) => register(`known_${n}`, { email: alice.email }),
    (n) => register(`unknown_${n}`),
  );
}, 60_000);

test("asking for a reset tells nothing of which addresses are known", async () => {
  await alike(
    () => call("auth.requestPasswordReset", { email: alice.email }),
    (n) => call("auth.requestPasswordReset", { email: `ghost_${n}@example.com` }),
  );
  await alike(
    () => call("auth.verifyPasswordResetCode", { email: alice.email, code: "000000" }),
    (n) => call("auth.verifyPasswordResetCode", { email: `ghost_${n}@example.com`, code: "000000" }),
  );
}, 60_000);

const LEAKS =
  /mongo|E11000|duplicate key|node_modules|\/home|\.[jt]s:\d|\n? at [\w.]+ \(|ECONN|127\.0\.0\.1|stack/i;

/** Every procedure with every kind of input, over HTTP. */
async function everyRefusal(): Promise<Reply[]> {
  const procedures = Object.entries(
    appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
  );
  const cursor = Buffer.from(JSON.stringify({ id: { $ne: 1 } })).toString("base64url");
  const inputs = [undefined, null, { id: "x" }, { id: "0".repeat(24) }, { cursor }, { cursor: "%" }];
  const replies: Reply[] = [];
  for (const [path, { _def }] of procedures) {
    if (_def.type === "subscription") continue;
    const act = _def.type === "query" ? ask : call;
    for (const input of inputs)
      replies.push(await act(path, input, path === "auth.logout" ? {} : { by: alice }));
  }
  return replies;
}

test("no refusal tells how the server is made", async () => {
  const race = await atOnce(8, (n) => register("racer", { email: `racer_${n}@example.com` }));
  const replies = [...race, ...(await everyRefusal())].filter(({ status }) => status >= 400);
  expect(replies.length).toBeGreaterThan(100);
  expect(replies.filter(({ status, text }) => status >= 500 || LEAKS.test(text))).toEqual([]);
}, 60_000);

test("no refusal tells where the database is when it is gone", async () => {
  const by = await join("cut_off");
  wire.setCut(true);
  try {
    const replies = await Promise.all([
      ask("users.get", { username: "alice" }),
      ask("timelines.home", {}, { by }),
      call("tweets.create", { content: "hello" }, { by }),
      login("alice"),
    ]);
    expect(replies.map(({ status, reason }) => [status, reason])).toEqual(
      replies.map(() => [503, "UNAVAILABLE"]),
    );
    expect(replies.filter(({ text }) => LEAKS.test(text))).toEqual([]);
  } finally {
    wire.setCut(false);
  }
  await expect.poll(async () => (await login("alice")).status, { timeout: 15_000 }).toBe(200);
}, 60_000);
