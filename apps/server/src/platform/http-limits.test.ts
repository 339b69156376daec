import { request as callHttp } from "node:http";
import { LIMITS } from "@warble/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { startTestApp, unlimited } from "../../test/harness";
import { dial, expectRefusal, listen, request, say } from "../../test/wire";

const app = startTestApp({
  logLevel: "silent",
  trustProxy: ["127.0.0.2"],
  policy: {
    ...unlimited,
    connections: { total: 1_000, perNetwork: 40, unjoined: 40, headersWithin: 2, requestWithin: 3, idle: 4 },
  },
});

const JSON_TYPE = { "content-type": "application/json" };

/** Whether the server still answers, and how fast. */
const answers = async (): Promise<number> => {
  const start = performance.now();
  expect((await fetch(`${app.running.url}/livez`)).status).toBe(200);
  return performance.now() - start;
};

const post = (body: string, path = "users.follow"): Promise<Response> =>
  fetch(`${app.running.url}/trpc/${path}`, { method: "POST", headers: JSON_TYPE, body });

describe("bodies", () => {
  // {"id":"..."} of exactly so many bytes.
  const sized = (bytes: number) => JSON.stringify({ id: "x".repeat(bytes - 9) });

  test("a body may be as large as the limit, and no byte larger, however it is sent", async () => {
    expect(sized(LIMITS.body)).toHaveLength(LIMITS.body);
    expect((await post(sized(LIMITS.body))).status).toBe(401);
    const larger = await post(sized(LIMITS.body + 1));
    expect(larger.status).toBe(413);
    const requestId = larger.headers.get("x-request-id");
    expect(expectRefusal(await larger.text(), { status: 413, requestId }).reason).toBe("TOO_LARGE");

    for (const [bytes, status] of [
      [LIMITS.body, 401],
      [LIMITS.body + 1, 413],
    ] as const) {
      const chunk = `${bytes.toString(16)}\r\n${sized(bytes)}\r\n0\r\n\r\n`;
      const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
      const reply = await say(app.running.url, request("POST /trpc/users.follow", headers, chunk), 800);
      expect([reply.status, reply.closed]).toEqual([status, status === 413]);
    }
  });

  test("a body of sixty megabytes is refused before it has come", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    for (const length of [{ "content-length": 60 * chunk.length }, { "transfer-encoding": "chunked" }]) {
      const socket = dial(app.running.url);
      const replied = listen(socket);
      const start = performance.now();
      let sent = 0;
      socket.write(request("POST /trpc/users.follow", { ...JSON_TYPE, ...length }));
      const push = () => {
        while (sent < 60 && !socket.destroyed) {
          sent++;
          if ("transfer-encoding" in length) socket.write(`${chunk.length.toString(16)}\r\n`);
          const more = socket.write(chunk);
          if ("transfer-encoding" in length) socket.write("\r\n");
          if (!more) return void socket.once("drain", push);
        }
      };
      push();
      const reply = await replied(5_000, start);
      expect([reply.status, reply.closed]).toEqual([413, true]);
      expect(reply.ms).toBeLessThan(1_000);
    }
    await answers();
  });

  test("a sender who waits for the answer before sending more gets it, and the end", async () => {
    const headers = { ...JSON_TYPE, "content-length": 60_000_000 };
    const reply = await say(app.running.url, request("POST /trpc/users.follow", headers, "{"), 3_000);
    expect([reply.status, reply.closed]).toEqual([413, true]);
    expectRefusal(reply.text, { status: 413, requestId: reply.headers.get("x-request-id") });
  });

  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const objects = `${'{"id":'.repeat(9_000)}1${"}".repeat(9_000)}`;
  const keys = `{${Array.from({ length: 7_000 }, (_, index) => `"${index}":1`).join(",")}}`;
  const ids = JSON.stringify({ ids: Array(2_000).fill("01a20adb55f80000dee331a3") });

  test.each([
    ["arrays in arrays", "auth.login", deep],
    ["objects in objects", "auth.login", objects],
    ["a great many keys", "auth.login", keys],
    ["arrays in arrays inside a field", "auth.login", `{"identifier":${deep.slice(2, -2)},"password":"x"}`],
    ["a great many digits", "auth.login", `{"identifier":${"9".repeat(60_000)}}`],
    ["a long list", "auth.login", ids],
  ])("%s are refused fast, in few words", async (_, path, body) => {
    const start = performance.now();
    const response = await post(body, path);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text.length).toBeLessThan(6_000);
    expect(performance.now() - start).toBeLessThan(1_000);
    await answers();
  });
});

describe("batches", () => {
  const batch = (path: string, count: number, separator = ",") =>
    `${Array(count).fill(path).join(separator)}?batch=1`;

  test("ten calls may come at once; of eleven none is done", async () => {
    const token = await app.tokenFor("alice");
    const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` };
    const send = async (count: number) => {
      const body = JSON.stringify(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [index, { content: `${count}/${index}` }]),
        ),
      );
      return fetch(`${app.running.url}/trpc/${batch("tweets.create", count)}`, {
        method: "POST",
        headers,
        body,
      });
    };
    const eleven = await send(11);
    expect(eleven.status).toBe(400);
    const requestId = eleven.headers.get("x-request-id");
    const text = JSON.stringify([await eleven.json()].flat()[0]);
    expect(expectRefusal(text, { status: 400, requestId }).message).toMatch(/batch/i);
    const tweets = async () =>
      (await (await app.as("alice")).timelines.user({ username: "alice" })).items.length;
    expect(await tweets()).toBe(0);
    expect((await send(10)).status).toBe(200);
    expect(await tweets()).toBe(10);
  });

  test.each([
    ["auth.me", 2_000],
    ["a", 7_000],
    ["", 15_000],
    ["users.get", 20_000],
  ])("%s, %i times in one batch, is refused fast", async (path, count) => {
    const start = performance.now();
    const reply = await say(
      app.running.url,
      request(`GET /trpc/${batch(path, count)}`, { connection: "close" }),
    );
    expect([400, 414, 431]).toContain(reply.status);
    expect(performance.now() - start).toBeLessThan(1_000);
    await answers();
  });

  test("each call of a batch has its own answer", async () => {
    const id = await app.id("alice");
    const input = encodeURIComponent(JSON.stringify({ 0: { id }, 1: { id: "x" } }));
    const response = await fetch(`${app.running.url}/trpc/users.get,users.get?batch=1&input=${input}`);
    expect(response.status).toBe(207);
    const requestId = response.headers.get("x-request-id");
    const [one, other] = (await response.json()) as [object, object];
    expect(one).toMatchObject({ result: { data: { username: "alice" } } });
    expect(expectRefusal(JSON.stringify(other), { status: 400, requestId }).reason).toBe("BAD_INPUT");
  });
});

describe("connections", () => {
  const held: ReturnType<typeof dial>[] = [];
  const hold = (text: string, every = "") => {
    const socket = dial(app.running.url);
    const replied = listen(socket);
    held.push(socket);
    socket.write(text);
    const timer = every && setInterval(() => socket.destroyed || socket.write(every), 200);
    socket.once("close", () => clearInterval(timer || undefined));
    return replied;
  };
  afterEach(async () => {
    for (const socket of held.splice(0)) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
  });

  test("slow headers, slow bodies and silence are cut, while others are served", async () => {
    const start = performance.now();
    const slow = [
      hold("GET /livez HTTP/1.1\r\n", "x: y\r\n"),
      hold(request("POST /trpc/users.follow", { ...JSON_TYPE, "content-length": 1_000 }), "x"),
      hold(
        request("POST /trpc/users.follow", { ...JSON_TYPE, "transfer-encoding": "chunked" }),
        "1\r\nx\r\n",
      ),
      hold(""),
    ];
    await answers();
    const cut = await Promise.all(
      slow.map(async (replied) => [await replied(8_000), performance.now() - start] as const),
    );
    for (const [reply, ms] of cut) {
      expect(reply.closed).toBe(true);
      expect(ms).toBeLessThan(6_500);
    }
    for (const [reply] of cut.slice(0, 3)) {
      expect(reply.status).toBe(408);
      expectRefusal(reply.text, { status: 408, requestId: reply.headers.get("x-request-id") });
    }
    await answers();
  });

  test("a network has so many connections and no more; one that ends makes room", async () => {
    const mute = Array.from({ length: 60 }, () => hold(""));
    const refused = () => held.filter((socket) => socket.destroyed).length;
    // Earlier calls may have left a connection open for the next.
    await expect.poll(refused, { timeout: 2_000 }).toBeGreaterThanOrEqual(20);
    expect(refused()).toBeLessThan(30);
    for (const socket of held.filter((socket) => !socket.destroyed).slice(0, 5)) socket.destroy();
    await expect.poll(() => answers().catch(() => "refused"), { timeout: 2_000 }).toEqual(expect.any(Number));
    expect(mute).toHaveLength(60);
  });

  test("a trusted proxy has as many as it needs", async () => {
    const sockets = Array.from({ length: 60 }, () => {
      const { port } = new URL(app.running.url);
      const call = callHttp({ port, path: "/livez", host: "127.0.0.1", localAddress: "127.0.0.2" });
      return new Promise<number | undefined>((resolve, reject) => {
        call.once("error", reject).once("response", (response) => resolve(response.statusCode));
        setTimeout(() => call.end(), 300);
      });
    });
    expect(await Promise.all(sockets)).toEqual(Array(60).fill(200));
  });

  test("a client who does not read what it asked for is cut", async () => {
    const socket = dial(app.running.url);
    socket.pause();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    // More answers than the sockets between us hold.
    socket.write(request("GET /nothing").repeat(8_000));
    // Only who writes learns that the other side is gone.
    const probe = setInterval(() => socket.write("\r\n"), 500);
    const late = new Promise((resolve) => setTimeout(resolve, 15_000, "still open"));
    expect(await Promise.race([closed, late])).not.toBe("still open");
    clearInterval(probe);
    await answers();
  });
});
