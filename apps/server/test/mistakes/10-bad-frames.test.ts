import { createConnection } from "node:net";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { appRouter } from "../../src/app";
import { joinRaw, openRaw } from "../raw-socket";
import { startChild } from "./child";
import { type Person, someNetwork, visit } from "./client";

const server = startChild();
const { call, ask, join } = visit(server);

const SEED = Number(process.env.WARBLE_FUZZ_SEED ?? Date.now() % 2 ** 31);
const said = `the seed is ${SEED}: run again with WARBLE_FUZZ_SEED=${SEED}`;

/** Mulberry32: the same numbers from the same seed. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const random = numbersFrom(SEED);
const oneOf = <T>(values: readonly T[]): T => values[random(values.length)]!;

const VALUES = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "\0",
  "\ud800",
  "x".repeat(2000),
  [],
  [[]],
  {},
  { $ne: null },
  { toString: null },
  { __proto__: 1, constructor: { prototype: null } },
  { hasOwnProperty: 1 },
  "0".repeat(24),
] as const;
const FIELDS = [
  "id",
  "to",
  "conversationId",
  "clientId",
  "content",
  "token",
  "number",
  "cursor",
  "limit",
  "query",
  "title",
  "userIds",
];
const EVENTS = [
  "chat:send",
  "chat:history",
  "chat:read",
  "chat:typing",
  "chat:resume",
  "chat:renew",
  "chat:presence",
  "chat:conversations",
  "chat:createGroup",
  "chat:addMembers",
  "x",
];
const FRAMES = [
  '40/chat,{"token":null}',
  "41/chat,",
  '42/chat,["chat:send",{}]',
  '42/chat,7["chat:history",null]',
  '42["chat:send"]',
  "43/chat,1[]",
  "44/chat,{}",
  '451-/chat,["chat:send",{"_placeholder":true,"num":0}]',
  "2probe",
  "5",
  "3",
  "6",
  "0{}",
  "4",
  "42/chat,",
  "42/chat,999999999999999999999[]",
];

const someInput = () =>
  Object.fromEntries(FIELDS.filter(() => random(3) === 0).map((name) => [name, oneOf(VALUES)]));

/** The text with some of its characters changed, gone, doubled or moved. */
function mutate(text: string): string {
  const chars = [...text];
  for (let change = random(4); change >= 0; change--) {
    const at = random(chars.length + 1);
    const kind = random(4);
    if (kind === 0) chars.splice(at, 1);
    else if (kind === 1) chars.splice(at, 0, String.fromCharCode(random(256)));
    else if (kind === 2) chars.splice(at, 0, ...chars.slice(random(chars.length + 1)));
    else chars[at] = oneOf([...'{}[]",:0159nul\0\u2028']);
  }
  return chars.join("").slice(0, 5000);
}

const someFrame = (): string =>
  oneOf([
    () => mutate(oneOf(FRAMES)),
    () => `42/chat,${oneOf(["", "1", "0"])}${JSON.stringify([oneOf(EVENTS), someInput()])}`,
    () => `42/chat,${oneOf(["", "1"])}${JSON.stringify([oneOf(EVENTS), oneOf(VALUES), oneOf(VALUES)])}`,
    () => `42/chat,${oneOf(["", "1"])}${JSON.stringify([oneOf(VALUES)])}`,
    () => mutate(`42/chat,1${JSON.stringify([oneOf(EVENTS), someInput()])}`),
  ])();

const closed = (socket: WebSocket) =>
  socket.readyState === WebSocket.CLOSED
    ? Promise.resolve()
    : new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
        socket.close();
      });

async function alive(pid: number | undefined): Promise<void> {
  expect((await ask("users.get", { username: "alice" })).status, said).toBe(200);
  expect([server.process.pid, server.process.exitCode, server.process.signalCode], said).toEqual([
    pid,
    null,
    null,
  ]);
  expect(server.output(), said).not.toMatch(/unhandled rejection|uncaught exception/i);
}

test("thousands of mutated frames on sockets leave the process as it was", async () => {
  const alice = await join("alice");
  const { pid } = server.process;
  for (let connection = 0; connection < 60; connection++) {
    const joins = connection % 4 !== 0;
    const raw = joins ? await joinRaw(server, alice.accessToken) : await openRaw(server);
    raw.socket.on("error", () => undefined);
    for (let n = 0; n < 50 && raw.socket.readyState === WebSocket.OPEN; n++) {
      const frame = someFrame();
      raw.socket.send(random(50) === 0 ? Buffer.from(frame) : frame);
      if (random(10) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await closed(raw.socket);
  }
  await alive(pid);
}, 60_000);

test("calls of every procedure with odd inputs leave the process as it was", async () => {
  const bob = await join("bob");
  const { pid } = server.process;
  const paths = Object.entries(
    appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
  );
  const failed: string[] = [];
  for (const [path, { _def }] of paths) {
    if (_def.type === "subscription") continue;
    const by: Person | undefined = path === "auth.logout" ? undefined : bob;
    for (let n = 0; n < 12; n++) {
      const input = random(3) === 0 ? oneOf(VALUES) : someInput();
      const from = { by: random(4) === 0 ? undefined : by, network: someNetwork() };
      const { status, text } = await (_def.type === "query" ? ask : call)(path, input, from);
      if (status >= 500) failed.push(`${path} ${JSON.stringify(input)} ${text}`);
    }
  }
  expect(failed, said).toEqual([]);
  await alive(pid);
}, 60_000);

/** Says something to the server's port, whatever it is, and waits for the end. */
const speak = (bytes: string) =>
  new Promise<void>((resolve) => {
    const socket = createConnection(Number(new URL(server.running.url).port), "localhost", () => {
      socket.end(Buffer.from(bytes, "latin1"));
    });
    socket.setTimeout(500, () => socket.destroy());
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });

test("mutated requests leave the process as it was", async () => {
  const { pid } = server.process;
  const body = JSON.stringify({ identifier: "alice", password: "x" });
  const requests = [
    `POST /trpc/auth.login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `GET /trpc/users.get?input=%7B%22username%22%3A%22alice%22%7D HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n`,
    `GET /trpc/auth.me,auth.me?batch=1&input=%7B%7D HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n`,
    "GET /trpc/notifications.stream HTTP/1.1\r\nHost: x\r\nLast-Event-Id: 7\r\nAccept: text/event-stream\r\n\r\n",
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n40",
    "GET /inbox/mails?to[$ne]=x HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /verify-email?token=%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n",
  ];
  for (let round = 0; round < 50; round++) {
    await Promise.all(Array.from({ length: 20 }, () => speak(mutate(oneOf(requests)))));
  }
  await alive(pid);
}, 60_000);
