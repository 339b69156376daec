import { afterEach, expect, test } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";

const app = startTestApp();
afterEach(closeClients);

let clients = 0;

async function send(from: string, to: object): Promise<Record<string, unknown>> {
  const client = await connect(app, from);
  const answer = await client.raw("chat:send", { clientId: `welcome-${++clients}`, content: "hello", ...to });
  client.close();
  return answer;
}

const toUser = async (name: string) => ({ to: await app.id(name) });
const set = async (name: string, messagesFrom: "everyone" | "following" | "nobody") =>
  (await app.as(name)).users.update({ messagesFrom });
const refused = { ok: false, reason: "FORBIDDEN", message: "This person takes no messages from you." };

test("everybody may write to somebody who has not said otherwise, and only they see what they said", async () => {
  expect((await (await app.as("alice")).auth.me()).messagesFrom).toBe("everyone");
  expect(await send("bob", await toUser("alice"))).toMatchObject({ ok: true });
  expect(await set("alice", "nobody")).not.toHaveProperty("messagesFrom");
  expect((await (await app.as("alice")).auth.me()).messagesFrom).toBe("nobody");
  const profile = await (await app.as("bob")).users.get({ username: "alice" });
  expect(profile).not.toHaveProperty("messagesFrom");
});

test("who takes messages from those they follow gets none from others", async () => {
  await set("carol", "following");
  const userId = await app.id("carol");
  expect(await send("dan", { to: userId })).toEqual(refused);
  await expect((await app.as("dan")).chat.start({ userId })).rejects.toMatchObject({
    reason: refused.reason,
    message: refused.message,
  });
  await (await app.as("dan")).users.follow({ id: userId });
  expect(await send("dan", { to: userId })).toEqual(refused);
  expect((await (await app.as("carol")).chat.conversations({})).items).toEqual([]);
  const carol = await app.as("carol");
  await carol.users.follow({ id: await app.id("dan") });
  expect(await send("dan", { to: userId })).toMatchObject({ ok: true, message: { number: 1 } });
  await carol.users.unfollow({ id: await app.id("dan") });
  expect(await send("dan", { to: userId })).toEqual(refused);
});

test("who takes no messages writes all the same, and whoever they wrote to may answer", async () => {
  const userId = await app.id("fay");
  const { id: conversationId } = await (await app.as("eve")).chat.start({ userId });
  await set("fay", "nobody");
  expect(await send("eve", { conversationId })).toEqual(refused);
  expect(await send("eve", await toUser("fay"))).toEqual(refused);
  expect(await send("fay", { conversationId })).toMatchObject({ ok: true, message: { number: 1 } });
  expect(await send("eve", { conversationId })).toMatchObject({ ok: true, message: { number: 2 } });
  expect(await send("gus", await toUser("fay"))).toEqual(refused);
});

test("a message that was stored is answered again, whatever its recipient has said since", async () => {
  const input = { clientId: "stored", ...(await toUser("hal")) };
  const first = await send("gus", input);
  await set("hal", "nobody");
  expect(await send("gus", input)).toEqual(first);
  expect(await send("gus", await toUser("hal"))).toEqual(refused);
});

test("staff are refused like anybody", async () => {
  await app.as("ivy");
  await app.setRole("ivy", "admin");
  await set("jay", "nobody");
  expect(await send("ivy", await toUser("jay"))).toEqual(refused);
});

test("refuses what is no such setting", async () => {
  const alice = await app.as("alice");
  for (const messagesFrom of ["friends", "", null, { $ne: "nobody" }]) {
    await expect(alice.users.update({ messagesFrom } as never)).rejects.toMatchObject({
      reason: "BAD_INPUT",
    });
  }
  await expect(app.anonymous.users.update({ messagesFrom: "nobody" })).rejects.toMatchObject({
    reason: "NOT_SIGNED_IN",
  });
});
