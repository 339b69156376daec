import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ErrorShape } from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestApp } from "../../test/harness";
import { expectRefusal, request, say } from "../../test/wire";
import { createHttp } from "./http";
import { answer, anyone, router } from "./trpc";

const ORIGIN = "https://app.example";
const app = startTestApp({ corsOrigins: [ORIGIN], logLevel: "silent" });

// A router that goes wrong in every way, on the same HTTP side as the real one.
let ran = 0;
let odd: { server: Server; url: string };
const oddRouter = router({
  read: anyone.query(() => "read"),
  write: anyone.mutation(() => ++ran),
  strict: anyone.input(z.strictObject({ a: z.number() })).mutation(() => ++ran),
  throws: anyone.query(() => {
    throw new Error("E11000 MongoServerError at (/home/warble/secret.ts:1:1)");
  }),
  throwsText: anyone.query(() => Promise.reject("MongoServerError at (/home/warble)")),
  clashes: anyone.mutation(async () => {
    const things = mongoose.connection.collection("things");
    await things.insertMany([{ _id: "canary" as never }, { _id: "canary" as never }]);
  }),
  casts: anyone.query(() => mongoose.model("User").findOne({ _id: { $ne: "canary" } })),
  leaks: anyone
    .output(answer(z.strictObject({ id: z.string() })))
    .query(() => ({ id: "1", canary: 1 }) as never),
  parses: anyone.query(() => z.object({ canary: z.string() }).parse({})),
});

beforeAll(async () => {
  const server = createHttp({
    app: app.running.app,
    router: oddRouter,
    authenticate: () => Promise.reject(new Error("E11000 canary")),
    pages: {},
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  odd = { server, url: `http://localhost:${(server.address() as AddressInfo).port}` };
});
afterAll(() => void odd.server.close());

const json = { "content-type": "application/json" };
const post = (body: string, headers: Record<string, string> = json): RequestInit => ({
  method: "POST",
  headers,
  body,
});

const REFUSALS: [name: string, path: string, init: RequestInit, status: number, reason: string][] = [
  ["an unknown path", "/nothing", {}, 404, "NOT_FOUND"],
  ["an unknown path, posted to", "/nothing", post("{}"), 404, "NOT_FOUND"],
  ["an unknown procedure", "/trpc/no.such", {}, 404, "NOT_FOUND"],
  ["no procedure", "/trpc", {}, 404, "NOT_FOUND"],
  ["a procedure named like a part of objects", "/trpc/__proto__", {}, 404, "NOT_FOUND"],
  ["another one", "/trpc/constructor.prototype", {}, 404, "NOT_FOUND"],
  ["a path that is badly encoded", "/trpc/%E0%A4%A", {}, 400, "BAD_REQUEST"],
  ["a query that is posted", "/trpc/read", post("{}"), 405, "BAD_REQUEST"],
  ["a mutation that is got", "/trpc/write", {}, 405, "BAD_REQUEST"],
  ["PUT", "/trpc/write", { ...post("{}"), method: "PUT" }, 405, "BAD_REQUEST"],
  ["PATCH", "/trpc/write", { ...post("{}"), method: "PATCH" }, 405, "BAD_REQUEST"],
  ["DELETE", "/trpc/write", { method: "DELETE" }, 405, "BAD_REQUEST"],
  [
    "a method in a header",
    "/trpc/write",
    { headers: { "x-http-method-override": "POST" } },
    405,
    "BAD_REQUEST",
  ],
  ["a method in the query", "/trpc/write?_method=POST", {}, 405, "BAD_REQUEST"],
  ["a body that is no JSON", "/trpc/write", post("{not json"), 400, "BAD_REQUEST"],
  ["an input that is no JSON", "/trpc/strict?batch=1", post("[1"), 400, "BAD_REQUEST"],
  ["a batch that is no object", "/trpc/strict?batch=1", post("1"), 400, "BAD_REQUEST"],
  ["a text", "/trpc/write", post("{}", { "content-type": "text/plain" }), 415, "BAD_REQUEST"],
  [
    "a form",
    "/trpc/write",
    post("a=1", { "content-type": "application/x-www-form-urlencoded" }),
    415,
    "BAD_REQUEST",
  ],
  [
    "a form with parts",
    "/trpc/write",
    post("--x--", { "content-type": "multipart/form-data; boundary=x" }),
    415,
    "BAD_REQUEST",
  ],
  ["bytes", "/trpc/write", post("x", { "content-type": "application/octet-stream" }), 415, "BAD_REQUEST"],
  ["a packed body", "/trpc/write", post("x", { ...json, "content-encoding": "gzip" }), 415, "BAD_REQUEST"],
  ["parameters that are no JSON", "/trpc/read?connectionParams=%7B", {}, 400, "BAD_REQUEST"],
  ["an input that is wrong", "/trpc/strict", post('{"a":"b"}'), 400, "BAD_INPUT"],
  [
    "a token of another kind",
    "/trpc/read",
    { headers: { authorization: "Basic eDp5" } },
    401,
    "NOT_SIGNED_IN",
  ],
];

describe("refusals", () => {
  test.each(REFUSALS)(
    "%s is refused in the one shape, and does nothing",
    async (...[, path, init, status, reason]) => {
      const before = ran;
      const response = await fetch(odd.url + path, init);
      const requestId = response.headers.get("x-request-id");
      const bodies = JSON.parse(await response.text());
      const body = Array.isArray(bodies) ? bodies[0] : bodies;
      expect(response.status).toBe(status);
      expect(expectRefusal(JSON.stringify(body), { status, requestId }).reason).toBe(reason);
      expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(ran).toBe(before);
    },
  );

  test("HEAD is refused for any call, and says nothing", async () => {
    const reply = await say(odd.url, request("HEAD /trpc/write", { connection: "close" }));
    expect([reply.status, reply.text, reply.headers.get("allow")]).toEqual([405, "", "POST"]);
  });

  test("the wrong method is said before all else that is wrong", async () => {
    const reply = await say(
      odd.url,
      request("POST /trpc/leaks", { connection: "close", "content-length": 0 }),
    );
    expect([reply.status, reply.headers.get("allow")]).toEqual([405, "GET"]);
    const unknown = await say(odd.url, request("PUT /trpc/nothing", { connection: "close" }));
    expect([unknown.status, unknown.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  test.each(["throws", "throwsText", "casts", "leaks", "parses"])(
    "an error nobody thought of (%s) says no more than its request id",
    async (name) => {
      const response = await fetch(`${odd.url}/trpc/${name}`);
      const text = await response.text();
      expect(response.status).toBe(500);
      const requestId = response.headers.get("x-request-id");
      expect(expectRefusal(text, { status: 500, requestId }).reason).toBe("INTERNAL");
      expect(text).not.toMatch(/mongo|E11000|canary|home|stack|at \(|\.ts|issues|retryAfter/i);
    },
  );

  test("a clash of keys in the database says no more than its request id", async () => {
    const response = await fetch(`${odd.url}/trpc/clashes`, post(""));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/mongo|E11000|canary|dup/i);
  });

  test("an error while looking who asks has the one shape too", async () => {
    const response = await fetch(`${odd.url}/trpc/read`, { headers: { authorization: "Bearer a.b.c" } });
    const text = await response.text();
    const requestId = response.headers.get("x-request-id");
    expect(expectRefusal(text, { status: 500, requestId }).reason).toBe("INTERNAL");
    expect(text).not.toMatch(/E11000|canary/);
  });

  test("what is no HTTP is refused in the one shape, and the connection closed", async () => {
    for (const [text, status] of [
      ["hello\r\n\r\n", 400],
      [request("POST /trpc/write", { "content-length": -1 }), 400],
      [request("POST /trpc/write", { "content-length": 1, "transfer-encoding": "chunked" }), 400],
      [request("GET /livez", { "x-long": "x".repeat(17 * 1024) }), 431],
    ] as const) {
      const reply = await say(odd.url, text);
      expect([reply.status, reply.closed]).toEqual([status, true]);
      expectRefusal(reply.text, { status, requestId: reply.headers.get("x-request-id") });
    }
  });

  test("a host that is none is refused in the one shape", async () => {
    const reply = await say(odd.url, "GET /trpc/read HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n");
    expect(reply.status).toBe(400);
    expectRefusal(reply.text, { status: 400, requestId: reply.headers.get("x-request-id") });
  });

  test("an issue says where, of a union's alternatives the nearest, and no answer grows with what was sent", async () => {
    const ask = async (path: string, input: unknown) =>
      (
        await fetch(`${app.running.url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`)
      ).text();
    const { error } = JSON.parse(await ask("users.get", { username: { $gt: "" } }));
    expect(error.data.issues).toMatchObject([{ path: ["username"], code: "invalid_type" }]);
    const keys = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, 1]));
    expect((await ask("users.followers", keys)).length).toBeLessThan(1_500);
  });
});

describe("headers", () => {
  test("every answer carries what browsers need to be safe, and nothing about us", async () => {
    for (const path of ["/livez", "/readyz", "/trpc/users.get", "/nothing"]) {
      const { headers } = await fetch(app.running.url + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none';frame-ancestors 'none'",
        "content-type": "application/json; charset=utf-8",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "x-request-id": expect.stringMatching(/^[\w-]{36}$/),
      });
      expect([headers.get("x-powered-by"), headers.get("server")]).toEqual([null, null]);
    }
  });

  test("a request id is ours, whatever the client says", async () => {
    const { headers } = await fetch(`${app.running.url}/livez`, { headers: { "x-request-id": "mine" } });
    expect(headers.get("x-request-id")).not.toBe("mine");
  });

  test("health says no more than yes", async () => {
    expect(await (await fetch(`${app.running.url}/livez`)).json()).toEqual({ ok: true });
    expect(await (await fetch(`${app.running.url}/readyz`)).json()).toEqual({ ok: true });
  });

  const preflight = (origin: string) =>
    fetch(`${app.running.url}/trpc/users.get`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers":
          "authorization,content-type,idempotency-key,last-event-id,warble-contract",
      },
    });

  test("an allowed origin may call and read, without cookies", async () => {
    const { headers } = await preflight(ORIGIN);
    expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(headers.get("access-control-allow-methods")).toBe("GET,POST");
    const asked = ["authorization", "content-type", "idempotency-key", "last-event-id", "warble-contract"];
    for (const name of asked) {
      expect(headers.get("access-control-allow-headers")?.split(",")).toContain(name);
    }
    const got = await fetch(`${app.running.url}/livez`, { headers: { origin: ORIGIN } });
    expect(got.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    for (const name of ["retry-after", "idempotency-replayed", "warble-contract"])
      expect(got.headers.get("access-control-expose-headers")).toContain(name);
    expect(got.headers.get("access-control-allow-credentials")).toBeNull();
    expect(got.headers.get("vary")).toContain("Origin");
  });

  test.each(["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"])(
    "the origin %s may not",
    async (origin) => {
      for (const response of [
        await preflight(origin),
        await fetch(`${app.running.url}/trpc/users.get`, { headers: { origin } }),
      ]) {
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    },
  );
});

describe("tokens", () => {
  const TOKENS = ["", "x", "a.b.c", "undefined", "null", "é", `${"a".repeat(4097)}`, "x".repeat(10_000)];

  test("a token that is not good is refused on public calls too, at once", async () => {
    const [alice, good] = [await app.id("alice"), await app.tokenFor("alice")];
    const ask = (authorization: string) =>
      fetch(`${app.running.url}/trpc/users.get?input=${encodeURIComponent(JSON.stringify({ id: alice }))}`, {
        headers: { authorization },
      });
    expect((await ask(`Bearer ${good}`)).status).toBe(200);
    const forged = good.replace(/\.([^.]*)\./, (_, claims) => `.${claims.slice(0, -4)}AAAA.`);
    for (const header of [
      ...[...TOKENS, forged, good.slice(0, -8), `${good}.${good}`].map((token) => `Bearer ${token}`),
      good,
      `Basic ${good}`,
      `Bearer ${good} ${good}`,
    ]) {
      const times: number[] = [];
      for (let time = 0; time < 3; time++) {
        const start = performance.now();
        const response = await ask(header);
        times.push(performance.now() - start);
        const body = (await response.json()) as { error: ErrorShape };
        expect([header.slice(0, 30), response.status, body.error.data.reason]).toEqual([
          header.slice(0, 30),
          401,
          "NOT_SIGNED_IN",
        ]);
      }
      expect(Math.min(...times)).toBeLessThan(50);
    }
  });

  test("a token of five megabytes does not get in", async () => {
    const reply = await say(
      app.running.url,
      request("GET /trpc/users.get", { authorization: `Bearer ${"a".repeat(5 * 1024 * 1024)}` }),
    );
    expect([reply.status, reply.closed]).toEqual([431, true]);
    expect(reply.ms).toBeLessThan(500);
  });
});
