import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LIMITS } from "@warble/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestApp } from "../../test/harness";
import { WarbleError } from "./error";
import { createHttp } from "./http";
import { anyone, router, signedIn } from "./trpc";

const app = startTestApp({ logLevel: "silent", corsOrigins: ["https://app.example"] });

const VIEWER = { id: "0".repeat(24), username: "alice", sessionId: "", role: "user", emailVerified: true };

let server: Server;
let url: string;
const oddRouter = router({
  echo: anyone.input(z.unknown()).query(({ input }) => ({ input })),
  strict: anyone.input(z.strictObject({ a: z.number() })).query(({ input }) => input.a),
  nothing: anyone.query(() => undefined),
  who: signedIn.query(({ ctx }) => ctx.viewer.username),
  header: anyone.query(({ ctx }) => ctx.setHeader("x-told", "yes")),
  busy: anyone.query(() => Promise.reject(new WarbleError("BUSY", { retryAfter: 7 }))),
  throws: anyone.query(() => Promise.reject(new Error("canary"))),
  large: anyone.query(() => 1n),
  deep: { write: anyone.input(z.unknown()).mutation(({ input }) => ({ wrote: input })) },
  stream: anyone.subscription(async function* () {
    yield "one";
  }),
});

beforeAll(async () => {
  server = createHttp({
    app: app.running.app,
    router: oddRouter,
    authenticate: async (token) => {
      if (token === "fails") throw new Error("canary");
      return token === "alice" ? { viewer: VIEWER as never, expiresAt: new Date() } : null;
    },
    pages: {},
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/trpc`;
});
afterAll(() => void server.close());

const as = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const post = (body: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body,
});
const input = (value: unknown) => `input=${encodeURIComponent(JSON.stringify(value))}`;

/** What a client sees of an answer, but for what is another one each time, and how it is cut into pieces. */
async function answerTo(path: string, init: RequestInit) {
  const response = await fetch(`${url}/${path}`, init);
  const { date, vary, ...headers } = Object.fromEntries(response.headers);
  const passing = ["x-request-id", "transfer-encoding", "content-length", "etag", "ratelimit"];
  for (const name of passing) delete headers[name];
  const text = (await response.text()).replaceAll(/"requestId":"[\w-]{36}"/g, '"requestId":""');
  return { status: response.status, headers, text };
}

const CALLS: [path: string, status: number, init?: RequestInit][] = [
  ["echo", 200],
  ["echo?input=", 200],
  [`echo?${input(null)}`, 200],
  [`echo?${input("a & b + ü 🐦")}`, 200],
  [`echo?${input({ 0: 1 })}`, 200],
  [`echo?${input([1])}&${input([2])}`, 200],
  ["%65cho", 200],
  ["no/echo", 200],
  ["echo/", 404],
  ["echo?input=%7B", 400],
  [`strict?${input({ a: 1 })}`, 200],
  [`strict?${input({ a: "1" })}`, 400],
  ["nothing", 200],
  ["header", 200],
  ["who", 401],
  ["who", 200, as("alice")],
  ["who", 401, as("bob")],
  ["echo", 401, as("bob")],
  ["who", 500, as("fails")],
  ["who,who?batch=1", 500, as("fails")],
  ["busy", 429],
  ["throws", 500],
  ["large", 500],
  ["large,echo?batch=1", 500],
  ["deep.write", 405],
  ["deep.write", 200, post("")],
  ["deep.write", 200, post('{"0":1}')],
  ["deep.write?batch=1", 200, post('{"0":1}')],
  ["deep.write?batch=1", 200, post("")],
  ["echo,deep.write?batch=1", 400],
  ["deep.write,echo?batch=1", 400, post("{}")],
  ["echo", 405, post("{}")],
  [`echo,strict?batch=1&${input({ 0: 1, 1: { a: 2 } })}`, 200],
  [`echo,strict?batch=1&${input({ 1: { a: 2 } })}`, 200],
  [`strict,echo?batch=1&${input({ 1: { a: 2 } })}`, 207],
  [`echo,echo?batch=1&${input([1, 2])}`, 400],
  [`echo,echo?batch=1&${input(1)}`, 400],
  [`echo,echo?batch=1&${input(null)}`, 400],
  ["busy,busy?batch=1", 429],
  ["busy,echo,throws?batch=1", 207],
  ["who,who?batch=1", 401],
  ["echo,none?batch=1", 207],
  ["?batch=1", 404],
  ["echo,echo", 404],
  [`${Array(LIMITS.batch).fill("echo").join()}?batch=1`, 200],
  [
    `${Array(LIMITS.batch + 1)
      .fill("echo")
      .join()}?batch=1`,
    400,
  ],
  ["toString", 404],
];

describe("a plain call", () => {
  // Parameters of a connection are nothing to a procedure, and only the adapter reads them.
  test.each(CALLS)("%s is answered (%i) as tRPC's adapter does", async (path, status, init = {}) => {
    const plain = await answerTo(path, init);
    const adapted = await answerTo(`${path}${path.includes("?") ? "&" : "?"}connectionParams=%7B%7D`, init);
    expect(plain).toEqual(adapted);
    expect(plain.status).toBe(status);
    expect(plain.text).not.toContain("canary");
  });

  test("is answered in one piece, and says what the answer depends on", async () => {
    const { headers } = await fetch(`${url}/echo`, { headers: { origin: "https://app.example" } });
    expect(headers.get("content-length")).toBe(String('{"result":{"data":{}}}'.length));
    expect(headers.get("vary")).toBe("Origin, trpc-accept, accept");
  });
});

test("who asks for a stream gets one", async () => {
  const ask = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${url}/${path}`, { headers })).text();
  for (const name of ["accept", "trpc-accept"]) {
    const lines = (await ask("echo,nothing?batch=1", { [name]: "application/jsonl" })).trim().split("\n");
    expect(JSON.parse(lines[0] as string)).toMatchObject({ 0: [[0], expect.anything()] });
    expect(lines.length).toBeGreaterThan(2);
  }
  expect(await ask("stream", { accept: "text/event-stream" })).toContain('data: "one"');
});
