import { afterEach, expect, test } from "vitest";
import { closeClients, connect } from "./chat-client";
import { startTestApp } from "./harness";
import { joinRaw, type RawSocket } from "./raw-socket";

const app = startTestApp();
afterEach(closeClients);

/** `WARBLE_FUZZ=100000` for the long run; `WARBLE_SEED` says again what an earlier run said. */
const FRAMES = Number(process.env.WARBLE_FUZZ ?? 2_000);
const SEED = Number(process.env.WARBLE_SEED ?? Date.now() % 1e6);
const ID = "0123456789abcdef01234567";

const CALLS: [string, object][] = [
  ["chat:send", { clientId: "c", to: ID, content: "hello" }],
  ["chat:send", { clientId: "c", conversationId: ID, content: "hello" }],
  ["chat:history", { conversationId: ID, before: 5, limit: 10 }],
  ["chat:conversations", { limit: 2 }],
  ["chat:requests", { limit: 2 }],
  ["chat:search", { query: "hello", conversationId: ID, limit: 2 }],
  ["chat:accept", { conversationId: ID }],
  ["chat:createGroup", { title: "Birds", userIds: [ID], clientId: "c" }],
  ["chat:rename", { conversationId: ID, title: "Fish" }],
  ["chat:addMembers", { conversationId: ID, userIds: [ID] }],
  ["chat:removeMember", { conversationId: ID, userId: ID }],
  ["chat:setRole", { conversationId: ID, userId: ID, role: "admin" }],
  ["chat:read", { conversationId: ID, number: 1 }],
  ["chat:edit", { messageId: ID, content: "hello" }],
  ["chat:react", { messageId: ID, emoji: "👍", on: false }],
  ["chat:delivered", { conversationId: ID, number: 1 }],
  ["chat:leave", { conversationId: ID }],
  ["chat:mute", { conversationId: ID, until: "2031-01-31T00:00:00Z" }],
  ["chat:unmute", { conversationId: ID }],
  ["chat:delete", { messageId: ID, for: "all" }],
  ["chat:typing", { conversationId: ID }],
  ["chat:resume", { lastEvent: 0 }],
  ["chat:presence", { userIds: [ID] }],
  ["chat:renew", { token: "t" }],
];
const ODD = [
  ...["null", "true", "[]", "{}", "-1", "1e999", "0.5", '""', '"__proto__"', '{"$ne":null}', '{"length":9}'],
  ...[
    '{"_placeholder":true,"num":0}',
    '{"__proto__":{"x":1}}',
    '{"toString":1,"then":1}',
    "NaN",
    "undefined",
  ],
  ...["[".repeat(3_000) + "]".repeat(3_000), `${'{"a":'.repeat(1_500)}1${"}".repeat(1_500)}`],
  ...['"\\ud800"', '"\\u0000"', `"${"x".repeat(5_000)}"`, "9007199254740993", "[[[null]]]"],
];

/** A small generator of its own, so that a seed says everything again. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof generator>;
const one = <T>(random: Random, from: T[]): T => from[random(from.length)]!;

function goodFrame(random: Random): string {
  const [event, input] = one(random, CALLS);
  const ack = random(3) === 0 ? "" : String(random(100));
  return `42/chat,${ack}${JSON.stringify([event, input])}`;
}

const splice = (frame: string, random: Random, text: string) => {
  const at = random(frame.length + 1);
  return frame.slice(0, at) + text + frame.slice(at + random(4));
};

const MUTATIONS: ((frame: string, random: Random) => string | Buffer)[] = [
  (frame, random) => splice(frame, random, ""),
  (frame, random) => splice(frame, random, String.fromCharCode(random(0x250))),
  (frame, random) => splice(frame, random, one(random, ODD)),
  (frame, random) => splice(frame, random, frame.slice(random(frame.length))),
  (frame, random) => frame.slice(0, random(frame.length)),
  (frame, random) => frame.replace(/:("[^"]*"|\d+)/, () => `:${one(random, ODD)}`),
  (frame, random) => frame.replace(/\{.*\}/, () => one(random, ODD)),
  (frame, random) => frame.replace(/"chat:\w+"/, () => one(random, ODD)),
  (frame, random) => frame.replace(/\[.*\]$/, () => one(random, ODD)),
  (frame, random) => frame.replace(/,\{/, () => `,${one(random, ODD)},{`),
  (frame, random) => `4${random(10)}${frame.slice(2)}`,
  (frame, random) => `${random(10)}${frame.slice(1)}`,
  (frame, random) =>
    frame.replace("/chat", () => one(random, ["", "/", "/chat?x=1", "/none", "/%2", "/chat/chat"])),
  (frame, random) =>
    frame.replace(/^42/, () => one(random, ["451-", "450-", "4511-", "461-", "45-", "45x-"])),
  (frame) => Buffer.from(frame),
  (frame, random) => `40/chat,${one(random, ODD)}${random(2) ? frame : ""}`,
  (frame) => frame,
];

function nextFrame(random: Random): string | Buffer {
  let frame: string | Buffer = goodFrame(random);
  for (let times = 1 + random(2); times > 0 && typeof frame === "string"; times--) {
    frame = one(random, MUTATIONS)(frame, random);
  }
  return frame;
}

/** Says a run of frames on one connection after the other, for as long as each of them holds. */
async function fuzz(token: string, random: Random, count: number): Promise<number> {
  let said = 0;
  let raw: RawSocket | undefined;
  while (said < count) {
    if (!raw || raw.isClosed()) raw = await joinRaw(app, token);
    for (let burst = 0; burst < 5 && said < count; burst++, said++) raw.socket.send(nextFrame(random));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  raw?.socket.close();
  return said;
}

test(`survives ${FRAMES} broken frames (seed ${SEED}) and goes on serving`, async () => {
  const fatal: unknown[] = [];
  const note = (error: unknown) => void fatal.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  const failures: unknown[] = [];
  app.running.app.log.error = ((line: unknown) => failures.push(line)) as never;
  const watcher = await connect(app, "bob");
  const workers = 4;
  const said = await Promise.all(
    Array.from({ length: workers }, async (_, index) =>
      fuzz(await app.tokenFor(`fuzz${index}`), generator(SEED + index), FRAMES / workers),
    ),
  );
  expect(said.reduce((sum, each) => sum + each, 0)).toBe(FRAMES);
  const alice = await connect(app, "alice");
  const { message } = await alice.say("chat:send", {
    clientId: "after",
    to: await app.id("bob"),
    content: "here",
  });
  await expect.poll(() => watcher.messages().map((each) => each.message.id)).toEqual([message.id]);
  process.off("uncaughtException", note).off("unhandledRejection", note);
  expect(fatal).toEqual([]);
  expect(failures).toEqual([]);
}, 1_800_000);
