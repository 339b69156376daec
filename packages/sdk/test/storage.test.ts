import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startTestApp } from "@warble/server/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AsyncStore,
  asyncStorage,
  type CookieAttributes,
  type CookieJar,
  cookieJar,
  cookieStorage,
  isWarbleError,
  memoryStorage,
  type SessionChange,
  type SessionStorage,
  type Tokens,
} from "../src/index";
import { clientOf, comeIn, PASSWORD } from "./people";

const app = startTestApp();

/** A jar as frameworks have them, that remembers how cookies were set. */
function jarOf(cookies = new Map<string, string>()) {
  const set: (CookieAttributes & { name: string; value: string })[] = [];
  const jar: CookieJar = {
    get: (name) => cookies.get(name),
    set: (name, value, attributes) => {
      set.push({ ...attributes, name, value });
      cookies.set(name, value);
    },
  };
  return { jar, set, cookies };
}

/** A store like React Native's; the first write takes the longest. */
function storeOf(kept = new Map<string, string>()): AsyncStore & { kept: Map<string, string> } {
  let delay = 30;
  const later = (act: () => void) => {
    delay -= 10;
    return new Promise<void>((resolve) => setTimeout(() => resolve(act()), delay));
  };
  return {
    kept,
    getItem: async (key) => kept.get(key) ?? null,
    setItem: (key, value) => later(() => kept.set(key, value)),
    removeItem: (key) => later(() => kept.delete(key)),
  };
}

const tokensOf = async (storage: SessionStorage): Promise<Tokens> => {
  const tokens = await storage.load();
  if (!tokens) throw new Error("nobody is signed in");
  return tokens;
};
/** So that the next call refreshes the session first. */
const stale = (tokens: Tokens): Tokens => ({ ...tokens, accessExpiresAt: new Date(0).toISOString() });

describe("an async storage", () => {
  it("keeps the session for the next start, and forgets it after sign-out", async () => {
    const store = storeOf();
    const alice = await comeIn(app, "alice", asyncStorage(store));
    expect([...store.kept.keys()]).toEqual(["warble.session"]);
    const again = clientOf(app, asyncStorage(store));
    expect((await again.auth.me())?.username).toBe(alice.name);
    await again.auth.logout();
    expect(store.kept.size).toBe(0);
  });

  it("writes in the order of saving, whatever takes how long", async () => {
    const store = storeOf();
    const storage = asyncStorage(store, "mine");
    const tokens = stale((await (await comeIn(app, "alice")).auth.tokens()) as Tokens);
    await Promise.all([storage.save(tokens), storage.save(null)]);
    expect(store.kept.has("mine")).toBe(false);
    void storage.save(tokens);
    expect(await storage.load()).toEqual(tokens);
  });

  it("takes what it cannot read for nobody, and says when it cannot write", async () => {
    expect(await asyncStorage(storeOf(new Map([["warble.session", "{"]]))).load()).toBeNull();
    const full = { ...storeOf(), setItem: () => Promise.reject(new Error("the disk is full")) };
    await expect(comeIn(app, "alice", asyncStorage(full))).rejects.toThrow("the disk is full");
  });
});

describe("a cookie", () => {
  it("is small, hidden from scripts, and ends with the refresh token", async () => {
    const { jar, set } = jarOf();
    const storage = cookieStorage(jar);
    const alice = await comeIn(app, "alice", storage);
    const { refreshExpiresAt } = await tokensOf(storage);
    expect(set).toMatchObject([
      { name: "warble.session", path: "/", sameSite: "lax", httpOnly: true, secure: true },
    ]);
    expect(set[0]?.expires.toISOString()).toBe(refreshExpiresAt);
    expect(set[0]?.value).toMatch(/^[\w-]{100,1500}$/);
    await alice.auth.logout();
    expect(set[1]?.value).toBe("");
    expect(set[1]?.expires.getTime()).toBe(0);
    expect(await storage.load()).toBeNull();
  });

  it("is shared with the page's scripts, and sent without https, where that is asked for", async () => {
    const lines: string[] = [];
    const jar = cookieJar("other=1", (line) => lines.push(line));
    await comeIn(app, "alice", cookieStorage(jar, { name: "session", httpOnly: false, secure: false }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^session=[\w-]+; Path=\/; Expires=.* GMT; SameSite=Lax$/);
  });

  it("refuses a session that browsers would drop", async () => {
    const storage = cookieStorage(jarOf().jar);
    const tokens = (await (await comeIn(app, "alice")).auth.tokens()) as Tokens;
    await expect(storage.save({ ...tokens, accessToken: "x".repeat(4000) })).rejects.toThrow(RangeError);
  });

  it("is nobody's when it was tampered with", async () => {
    for (const value of ["", "%", "bm90aGluZw", "eyJhIjoxfQ"]) {
      const jar = cookieJar(`warble.session=${value}`, () => undefined);
      expect(await cookieStorage(jar).load()).toBeNull();
    }
  });

  it("that cannot be set is used as it is, and not refreshed", async () => {
    const { jar, cookies } = jarOf();
    const storage = cookieStorage(jar);
    const alice = await comeIn(app, "alice", storage);
    await storage.save(stale(await tokensOf(storage)));
    const header = `a=b; warble.session=${cookies.get("warble.session")}`;
    const reader = clientOf(app, cookieStorage(cookieJar(header)));
    expect((await reader.auth.me())?.username).toBe(alice.name);
    // Who can set it still has the refresh token that is next.
    expect((await clientOf(app, cookieStorage(jar)).auth.me())?.username).toBe(alice.name);
    await alice.auth.logout();
    expect(await reader.auth.me()).toBeNull();
  });
});

describe("a server that renders pages", () => {
  let server: Server;
  let origin: string;
  let together: { arrived: number; wait: Promise<void>; go: () => void };

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const jar = cookieJar(request.headers.cookie, (line) => response.appendHeader("set-cookie", line));
      const warble = clientOf(app, cookieStorage(jar));
      const before = await warble.auth.me();
      if (++together.arrived === 2) together.go();
      await together.wait;
      const after = await warble.auth.me();
      response.end(JSON.stringify([before?.username, after?.username]));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const visit = async (cookie: string) => {
    const response = await fetch(origin, { headers: { cookie } });
    return { names: await response.json(), cookies: response.headers.getSetCookie() };
  };
  /** Two requests that are both under way before either is answered. */
  const visitBoth = (cookies: [string, string]) => {
    let go = () => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    together = { arrived: 0, wait, go };
    return Promise.all(cookies.map(visit));
  };

  it("serves two users side by side, each their own session and cookie", async () => {
    const people = await Promise.all(
      ["alice", "bob"].map(async (role) => {
        const { jar, cookies } = jarOf();
        const storage = cookieStorage(jar);
        const { name } = await comeIn(app, role, storage);
        const fresh = `warble.session=${cookies.get("warble.session")}`;
        await storage.save(stale(await tokensOf(storage)));
        return { name, fresh, stale: `warble.session=${cookies.get("warble.session")}` };
      }),
    );
    const [alice, bob] = people as [(typeof people)[0], (typeof people)[0]];

    // Alice's session is due to be refreshed, bob's is not.
    const [hers, his] = await visitBoth([alice.stale, bob.fresh]);
    expect([hers?.names, his?.names]).toEqual([
      [alice.name, alice.name],
      [bob.name, bob.name],
    ]);
    expect(his?.cookies).toEqual([]);
    expect(hers?.cookies).toHaveLength(1);
    expect(hers?.cookies[0]).toMatch(/; SameSite=Lax; HttpOnly; Secure$/);

    // What she was given is hers; who brings nothing is nobody.
    const [cookie = ""] = (hers?.cookies[0] ?? "").split(";");
    const [again, nobody] = await visitBoth([cookie, ""]);
    expect([again?.names, nobody?.names]).toEqual([
      [alice.name, alice.name],
      [null, null],
    ]);

    // Two of his requests refresh at once, and both answers have the same session.
    const both = await visitBoth([bob.stale, bob.stale]);
    expect(both.map(({ names }) => names[1])).toEqual([bob.name, bob.name]);
    const kept = both.map(({ cookies }) => cookies[0]?.split(";")[0] ?? "");
    expect(kept.every(Boolean)).toBe(true);
    const refreshTokens = await Promise.all(
      kept.map(async (line) => (await cookieStorage(cookieJar(line)).load())?.refreshToken),
    );
    expect(new Set(refreshTokens).size).toBe(1);
  });
});

describe("onSessionChange", () => {
  it("hears what happened, and when the server ended the session", async () => {
    const { createWarble } = await import("../src/index");
    const { name } = await comeIn(app, "alice");
    const storage = memoryStorage();
    const heard: [SessionChange, boolean][] = [];
    const warble = createWarble({
      url: app.running.url,
      storage,
      onSessionChange: (tokens, change) => heard.push([change, tokens !== null]),
    });
    const login = { identifier: name, password: PASSWORD };
    const { id } = await warble.auth.login(login);
    expect(await warble.auth.userId()).toBe(id);
    await warble.auth.logout();
    expect(await warble.auth.userId()).toBeNull();
    await warble.auth.login(login);
    await storage.save(stale(await tokensOf(storage)));
    const other = createWarble({
      url: app.running.url,
      storage,
      onSessionChange: (tokens, change) => heard.push([change, tokens !== null]),
    });
    await other.api.auth.me.query();
    const elsewhere = clientOf(app);
    await elsewhere.auth.login(login);
    await elsewhere.auth.logoutOthers();
    const error = await other.api.auth.me.query().catch((thrown: unknown) => thrown);
    expect(isWarbleError(error, "NOT_SIGNED_IN")).toBe(true);
    expect(heard).toEqual([
      ["signedIn", true],
      ["signedOut", false],
      ["signedIn", true],
      ["refreshed", true],
      ["expired", false],
    ]);
  });
});
