import { startTestApp, unlimited } from "@warble/server/test";
import { describe, expect, it } from "vitest";
import { isWarbleError, memoryStorage } from "../src/index";
import { clientOf, comeIn, emailOf, mailed, PASSWORD } from "./people";

// The SDK refreshes half a minute before the end: these access tokens are renewed when they are three seconds old.
const app = startTestApp({ policy: { ...unlimited, accessTtl: 33 } });

const reason = async (call: Promise<unknown>) => {
  const error = await call.catch((thrown: unknown) => thrown);
  return isWarbleError(error) ? error.reason : error;
};

describe("a session", () => {
  it("is refreshed by itself, once for many calls at once", async () => {
    const alice = await comeIn(app, "alice");
    const changes: (string | undefined)[] = [];
    alice.auth.onChange((tokens) => changes.push(tokens?.refreshToken));
    await new Promise((resolve) => setTimeout(resolve, 3100));
    const answers = await Promise.all(Array.from({ length: 25 }, () => alice.api.auth.me.query()));
    expect(new Set(answers.map((me) => me.username))).toEqual(new Set([alice.name]));
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.length).toBeLessThan(5);
  });

  it("goes on in another process that was handed the tokens", async () => {
    const storage = memoryStorage();
    const alice = await comeIn(app, "alice", storage);
    const again = clientOf(app, memoryStorage(await alice.auth.tokens()));
    expect((await again.auth.me())?.username).toBe(alice.name);
  });

  it("is forgotten after sign-out, here and on the server", async () => {
    const storage = memoryStorage();
    const alice = await comeIn(app, "alice", storage);
    const tokens = await alice.auth.tokens();
    await alice.auth.logout();
    expect(await storage.load()).toBeNull();
    expect(await alice.auth.me()).toBeNull();
    const thief = clientOf(app, memoryStorage(tokens));
    expect(await reason(thief.api.auth.me.query())).toBe("NOT_SIGNED_IN");
  });

  it("tells its listeners when the server has ended it", async () => {
    const alice = await comeIn(app, "alice");
    const elsewhere = clientOf(app);
    await elsewhere.auth.login({ identifier: alice.name, password: PASSWORD });
    await elsewhere.auth.logoutOthers();
    const changes: unknown[] = [];
    alice.auth.onChange((tokens) => changes.push(tokens));
    expect(await reason(alice.api.auth.me.query())).toBe("NOT_SIGNED_IN");
    expect(changes.at(-1)).toBeNull();
    expect(await alice.auth.tokens()).toBeNull();
  });
});

describe("an e-mail address", () => {
  it("is changed by one link and put back by another, after which nobody is signed in", async () => {
    const alice = await comeIn(app, "alice");
    const moved = `${alice.name}.new`;
    await alice.auth.requestEmailChange({ email: emailOf(moved), password: PASSWORD });
    const anybody = clientOf(app);
    await anybody.auth.confirmEmailChange(await mailed(app, moved, /confirm-email-change\?token=([\w-]+)/));
    expect((await alice.auth.me())?.email).toBe(emailOf(moved));
    const token = await mailed(app, alice.name, /undo-email-change\?token=([\w-]+)/);
    await anybody.auth.undoEmailChange(token);
    expect(await reason(anybody.auth.undoEmailChange(token))).toBe("BAD_TOKEN");
    expect(await alice.auth.me()).toBeNull();
    const login = anybody.auth.login({ identifier: alice.name, password: PASSWORD });
    expect(await reason(login)).toBe("BAD_CREDENTIALS");
  });
});

describe("an error", () => {
  it("says why, where and under which request id", async () => {
    const alice = await comeIn(app, "alice");
    const error = await alice.api.tweets.create
      .mutate({ content: "x".repeat(281) })
      .catch((thrown: unknown) => thrown);
    if (!isWarbleError(error, "BAD_INPUT")) throw error;
    expect(error.issues[0]?.path).toEqual(["content"]);
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(isWarbleError(error, "RATE_LIMITED")).toBe(false);
  });

  it("is UNREACHABLE, with the address, when nobody answers", async () => {
    const { createWarble } = await import("../src/index");
    const lost = createWarble({ url: "http://127.0.0.1:9", storage: memoryStorage() });
    const error = await lost.api.users.get.query({ username: "alice" }).catch((thrown: unknown) => thrown);
    if (!isWarbleError(error, "UNREACHABLE")) throw error;
    expect(error.message).toContain("http://127.0.0.1:9");
  });

  it("names a url that is none", async () => {
    const { createWarble } = await import("../src/index");
    expect(() => createWarble({ url: "ftp://example.com" })).toThrow(/http\(s\)/);
  });
});
