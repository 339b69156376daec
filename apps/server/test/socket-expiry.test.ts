import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "./chat-client";
import { startTestApp } from "./harness";
import { closeStreams, stream } from "./stream-client";

const app = startTestApp();
afterEach(closeClients);
afterEach(closeStreams);

const claimsOf = (token: string): { sub: string; sid: string; exp: number } =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

/** A token of the session that this token is of, good for so many seconds. */
async function sign(token: string, seconds: number): Promise<string> {
  const { sub, sid } = claimsOf(token);
  return (await app.running.app.tokens.signAccess({ userId: sub, sessionId: sid }, seconds)).token;
}

const msLeft = (token: string) => claimsOf(token).exp * 1000 - Date.now();
const endOf = ({ socket }: ChatClient) => vi.waitFor(() => expect(socket.connected).toBe(false), 10_000);
const join = (token: string) => connectWith(app, { auth: { token } });

let alice: string;
beforeEach(async () => {
  alice = await app.tokenFor("alice");
});

describe("a socket", () => {
  test("is closed when the token expires that it was opened with, however long tokens live", async () => {
    const token = await sign(alice, 2);
    const client = await join(token);
    await endOf(client);
    expect(msLeft(token)).toBeLessThan(50);
    expect(msLeft(token)).toBeGreaterThan(-1_000);
  });

  test("is refused with a token that has just expired", async () => {
    await expect(join(await sign(alice, -1))).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
  });

  test("lives through one expiry after the other when it shows a fresh token in time", async () => {
    const client = await join(await sign(alice, 2));
    const { id } = client.socket;
    let token = "";
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      token = await sign(alice, 3);
      const { expiresIn } = await client.say("chat:renew", { token });
      expect([1, 2, 3]).toContain(expiresIn);
    }
    expect(client.socket.id).toBe(id);
    expect(await client.raw("chat:conversations", {})).toMatchObject({ ok: true });
    await endOf(client);
    expect(msLeft(token)).toBeLessThan(50);
  });

  test("is not moved by a token of another session, of another user, or of nobody", async () => {
    const token = await sign(alice, 3);
    const client = await join(token);
    const [head, claims] = alice.split(".");
    const expired = await sign(alice, -60);
    const bad = [
      await app.tokenFor("alice"),
      await app.tokenFor("bob"),
      `${head}.${claims}.AAAA`,
      "x",
      expired,
    ];
    for (const wrong of bad) {
      expect(await client.raw("chat:renew", { token: wrong })).toMatchObject({ reason: "BAD_TOKEN" });
    }
    for (const wrong of [
      {},
      { token: "" },
      { token: null },
      { token: [alice] },
      { token: "x".repeat(4097) },
    ]) {
      expect(await client.raw("chat:renew", wrong)).toMatchObject({ reason: "BAD_INPUT" });
    }
    expect(client.socket.connected).toBe(true);
    await endOf(client);
    expect(Math.abs(msLeft(token))).toBeLessThan(1_000);
  });

  test("loses nothing to an older token", async () => {
    const client = await join(await sign(alice, 60));
    expect((await client.say("chat:renew", { token: await sign(alice, 2) })).expiresIn).toBeGreaterThan(50);
  });

  test("is renewed before the address is verified, and can do nothing else", async () => {
    await app.id("dora");
    await app.change("dora", { emailVerified: false });
    const dora = await app.tokenFor("dora");
    const client = await join(await sign(dora, 5));
    expect((await client.say("chat:renew", { token: dora })).expiresIn).toBeGreaterThan(100);
    expect(await client.raw("chat:conversations", {})).toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  });
});

test("a stream ends when the token expires that it was opened with, and another goes on from there", async () => {
  const bob = await app.tokenFor("bob");
  const token = await sign(bob, 2);
  const first = await stream(app, { token, lastEventId: "0" });
  const mention = async () => (await app.as("alice")).tweets.create({ content: "hello @bob" });
  await mention();
  await vi.waitFor(() => expect(first.received).toHaveLength(1), 10_000);
  await vi.waitFor(() => expect(first.ended()).toBe("NOT_SIGNED_IN"), 10_000);
  expect(msLeft(token)).toBeLessThan(50);
  expect(msLeft(token)).toBeGreaterThan(-1_000);
  expect(app.running.app.channels.countOf(await app.id("bob"), "stream")).toBe(0);
  await mention();
  const second = await stream(app, { token: bob, lastEventId: String(first.received[0]?.id) });
  await vi.waitFor(() => expect(second.received.map(({ id }) => id)).toEqual([2]), 10_000);
});
