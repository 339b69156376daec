import { createConnection } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_POLICY } from "../src/platform/policy";
import { closeClients, connect, connectWith } from "./chat-client";
import { startTestApp, unlimited } from "./harness";
import { joinRaw, openRaw } from "./raw-socket";

const limits = { ...unlimited.limits, socket: DEFAULT_POLICY.limits.socket };
const app = startTestApp({ policy: { ...unlimited, limits } });
afterEach(closeClients);

const refused = (connecting: Promise<unknown>) =>
  connecting.then(
    () => "connected",
    ({ reason }: { reason: string }) => reason,
  );

const openChannels = async (name: string) => app.running.app.channels.countOf(await app.id(name));
const ended = (client: { socket: { connected: boolean } }) =>
  vi.waitFor(() => expect(client.socket.connected).toBe(false), { timeout: 1_000, interval: 10 });

/** Opens a WebSocket that never answers, not even a goodbye. @returns when the server has dropped it */
const openDeaf = () =>
  new Promise<void>((resolve) => {
    const socket = createConnection(Number(new URL(app.running.url).port), "localhost", () => {
      socket.write(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" +
          "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
    });
    socket.on("data", () => undefined);
    socket.on("close", () => resolve());
  });

describe("a socket is refused", () => {
  test("without a good token", async () => {
    const token = await app.tokenFor("alice");
    const [head, , signature] = token.split(".");
    const forged = `${head}.${Buffer.from(JSON.stringify({ sub: await app.id("alice") })).toString("base64url")}.${signature}`;
    const { token: expired } = await app.running.app.tokens.signAccess(
      { userId: await app.id("alice"), sessionId: "0".repeat(24) },
      -60,
    );
    const bad = [{}, { token: forged }, { token: expired }, { token: "x".repeat(5000) }, { token: "" }];
    for (const auth of [
      ...bad,
      { token: null },
      { token: { $ne: null } },
      { token: [token] },
      { token: 1 },
    ]) {
      expect(await refused(connectWith(app, { auth })), JSON.stringify(auth)).toBe("NOT_SIGNED_IN");
    }
  });

  test("on the root and on a namespace that is none", async () => {
    const raw = await openRaw(app);
    raw.socket.send("40");
    raw.socket.send("40/none,");
    await vi.waitFor(() => expect(raw.heard.filter((frame) => frame.startsWith("44"))).toHaveLength(2));
    raw.socket.send('42["chat:send",{}]');
    await raw.closed;
  });

  test("from a page of another origin, on either transport; not from a known one, nor without one", async () => {
    const status = (origin: string) =>
      new Promise((resolve) => {
        openRaw(app, { origin }).then(
          ({ socket }) => {
            socket.close();
            resolve("open");
          },
          (error: Error) => resolve(error.message),
        );
      });
    for (const origin of ["https://evil.example", "null", `${app.running.url}.evil.example`]) {
      expect(await status(origin)).toMatch(/403/);
      const polled = await fetch(`${app.running.url}/socket.io/?EIO=4&transport=polling`, {
        headers: { origin },
      });
      expect(polled.status).toBe(403);
    }
    expect(await status(app.running.url)).toBe("open");
    (await openRaw(app)).socket.close();
  });

  test("when its user has five already, however many come at once", async () => {
    const token = await app.tokenFor("bob");
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => connectWith(app, { auth: { token } })),
    );
    const reasons = tries.flatMap((each) => (each.status === "rejected" ? [each.reason.reason] : []));
    expect(reasons).toEqual(Array(7).fill("RATE_LIMITED"));
    const [seated] = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    seated?.close();
    await vi.waitFor(async () => expect(await openChannels("bob")).toBe(4));
    await connectWith(app, { auth: { token } });
  });
});

describe("a socket ends", () => {
  test("within six seconds when it never joins, even if it answers nothing", async () => {
    const since = performance.now();
    const mute = await Promise.all(Array.from({ length: 10 }, () => openRaw(app)));
    const deaf = Array.from({ length: 10 }, () => openDeaf());
    await Promise.all([...mute.map(({ closed }) => closed), ...deaf]);
    expect(performance.now() - since).toBeGreaterThan(4_000);
    expect(performance.now() - since).toBeLessThan(7_000);
  });

  test("within a second of its session, by signing out or by suspension", async () => {
    const token = await app.tokenFor("carol");
    const out = (path: string) =>
      fetch(`${app.running.url}/trpc/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      });
    const [one, other] = [await connectWith(app, { auth: { token } }), await connect(app, "carol")];
    expect((await out("auth.logout")).status).toBe(200);
    await ended(one);
    expect(other.socket.connected).toBe(true);
    expect(await refused(connectWith(app, { auth: { token } }))).toBe("NOT_SIGNED_IN");
    await app.setRole("root", "admin");
    await (await app.as("root")).moderation.suspend({ userId: await app.id("carol"), reason: "spam" });
    await ended(other);
  });

  test("at its next word when its session has ended without anybody closing it", async () => {
    const client = await connect(app, "dora");
    await app.change("dora", { suspension: { reason: "spam", until: null } });
    expect(await client.raw("chat:conversations", {})).toMatchObject({ ok: false, reason: "NOT_SIGNED_IN" });
    await ended(client);
  });

  test("when its client leaves the namespace, so that no empty connection stays", async () => {
    const raw = await joinRaw(app, await app.tokenFor("alice"));
    raw.socket.send("41/chat,");
    await raw.closed;
    await vi.waitFor(async () => expect(await openChannels("alice")).toBe(0));
  });

  test.each([
    ["a frame over sixteen kilobytes", (text: string) => `42/chat,1["chat:send",{"content":"${text}"}]`],
    ["a binary frame", () => Buffer.from([1, 2, 3])],
    ["a frame that promises attachments", () => '451-/chat,["chat:send",{"_placeholder":true,"num":0}]'],
    ["a frame of no protocol", () => "hello"],
    ["a second root", () => '42["chat:send",{}]'],
  ])("at %s", async (_name, frame) => {
    const raw = await joinRaw(app, await app.tokenFor("alice"));
    raw.socket.send(frame("x".repeat(17_000)));
    raw.socket.send('42/chat,["x"]');
    await raw.closed;
  });

  test("at a flood of packets, or of pings", async () => {
    const [packets, pings] = [await joinRaw(app, await app.tokenFor("alice")), await openRaw(app)];
    for (let count = 0; count < 700; count++) packets.socket.send("43/chat,1[]");
    for (let count = 0; count < 700; count++) pings.socket.ping();
    const since = performance.now();
    await Promise.all([packets.closed, pings.closed]);
    expect(performance.now() - since).toBeLessThan(3_000);
  });
});

describe("a socket call", () => {
  test("is answered or passed over, whatever it is", async () => {
    const client = await connect(app, "eve");
    for (const [event, ...args] of [
      ["chat:send"],
      ["chat:send", null],
      ["chat:send", []],
      ["chat:send", "text"],
      ["chat:send", { clientId: null, content: { a: [{}] }, __proto__: null }],
      ["chat:read", { conversationId: "0".repeat(24), number: Number.MAX_VALUE }],
    ] as const) {
      expect(await client.raw(event, ...args)).toMatchObject({ ok: false, reason: "BAD_INPUT" });
    }
    for (const [event, ...args] of [
      ["constructor"],
      ["__proto__"],
      ["chat:send", {}, {}],
      ["error", {}],
    ] as const) {
      expect(await client.raw(event, ...args)).toMatchObject({ ok: false, reason: "BAD_REQUEST" });
    }
    const raw = await joinRaw(app, await app.tokenFor("eve"));
    for (const frame of [
      "42/chat,",
      "42/chat,7",
      '42/chat,["chat:send"]',
      "42/chat,[7]",
      "42/chat,8[7,null]",
    ]) {
      raw.socket.send(frame);
    }
    await vi.waitFor(() => expect(raw.heard.filter((heard) => heard.startsWith("43/chat,"))).toHaveLength(2));
    expect(raw.heard.filter((heard) => heard.includes("INTERNAL"))).toEqual([]);
    expect(raw.isClosed()).toBe(false);
    raw.socket.close();
  });

  test("is refused above sixty in ten seconds, over all sockets of a user", async () => {
    const [one, two] = [await connect(app, "fay"), await connect(app, "fay")];
    const answers = await Promise.all(
      Array.from({ length: 70 }, (_, index) => (index % 2 ? one : two).raw("chat:conversations", {})),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(60);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({
      reason: "RATE_LIMITED",
      retryAfter: expect.any(Number),
    });
    const other = await connect(app, "gus");
    expect(await other.raw("chat:conversations", {})).toMatchObject({ ok: true });
  });

  test("works over polls too, as a client that chooses nothing begins", async () => {
    const bob = await connect(app, "hal");
    for (const transports of [["polling"], ["polling", "websocket"]]) {
      const client = await connect(app, "ivy", { transports });
      await client.say("chat:send", { clientId: transports.join(), to: await app.id("hal"), content: "hi" });
      await vi.waitFor(() => expect(client.messages()).toHaveLength(1));
      client.close();
    }
    await vi.waitFor(() => expect(bob.messages()).toHaveLength(2));
  });
});
