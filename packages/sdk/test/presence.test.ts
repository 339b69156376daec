import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";
import { isWarbleError, type UserPresence } from "../src/index";
import { comeIn, eventually } from "./people";

// Users are said to be gone after a second.
const app = startTestApp();
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function friends() {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  await alice.chat.send({ to: bob.id, content: "hello" });
  await bob.chat.send({ to: alice.id, content: "hello" });
  bob.chat.disconnect();
  await eventually(
    async () => (await alice.chat.presence([bob.id])).length === 0 || undefined,
    "bob's going",
  );
  const heard: UserPresence[] = [];
  alice.chat.on("presence", (presence) => heard.push(presence));
  return { alice, bob, heard };
}

it("tells who is there, and then who comes and goes", async () => {
  const { alice, bob, heard } = await friends();
  const stranger = await comeIn(app, "carol");
  await stranger.chat.connect();
  expect(await alice.chat.presence([bob.id, stranger.id])).toEqual([]);
  await bob.chat.connect();
  await eventually(() => heard.length === 1 || undefined, "bob's coming");
  expect(await bob.chat.presence([alice.id])).toEqual([alice.id]);
  bob.chat.disconnect();
  await eventually(() => heard.length === 2 || undefined, "bob's going");
  expect(heard).toEqual([true, false].map((online) => ({ userId: bob.id, online })));
  for (const warble of [alice, bob, stranger]) warble.close();
});

it("follows on after a break, and tells what has changed meanwhile, once", async () => {
  const { alice, bob, heard } = await friends();
  await alice.chat.presence([bob.id]);
  alice.chat.disconnect();
  await bob.chat.connect();
  await alice.chat.connect();
  await eventually(() => heard.length === 1 || undefined, "bob's coming");
  app.running.app.channels.closeUser(alice.id);
  await sleep(3_000);
  bob.chat.disconnect();
  await eventually(() => heard.length === 2 || undefined, "bob's going");
  expect(heard).toEqual([true, false].map((online) => ({ userId: bob.id, online })));
  for (const warble of [alice, bob]) warble.close();
});

it("iterates, and ends with the signal or the session", async () => {
  const { alice, bob } = await friends();
  await bob.chat.connect();
  const ended = new AbortController();
  const seen: UserPresence[] = [];
  for await (const presence of alice.chat.presences([bob.id], { signal: ended.signal })) {
    seen.push(presence);
    if (presence.online) bob.chat.disconnect();
    else ended.abort();
  }
  expect(seen).toEqual([true, false].map((online) => ({ userId: bob.id, online })));
  const next = alice.chat.presences([bob.id]).next();
  await alice.auth.logout();
  const error = await next.catch((thrown: unknown) => thrown);
  expect(isWarbleError(error, "NOT_SIGNED_IN")).toBe(true);
  for (const warble of [alice, bob]) warble.close();
});
