import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startThrowawayMongo } from "@warble/embedded";
import mongoose from "mongoose";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startTestApp, unlimited } from "../../test/harness";
import { profiled } from "../../test/profile";
import { expectRefusal } from "../../test/wire";
import { forgetEverything } from "./memory";

const DEADLINE = 5;

/** A way to the database that can be cut. */
class Cable {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  readonly #to: number;
  #port = 0;

  constructor(to: number) {
    this.#to = to;
  }

  async plug(): Promise<number> {
    if (this.#server?.listening) return this.#port;
    this.#server = createServer((near) => {
      const far = connect(this.#to, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.on("error", () => undefined).on("close", () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as { port: number }).port;
    return this.#port;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

const mongo = await startThrowawayMongo();
const cable = new Cable(Number(new URL(mongo.url).port));
const mongoUrl = new URL(mongo.url);
mongoUrl.port = String(await cable.plug());
// These run last: the server lets go of its database first.
afterAll(async () => {
  cable.cut();
  await mongo.stop();
});
const app = startTestApp({
  logLevel: "silent",
  mongoUrl: mongoUrl.href,
  policy: { ...unlimited, deadline: DEADLINE },
});

const pid = async (): Promise<number> =>
  (await mongoose.connection.db!.admin().command({ serverStatus: 1 })).pid as number;

const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await work, performance.now() - start];
};
const health = async (path: string) => timed(fetch(app.running.url + path).then(({ status }) => status));

async function calls(): Promise<Record<string, () => Promise<Response>>> {
  const headers = { authorization: `Bearer ${await app.tokenFor("alice")}` };
  const input = encodeURIComponent(JSON.stringify({ id: await app.id("alice") }));
  const ask = (path: string, init?: RequestInit) => () => fetch(`${app.running.url}/trpc/${path}`, init);
  const post = (path: string, body: object, more = {}) =>
    ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...more },
      body: JSON.stringify(body),
    });
  return {
    "a query of nobody": ask(`users.get?input=${input}`),
    "a query": ask(`users.get?input=${input}`, { headers }),
    "a transaction": post("tweets.create", { content: "during the outage" }, headers),
    "a login": post("auth.login", { identifier: "alice", password: "teal otters whistle" }),
    "a batch": ask(`auth.me,users.get?batch=1&input=${encodeURIComponent(`{"1":{"username":"alice"}}`)}`, {
      headers,
    }),
  };
}

async function expectUnavailable(name: string, response: Response, ms: number): Promise<void> {
  expect([name, response.status, response.headers.get("retry-after")]).toEqual([name, 503, "5"]);
  const requestId = response.headers.get("x-request-id");
  for (const answer of [await response.json()].flat()) {
    const { reason, data } = expectRefusal(JSON.stringify(answer), { status: 503, requestId });
    expect([reason, data.retryAfter]).toEqual(["UNAVAILABLE", 5]);
  }
  expect([name, ms < (DEADLINE + 1.5) * 1000, ms]).toEqual([name, true, ms]);
}

/** Everything answers as it should while the database does not, and again once it does. */
async function weather(begin: () => Promise<void>, end: () => Promise<void>): Promise<void> {
  const asked = await calls();
  expect((await health("/readyz"))[0]).toBe(200);
  await begin();
  // What is kept in memory is believed for less than a second more.
  await sleep(1_000);
  const answers = Object.entries(asked).map(
    async ([name, call]) => [name, ...(await timed(call()))] as const,
  );
  const crowd = Array.from({ length: 100 }, () => timed(asked["a query"]!()));
  const [ready, live] = await Promise.all([health("/readyz"), health("/livez")]);
  expect([ready[0], live[0]]).toEqual([503, 200]);
  expect(ready[1]).toBeLessThan(4_000);
  expect(live[1]).toBeLessThan(1_000);
  for (const [name, response, ms] of await Promise.all(answers)) await expectUnavailable(name, response, ms);
  for (const [response, ms] of await Promise.all(crowd)) await expectUnavailable("one of many", response, ms);
  const [late, lateMs] = await timed(asked["a query"]!());
  await expectUnavailable("a later query", late, lateMs);

  await end();
  await expect.poll(async () => (await health("/readyz"))[0], { timeout: 15_000, interval: 200 }).toBe(200);
  for (const name of ["a query of nobody", "a query", "a transaction", "a batch"]) {
    const [response, ms] = await timed(asked[name]!());
    expect([name, response.status]).toEqual([name, 200]);
    expect(ms).toBeLessThan(3_000);
  }
}

describe("when the database", () => {
  let revive: () => void = () => undefined;
  afterEach(() => revive());

  test("stands still, calls are refused in time, and go on afterwards", async () => {
    const stopped = await pid();
    revive = () => void process.kill(stopped, "SIGCONT");
    await weather(
      async () => void process.kill(stopped, "SIGSTOP"),
      async () => revive(),
    );
  }, 60_000);

  test("is gone, calls are refused in time, and go on when it is back", async () => {
    revive = () => void cable.plug();
    revive = () => undefined;
    await weather(
      async () => cable.cut(),
      async () => void (await cable.plug()),
    );
  }, 60_000);
});

test("who asks costs two reads the first time, and none after", async () => {
  const headers = { authorization: `Bearer ${await app.tokenFor("alice")}` };
  // There is no such procedure: all that is read is for knowing who asks.
  const nothing = async () =>
    expect((await fetch(`${app.running.url}/trpc/no.such`, { headers })).status).toBe(404);
  const reads = async () => (await profiled(nothing)).map(({ op, collection }) => `${op} ${collection}`);
  await nothing();
  forgetEverything();
  expect((await reads()).sort()).toEqual(["query sessions", "query users"]);
  expect(await reads()).toEqual([]);
});
