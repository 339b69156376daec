import { startTestApp } from "@warble/server/test";
import { io } from "socket.io-client";
import { expect, it } from "vitest";
import { emailOf, mailed, PASSWORD } from "./people";

// A client that has read api.md and nothing else: plain fetch, and socket.io-client as it comes.
const app = startTestApp();

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a foreign client has no types.
  data: any;
}

type Call = { path: string; input?: unknown; token?: string | undefined };

/** Queries are GET with the input in the address. */
async function query({ path, input, token }: Call): Promise<Answer> {
  const url = new URL(`/trpc/${path}`, app.running.url);
  if (input !== undefined) url.searchParams.set("input", JSON.stringify(input));
  return answerOf(await fetch(url, { headers: bearer(token) }));
}

/** Mutations are POST with the input as JSON. */
async function mutate({ path, input, token }: Call): Promise<Answer> {
  const headers = { "content-type": "application/json", ...bearer(token) };
  const url = `${app.running.url}/trpc/${path}`;
  return answerOf(await fetch(url, { method: "POST", headers, body: JSON.stringify(input) }));
}

const bearer = (token: string | undefined): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {};

async function answerOf(response: Response): Promise<Answer> {
  const json = await response.json();
  return { status: response.status, data: json.result?.data ?? json.error };
}

async function signUp(name: string): Promise<{ id: string; token: string }> {
  await mutate({
    path: "auth.register",
    input: { username: name, email: emailOf(name), password: PASSWORD },
  });
  const token = await mailed(app, name, /token=([\w-]+)/);
  await mutate({ path: "auth.verifyEmail", input: { token } });
  const { data } = await mutate({
    path: "auth.login",
    input: { identifier: emailOf(name), password: PASSWORD },
  });
  return { id: data.user.id, token: data.tokens.accessToken };
}

it("signs up, tweets and reads with plain fetch", async () => {
  const alice = await signUp("alice");
  const { data: tweet } = await mutate({
    path: "tweets.create",
    input: { content: "Plain #JSON" },
    token: alice.token,
  });
  expect(tweet).toMatchObject({ content: "Plain #JSON", counts: { likes: 0 }, viewer: { liked: false } });
  expect(tweet.entities).toEqual([{ type: "hashtag", start: 6, end: 11, tag: "JSON" }]);
  const { data: home } = await query({ path: "timelines.home", input: { limit: 5 }, token: alice.token });
  expect(home).toMatchObject({ items: [{ tweet: { id: tweet.id }, retweetedBy: null }], nextCursor: null });
  const { data: read } = await query({ path: "tweets.get", input: { id: tweet.id } });
  expect(read.viewer).toBeNull();
});

it("is told what was wrong, in one shape", async () => {
  const missing = await query({ path: "tweets.get", input: { id: "0".repeat(24) } });
  expect(missing).toMatchObject({
    status: 404,
    data: { data: { code: "NOT_FOUND", reason: "TWEET_NOT_FOUND" } },
  });
  const unsigned = await mutate({ path: "tweets.create", input: { content: "x" } });
  expect(unsigned).toMatchObject({ status: 401, data: { data: { reason: "NOT_SIGNED_IN" } } });
  const wrong = await query({ path: "tweets.get", input: { id: 7 } });
  expect(wrong).toMatchObject({
    status: 400,
    data: { data: { reason: "BAD_INPUT", issues: [{ path: ["id"] }] } },
  });
});

it("chats with socket.io-client as it comes", async () => {
  const [carol, dan] = [await signUp("carol"), await signUp("dan")];
  const sockets = [carol, dan].map(({ token }) =>
    io(`${app.running.url}/chat`, { auth: { token }, forceNew: true }),
  );
  const [hers, his] = sockets as [ReturnType<typeof io>, ReturnType<typeof io>];
  try {
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once("connect", () => resolve(null)))),
    );
    const received = new Promise<{ event: number; message: { content: string } }>((resolve) => {
      his.once("chat:message", resolve);
    });
    const message = { clientId: "one", to: dan.id, content: "Hello Dan" };
    const ack = await hers.emitWithAck("chat:send", message);
    expect(ack).toMatchObject({ ok: true, message: { number: 1, content: "Hello Dan", senderId: carol.id } });
    expect(await received).toMatchObject({ event: expect.any(Number), message: { content: "Hello Dan" } });
    expect((await hers.emitWithAck("chat:send", message)).message.id).toBe(ack.message.id);
    expect(await hers.emitWithAck("chat:send", { clientId: "two", content: "nobody" })).toMatchObject({
      ok: false,
      reason: "BAD_INPUT",
    });
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
});
