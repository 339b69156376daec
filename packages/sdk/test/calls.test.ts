import { setTimeout as sleep } from "node:timers/promises";
import { startTestApp } from "@warble/server/test";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type CallReport, createWarble, memoryStorage, type Warble, type WarbleOptions } from "../src/index";
import { comeIn } from "./people";
import { answerWith, play, refuseAs } from "./played";

const app = startTestApp();

const ID = "0".repeat(24);

/** A client of somebody who is signed in, with a network that does what `network` makes of it. */
async function through(
  network: (
    fetch: typeof globalThis.fetch,
    input: Request | URL | string,
    init?: RequestInit,
  ) => Promise<Response>,
  options: Partial<WarbleOptions> = {},
) {
  const { auth } = await comeIn(app, "caller");
  const reports: CallReport[] = [];
  const warble = createWarble({
    url: app.running.url,
    storage: memoryStorage((await auth.tokens())!),
    fetch: (input, init) => network(fetch, input, init),
    onCall: (report) => reports.push(report),
    ...options,
  });
  return { warble, reports };
}

const isWriting = (init: RequestInit | undefined) => init?.method === "POST";
const keyOf = (init: RequestInit | undefined) => new Headers(init?.headers).get("idempotency-key");

const mineOf = async (warble: Warble) => {
  const { username } = (await warble.auth.me())!;
  return (await warble.api.timelines.user.query({ username })).items;
};

describe("a mutation", () => {
  it("whose answer is lost is sent again under the same key, and done once", async () => {
    const keys: (string | null)[] = [];
    const { warble, reports } = await through(async (fetch, input, init) => {
      const response = await fetch(input, init);
      if (!isWriting(init)) return response;
      keys.push(keyOf(init));
      if (keys.length === 1) throw new TypeError("the connection broke");
      expect(response.headers.get("idempotency-replayed")).toBe("true");
      return response;
    });
    const tweet = await warble.api.tweets.create.mutate({ content: "once" });
    expect((await mineOf(warble)).map((item) => item.tweet.id)).toEqual([tweet.id]);
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(reports.filter(({ path }) => path === "tweets.create")).toMatchObject([
      { attempt: 1, reason: "UNREACHABLE", requestId: undefined, type: "mutation" },
      { attempt: 2, reason: undefined, requestId: expect.stringMatching(/^[\w-]{36}$/) },
    ]);
  });

  it("that never reached the server is done when it comes back", async () => {
    let sent = 0;
    const { warble } = await through(async (fetch, input, init) => {
      if (isWriting(init) && sent++ === 0) throw new TypeError("offline");
      return fetch(input, init);
    });
    expect((await warble.api.tweets.create.mutate({ content: "later" })).content).toBe("later");
    expect(await mineOf(warble)).toHaveLength(1);
  });

  it("has a key of its own, also among those that travel together", async () => {
    const keys: (string | null)[] = [];
    const { warble } = await through((fetch, input, init) => {
      if (isWriting(init)) keys.push(keyOf(init));
      return fetch(input, init);
    });
    const { create } = warble.api.tweets;
    const written = await Promise.all(["one", "two", "two"].map((content) => create.mutate({ content })));
    expect(new Set(written.map(({ id }) => id)).size).toBe(3);
    expect(keys).toHaveLength(1);
    expect(new Set(keys[0]?.split(",")).size).toBe(3);
  });

  it("may be given a key, which holds through a restart of the program", async () => {
    const { warble } = await through((fetch, input, init) => fetch(input, init));
    const options = { context: { idempotencyKey: "Überfall, 1" } };
    const first = await warble.api.tweets.create.mutate({ content: "mine" }, options);
    expect(await warble.api.tweets.create.mutate({ content: "mine" }, options)).toEqual(first);
    await expect(warble.api.tweets.create.mutate({ content: "other" }, options)).rejects.toMatchObject({
      reason: "IDEMPOTENCY_MISMATCH",
    });
  });

  it("of one user is not sent again for the next", async () => {
    const next = await comeIn(app, "next");
    let sent = 0;
    const { warble } = await through(async (fetch, input, init) => {
      if (!isWriting(init)) return fetch(input, init);
      sent++;
      throw new TypeError("offline");
    });
    const storage = memoryStorage(await warble.auth.tokens());
    const shared = createWarble({
      url: app.running.url,
      storage,
      fetch: async (input, init) => {
        if (!String(input).includes("tweets.create")) return fetch(input, init);
        sent++;
        await shared.auth.login({ identifier: next.name, password: "a long walk to the lighthouse" });
        throw new TypeError("offline");
      },
    });
    await expect(shared.api.tweets.create.mutate({ content: "whose?" })).rejects.toMatchObject({
      reason: "UNREACHABLE",
    });
    expect([sent, await mineOf(shared)]).toEqual([1, []]);
  });
});

describe("a call that is refused", () => {
  /** A server that refuses so often, and then answers; it notes when it was asked, and under which key. */
  async function refusing(times: number, refusal: Parameters<typeof refuseAs>[1]) {
    const asked: { at: number; key: unknown }[] = [];
    const url = await play(({ headers }, response) => {
      asked.push({ at: performance.now(), key: headers["idempotency-key"] });
      if (asked.length <= times) refuseAs(response, refusal);
      else answerWith(response, { ok: true });
    });
    return { asked, url };
  }

  it.each(["UNAVAILABLE", "BUSY", "RATE_LIMITED", "CONFLICT"])(
    "with %s is tried again, but not before it may",
    async (reason) => {
      const { asked, url } = await refusing(1, { reason, retryAfter: 1 });
      const { api } = createWarble({ url, storage: memoryStorage() });
      expect(await api.tweets.delete.mutate({ id: ID })).toEqual({ ok: true });
      const [first, second] = asked;
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(1_000);
      expect(second!.key).toBe(first!.key);
    },
  );

  it.each([
    ["waits too long", { reason: "RATE_LIMITED", retryAfter: 6 }],
    ["will be refused again", { reason: "FORBIDDEN", status: 403 }],
    ["conflicts for good", { reason: "CONFLICT", status: 409 }],
    ["failed on the server's side", { reason: "INTERNAL", status: 500 }],
  ])("and %s is not tried again", async (_why, refusal) => {
    const { asked, url } = await refusing(1, refusal);
    const { api } = createWarble({ url, storage: memoryStorage() });
    await expect(api.tweets.get.query({ id: ID })).rejects.toMatchObject({ reason: refusal.reason });
    expect(asked).toHaveLength(1);
  });

  it("is tried as often as `retries` says, of all calls or of one", async () => {
    const { asked, url } = await refusing(Number.POSITIVE_INFINITY, { reason: "BUSY" });
    const failed = { reason: "BUSY", requestId: "r1" };
    const { api } = createWarble({ url, storage: memoryStorage(), retries: 1 });
    await expect(api.tweets.get.query({ id: ID })).rejects.toMatchObject(failed);
    expect(asked).toHaveLength(2);
    await expect(api.tweets.get.query({ id: ID }, { context: { retries: 0 } })).rejects.toMatchObject(failed);
    expect(asked).toHaveLength(3);
  });
});

describe("a call without an answer", () => {
  const silent = () => play(() => undefined);

  it.each([
    ["all calls", { timeoutMs: 50 }, undefined],
    ["one", {}, { context: { timeoutMs: 50 } }],
  ])("fails in the time that %s have", async (_which, options, call) => {
    const { api } = createWarble({ url: await silent(), storage: memoryStorage(), ...options });
    const start = performance.now();
    await expect(api.tweets.get.query({ id: ID }, call)).rejects.toMatchObject({
      reason: "TIMEOUT",
      message: expect.stringContaining("50 ms"),
    });
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect(api.tweets.like.mutate({ id: ID }, call)).rejects.toMatchObject({
      message: expect.stringContaining("may have been done"),
    });
  });

  it("ends with its signal, and its request with it", async () => {
    const caller = new AbortController();
    const closed = vi.fn();
    const url = await play((_request, response) => {
      response.once("close", closed);
      caller.abort();
    });
    const { api } = createWarble({ url, storage: memoryStorage() });
    const call = api.tweets.get.query({ id: ID }, { signal: caller.signal });
    await expect(call).rejects.toMatchObject({ reason: "ABORTED" });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  });

  it("that waits to be tried again ends with its signal too", async () => {
    const url = await play((_request, response) => refuseAs(response, { reason: "BUSY", retryAfter: 5 }));
    const { api } = createWarble({ url, storage: memoryStorage() });
    const start = performance.now();
    const call = api.tweets.get.query({ id: ID }, { signal: AbortSignal.timeout(100) });
    await expect(call).rejects.toMatchObject({ reason: "ABORTED" });
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it("that was never to be sent is not", async () => {
    const asked = vi.fn();
    const { api } = createWarble({ url: await play(asked), storage: memoryStorage() });
    const call = api.tweets.get.query({ id: ID }, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ reason: "ABORTED" });
    await sleep(20);
    expect(asked).not.toHaveBeenCalled();
  });

  it("waits for good when it is told to", async () => {
    const url = await play(
      (_request, response) => void setTimeout(() => answerWith(response, { ok: true }), 200),
    );
    const { api } = createWarble({ url, storage: memoryStorage(), timeoutMs: Number.POSITIVE_INFINITY });
    expect(await api.tweets.get.query({ id: ID })).toEqual({ ok: true });
  });
});

describe("onCall", () => {
  it("hears of each call, and nothing of what was said", async () => {
    const { warble, reports } = await through((fetch, input, init) => fetch(input, init));
    await warble.api.tweets.create.mutate({ content: "canary" });
    await expect(warble.api.tweets.get.query({ id: ID })).rejects.toMatchObject({
      reason: "TWEET_NOT_FOUND",
    });
    await expect(
      warble.auth.login({ identifier: "canary", password: "canary canary canary" }),
    ).rejects.toMatchObject({ reason: "BAD_CREDENTIALS" });
    expect(reports.map(({ path, reason }) => [path, reason])).toEqual([
      ["tweets.create", undefined],
      ["tweets.get", "TWEET_NOT_FOUND"],
      ["auth.login", "BAD_CREDENTIALS"],
    ]);
    for (const { ms, requestId } of reports) expect([ms >= 0, requestId?.length]).toEqual([true, 36]);
    expect(Object.keys(reports[0]!).sort()).toEqual(
      ["attempt", "ms", "path", "reason", "requestId", "type"].sort(),
    );
    expect(JSON.stringify(reports)).not.toContain("canary");
  });

  it("may throw, and breaks nothing", async () => {
    const shown = vi.spyOn(console, "error").mockImplementation(() => undefined);
    onTestFinished(() => shown.mockRestore());
    const onCall = () => {
      throw new Error("mine");
    };
    const { warble } = await through((fetch, input, init) => fetch(input, init), { onCall });
    expect((await warble.api.tweets.create.mutate({ content: "all the same" })).content).toBe("all the same");
    expect(shown).toHaveBeenCalledWith(new Error("mine"));
  });
});
