import { request } from "node:http";
import type { Message, Page } from "@warble/contracts";
import { expect, test, vi } from "vitest";
import { startTestApp } from "../harness";
import { joinRaw } from "../raw-socket";
import { atOnce, closeClients, type Person, visit } from "./client";

const app = startTestApp();
const { call, ask, everybody, chat } = visit(app);

const MB = 1024 * 1024;
const BODY = 60 * MB;
const PIECE = Buffer.alloc(64 * 1024, 0x20);

/** Sends a body of sixty megabytes for as long as the server takes it. */
const upload = (headers: Record<string, string | number>) =>
  new Promise<{ status: number; sent: number }>((resolve) => {
    const { port } = new URL(app.running.url);
    const outgoing = request({ port, path: "/trpc/auth.login", method: "POST", headers });
    let sent = 0;
    let status = 0;
    let stopped = false;
    outgoing.on("response", (response) => {
      status = response.statusCode ?? 0;
      response.resume();
    });
    outgoing.on("error", () => {
      stopped = true;
    });
    outgoing.on("close", () => resolve({ status, sent }));
    const more = () => {
      if (stopped || outgoing.destroyed) return;
      if (sent >= BODY) return void outgoing.end();
      sent += PIECE.length;
      if (outgoing.write(PIECE)) setImmediate(more);
      else outgoing.once("drain", more);
    };
    more();
  });

test.each([
  ["says how long it is", { "content-length": BODY }],
  ["does not say how long it is", { "transfer-encoding": "chunked" }],
])("a body of sixty megabytes that %s is refused before it is read", async (_what, headers) => {
  const before = process.memoryUsage().rss;
  const uploads = await atOnce(10, () => upload({ "content-type": "application/json", ...headers }));
  for (const { status, sent } of uploads) {
    // A refusal may be lost where the connection is cut under a client that goes on sending.
    expect([0, 413]).toContain(status);
    expect(sent).toBeLessThan(BODY / 3);
  }
  expect(uploads.map(({ status }) => status)).toContain(413);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MB);
});

test("a body a byte too large is refused, and the largest is read", async () => {
  const limit = 64 * 1024;
  const frame = JSON.stringify({ identifier: "", password: "x" }).length;
  const statuses = [];
  for (const size of [limit, limit + 1]) {
    statuses.push((await call("auth.login", { identifier: "x".repeat(size - frame), password: "x" })).status);
  }
  expect(statuses).toEqual([400, 413]);
});

test("who asks much and reads nothing is cut off before much piles up, and others notice nothing", async () => {
  const [alice, bob] = (await everybody("alice", "bob")) as [Person, Person];
  const client = await chat(alice);
  const content = "\u{1F426}".repeat(1000);
  for (let n = 0; n < 100; n++) await client.say("chat:send", { clientId: `${n}`, to: bob.id, content });
  const [first] = (await client.say("chat:conversations", {})).items;
  const conversationId = first!.id;
  const before = process.memoryUsage().rss;
  const slow = await joinRaw(app, bob.accessToken);
  slow.socket.pause();
  // Each answer is 400 KB.
  const history = JSON.stringify(["chat:history", { conversationId, limit: 100 }]);
  for (let n = 0; n < 200; n++) slow.socket.send(`42/chat,${n}${history}`);
  await vi.waitFor(
    async () => {
      const start = performance.now();
      expect((await ask<Page<Message>>("chat.messages", { conversationId }, { by: alice })).status).toBe(200);
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(app.running.app.channels.countOf(bob.id)).toBe(0);
    },
    { timeout: 20_000, interval: 50 },
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB);
  slow.socket.resume();
  await slow.closed;
  // What the kernel took may still come; of eighty megabytes most was never sent.
  expect(slow.heard.length).toBeLessThan(100);
  closeClients();
}, 60_000);
