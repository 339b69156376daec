import { startTestApp } from "@warble/server/test";
import { describe, expect, it } from "vitest";
import { isWarbleError, memoryStorage, type NotificationEvent } from "../src/index";
import { clientOf, comeIn, eventually, PASSWORD } from "./people";

const app = startTestApp();
const streamsOf = (id: string) => app.running.app.channels.countOf(id, "stream");
const never = () => undefined;

describe("a stream of notifications", () => {
  it("goes on by itself when the server closes it and the session holds", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const seen: NotificationEvent[] = [];
    const errors: unknown[] = [];
    let opened = 0;
    const stop = bob.notifications.watch({
      onEvent: (event) => seen.push(event),
      onError: (error) => errors.push(error),
      onOpen: () => opened++,
    });
    await eventually(() => opened === 1 || undefined, "bob's stream");
    for (let n = 1; n <= 3; n++) {
      app.running.app.channels.closeUser(bob.id);
      await alice.api.tweets.create.mutate({ content: `@${bob.name} ${n}` });
      await eventually(() => seen.length === n || undefined, `notification ${n}`);
      await eventually(() => opened === n + 1 || undefined, `opening ${n + 1}`);
    }
    expect(errors).toEqual([]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(3);
    stop();
    await eventually(() => streamsOf(bob.id) === 0 || undefined, "the end of the stream");
  });

  it("says that it is open only when the server has accepted it", async () => {
    const bob = await comeIn(app, "bob");
    let opened = 0;
    const failed = new Promise<unknown>((resolve) => {
      const watcher = { onEvent: never, onError: resolve, onOpen: () => opened++ };
      bob.notifications.watch(watcher, { lastEventId: "999999999" });
    });
    expect(isWarbleError(await failed, "RESYNC")).toBe(true);
    expect(opened).toBe(0);
  });

  it("ends with the user: who signs in next hears nothing of the one before", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const seen: unknown[] = [];
    const failed = new Promise<unknown>((resolve) => {
      bob.notifications.watch({ onEvent: (event) => seen.push(event), onError: resolve });
    });
    await eventually(() => streamsOf(bob.id) > 0 || undefined, "bob's stream");
    await bob.auth.login({ identifier: alice.name, password: PASSWORD });
    expect(isWarbleError(await failed, "NOT_SIGNED_IN")).toBe(true);
    await eventually(() => streamsOf(bob.id) === 0 || undefined, "the end of bob's stream");
    await alice.api.tweets.create.mutate({ content: `@${bob.name} hello` });
    await app.settled();
    expect(seen).toEqual([]);
  });

  it("is not opened when it was aborted before, and ends when it is aborted", async () => {
    const bob = await comeIn(app, "bob");
    const before = bob.notifications.stream({ signal: AbortSignal.abort() });
    expect(await before.next()).toEqual({ done: true, value: undefined });
    const ended = new AbortController();
    const during = bob.notifications.stream({ signal: ended.signal });
    const next = during.next();
    ended.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    await eventually(() => streamsOf(bob.id) === 0 || undefined, "the end of the stream");
  });

  it("is let go by return(), even while somebody waits for the next event", async () => {
    const bob = await comeIn(app, "bob");
    const events = bob.notifications.stream();
    const next = events.next();
    await eventually(() => streamsOf(bob.id) === 1 || undefined, "bob's stream");
    await events.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    await eventually(() => streamsOf(bob.id) === 0 || undefined, "the end of the stream");
  });

  it("survives a listener that throws", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    let heard = 0;
    const stop = bob.notifications.watch({
      onOpen: () => {
        throw new Error("shown by the test's console: the listener's own mistake");
      },
      onEvent: () => {
        heard++;
        throw new Error("shown by the test's console: the listener's own mistake");
      },
      onError: never,
    });
    await eventually(() => streamsOf(bob.id) === 1 || undefined, "bob's stream");
    for (const n of [1, 2]) await alice.api.tweets.create.mutate({ content: `@${bob.name} ${n}` });
    await eventually(() => heard === 2 || undefined, "both notifications");
    stop();
  });
});

it("fails a call that its signal ended with ABORTED, and ends pages quietly", async () => {
  const alice = await comeIn(app, "alice");
  const signal = AbortSignal.abort();
  const error = await alice.api.auth.me.query(undefined, { signal }).catch((thrown: unknown) => thrown);
  expect(isWarbleError(error, "ABORTED")).toBe(true);
  const input = { username: alice.name };
  for await (const _ of alice.pages(alice.api.timelines.user.query, input, { signal })) expect.fail();
});

it("takes a session that cannot be read for none", async () => {
  const broken = { ...memoryStorage(), load: () => ({ accessToken: 7 }) as never };
  expect(await clientOf(app, broken).auth.me()).toBeNull();
});
