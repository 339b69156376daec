import { startTestApp, unlimited } from "@warble/server/test";
import { describe, expect, it } from "vitest";
import { comeIn, eventually } from "./people";

const TTL = 6;
// Access tokens that end every few seconds, as they otherwise do every ten minutes.
const app = startTestApp({ policy: { ...unlimited, accessTtl: TTL } });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// At once: all that they do is wait for tokens to end.
describe.concurrent("tokens that end every few seconds", () => {
  it("keeps one socket through many expiries, and every message comes once", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const [heard, breaks]: [string[], unknown[]] = [[], []];
    bob.chat.on("message", ({ content }) => heard.push(content));
    for (const name of ["disconnected", "resumed", "resync", "ended"] as const) {
      bob.chat.on(name, () => breaks.push(name));
      alice.chat.on(name, () => breaks.push(name));
    }
    await bob.chat.connect();
    const said: string[] = [];
    const end = Date.now() + 3 * TTL * 1000 + 2_000;
    while (Date.now() < end) {
      said.push(String(said.length));
      await alice.chat.send({ to: bob.id, content: said.at(-1) ?? "" });
      await sleep(200);
    }
    await eventually(() => heard.length === said.length || undefined, "the last message");
    expect(heard).toEqual(said);
    expect(breaks).toEqual([]);
    alice.close();
    bob.close();
  }, 60_000);

  it("goes on with a stream of notifications through many expiries, without a gap", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const [seen, errors]: [string[], unknown[]] = [[], []];
    let opened = 0;
    const stop = bob.notifications.watch({
      onEvent: ({ notification }) => seen.push(notification.tweetId ?? ""),
      onError: (error) => errors.push(error),
      onOpen: () => opened++,
    });
    await eventually(() => opened === 1 || undefined, "bob's stream");
    const written: string[] = [];
    const end = Date.now() + 3 * TTL * 1000;
    while (Date.now() < end) {
      written.push((await alice.api.tweets.create.mutate({ content: `@${bob.name} ${written.length}` })).id);
      await sleep(200);
    }
    await eventually(() => seen.length >= written.length || undefined, "the last notification");
    expect([...seen].sort()).toEqual([...written].sort());
    expect(errors).toEqual([]);
    expect(opened).toBeGreaterThan(2);
    stop();
  }, 60_000);
});
