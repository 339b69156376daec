import { createWarble, isWarbleError, memoryStorage } from "@warble/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startWarble, type TestWarble } from "../src/index";

let warble: TestWarble;
beforeAll(async () => {
  warble = await startWarble({ webUrl: "http://localhost:5173/app", origins: ["http://localhost:6006"] });
});
afterAll(() => warble.stop());
beforeEach(() => warble.reset());

const stranger = () => createWarble({ url: warble.url, storage: memoryStorage() });
const refusal = (reason: string) => expect.objectContaining({ reason });

describe("people", () => {
  it("are made at their first use, verified and signed in", async () => {
    const alice = await warble.person("alice");
    expect(await alice.auth.me()).toMatchObject({ id: alice.id, username: "alice", emailVerified: true });
    expect(await warble.person("Alice")).toBe(alice);
    const { email, password } = alice;
    expect(email).toBe("alice@example.com");
    expect(await stranger().auth.login({ identifier: email, password })).toMatchObject({ id: alice.id });
  });

  it("are what is asked for, at first or later", async () => {
    const bob = await warble.person("bob", { role: "moderator", verified: false });
    expect(await bob.auth.me()).toMatchObject({ role: "moderator", emailVerified: false });
    await expect(warble.tweets(bob, 1)).rejects.toThrow(refusal("EMAIL_NOT_VERIFIED"));
    await warble.person("bob", { role: "admin", verified: true });
    expect(await bob.auth.me()).toMatchObject({ role: "admin", emailVerified: true });
    await expect(warble.person("bob", { verified: false })).rejects.toThrow("bob has a verified address");
  });

  it("are refused when nobody can be so", async () => {
    await expect(warble.person("al ice")).rejects.toThrow('person("al ice"): must be 3 to 15 letters');
    await expect(warble.person("carol", { role: "queen" as never })).rejects.toThrow(
      /person\("carol"\): role: .*"user"/,
    );
    await expect(warble.person("carol", { nice: true } as never)).rejects.toThrow(
      /person\("carol"\): .*nice/,
    );
    expect(await warble.person("carol")).toMatchObject({ username: "carol" });
  });

  it("who registered by themselves are there too", async () => {
    const carol = stranger();
    await carol.auth.register({ username: "carol", email: "c@example.com", password: "a quiet sunday walk" });
    const { username, email, auth } = await warble.person("carol");
    expect({ username, email }).toEqual({ username: "carol", email: "c@example.com" });
    expect(await auth.me()).toMatchObject({ emailVerified: false });
  });

  it("have sessions to hand to a page, each its own", async () => {
    const [one, other] = [await warble.session("alice"), await warble.session("alice")];
    expect(one.refreshToken).not.toBe(other.refreshToken);
    const state = await warble.storageStateOf("alice", "http://localhost:5173/home", "my.session");
    const [{ origin, localStorage } = { origin: "", localStorage: [] }] = state.origins;
    expect(origin).toBe("http://localhost:5173");
    expect(localStorage[0]?.name).toBe("my.session");
    const kept = memoryStorage(JSON.parse(localStorage[0]?.value ?? ""));
    const page = createWarble({ url: warble.url, storage: kept });
    expect(await page.auth.me()).toMatchObject({ username: "alice" });
  });
});

describe("content", () => {
  it("is made in order, and follows lead to it", async () => {
    await warble.follow("bobby", "alice");
    const tweets = await warble.tweets("alice", 3);
    const [last] = await warble.tweets(await warble.person("alice"), ["Swifts!"]);
    const bobby = await warble.person("bobby");
    const { items } = await bobby.api.timelines.home.query({});
    expect(items.map(({ tweet }) => tweet.id)).toEqual(
      [last, ...tweets.toReversed()].map((each) => each?.id),
    );
    expect(new Set(items.map(({ tweet }) => tweet.content)).size).toBe(4);
  });

  it("has friends, who write to each other without asking", async () => {
    await warble.befriend("alice", "bobby");
    const [alice, bobby] = [await warble.person("alice"), await warble.person("bobby")];
    expect(await alice.api.users.get.query({ id: bobby.id })).toMatchObject({
      viewer: { following: true, followedBy: true },
    });
  });

  it("is there by seed, of people with names; but not twice", async () => {
    await warble.seed();
    const { items } = await stranger().api.timelines.user.query({ username: "alice" });
    expect(items.length).toBeGreaterThan(1);
    const bob = await warble.person("bob");
    expect(await stranger().auth.login({ identifier: "bob", password: bob.password })).toMatchObject({
      displayName: "Bob Marsh",
    });
    await expect(warble.seed()).rejects.toThrow("one of them is there already");
  });

  it("is gone after reset, with whoever was signed in", async () => {
    const alice = await warble.person("alice");
    await warble.tweets(alice, 2);
    await warble.mails.to("alice@example.com");
    await warble.reset();
    await expect(alice.api.auth.me.query()).rejects.toThrow(refusal("NOT_SIGNED_IN"));
    await expect(stranger().api.users.get.query({ username: "alice" })).rejects.toThrow(
      refusal("USER_NOT_FOUND"),
    );
    const again = await warble.person("alice");
    expect(again.id).not.toBe(alice.id);
    expect((await again.api.timelines.home.query({})).items).toEqual([]);
  });
});

describe("mails", () => {
  it("are given once each, in order, with what they are read for", async () => {
    const carol = stranger();
    const email = "Carol@example.com";
    await carol.auth.register({ username: "carol", email, password: "a quiet sunday walk" });
    const { link, token, createdAt } = await warble.mails.waitFor({ to: email, subject: "Verify" });
    expect(link).toBe(`http://localhost:5173/app/verify-email?token=${token}`);
    expect(Math.abs(createdAt.getTime() - (await warble.clock.now()).getTime())).toBeLessThan(10_000);
    await carol.auth.verifyEmail(token);
    await carol.api.auth.requestPasswordReset.mutate({ email });
    const mail = await warble.mails.waitFor({ to: email, subject: /resets/ });
    expect(mail.subject).toContain(mail.code);
    expect(() => mail.token).toThrow(`"${mail.subject}" to carol@example.com holds no link`);
    expect((await warble.mails.to(email)).map(({ subject }) => subject)).toEqual([
      mail.subject,
      "Verify your e-mail address",
    ]);
    await expect(warble.mails.waitFor({ to: email, subject: "Verify", timeout: 100 })).rejects.toThrow(
      /No mail to Carol@example.com with the subject Verify came within 0.1 s.*\n.*resets.*before\n.*"Verify.*before/,
    );
    await expect(warble.mails.waitFor({ to: "dan@example.com", timeout: 1 })).rejects.toThrow("  nothing");
  });
});

describe("the clock", () => {
  it("lets access tokens expire, and sessions be refreshed until they end", async () => {
    const tokens = await warble.session("alice");
    const plain = () =>
      fetch(`${warble.url}/trpc/auth.me`, { headers: { authorization: `Bearer ${tokens.accessToken}` } });
    const alice = await warble.person("alice");
    expect((await plain()).status).toBe(200);
    const before = await warble.clock.now();
    const after = await warble.clock.advance({ minutes: 11, seconds: 30 });
    expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(690_000);
    expect((await plain()).status).toBe(401);
    expect(await alice.auth.me()).toMatchObject({ username: "alice" });
    await warble.clock.advance({ days: 31 });
    expect(await alice.auth.me()).toBeNull();
  });

  it("lets links and codes expire", async () => {
    const { email, auth, api } = await warble.person("alice");
    await api.auth.requestPasswordReset.mutate({ email });
    const { code } = await warble.mails.waitFor({ to: email });
    await warble.clock.advance({ minutes: 11 });
    await expect(api.auth.verifyPasswordResetCode.mutate({ email, code })).rejects.toThrow(
      refusal("BAD_CODE"),
    );
    await stranger().auth.register({ username: "carol", email: "c@example.com", password: "a sunday walk" });
    const { token } = await warble.mails.waitFor({ to: "c@example.com" });
    await warble.clock.advance({ hours: 25 });
    await expect(auth.verifyEmail(token)).rejects.toThrow(refusal("BAD_TOKEN"));
  });

  it("lets suspensions end", async () => {
    const [mia, bobby] = [await warble.person("mia", { role: "moderator" }), await warble.person("bobby")];
    const until = new Date((await warble.clock.now()).getTime() + 2 * 86_400_000).toISOString();
    await mia.api.moderation.suspend.mutate({ userId: bobby.id, reason: "spam", until });
    const signIn = () => stranger().auth.login({ identifier: "bobby", password: bobby.password });
    await expect(signIn()).rejects.toThrow(refusal("ACCOUNT_SUSPENDED"));
    await warble.clock.advance({ days: 2, seconds: 1 });
    expect(await signIn()).toMatchObject({ id: bobby.id });
  });

  it("does the jobs that are due then", async () => {
    const { auth, api } = stranger();
    const register = (email: string) =>
      auth.register({ username: "carol", email, password: "a quiet sunday walk" });
    await register("c@example.com");
    await warble.clock.advance({ days: 6 });
    await expect(register("d@example.com")).rejects.toThrow(refusal("USERNAME_TAKEN"));
    // Who does not verify their address in time is gone; the name is free as soon as all they did has ended.
    await warble.clock.advance({ days: 2 });
    await expect(api.users.get.query({ username: "carol" })).rejects.toThrow(refusal("USER_NOT_FOUND"));
    await warble.clock.advance({ minutes: 5 });
    await register("d@example.com");
  });

  it("closes streams whose token expires, and clients come back with another", async () => {
    const [alice, bobby] = [await warble.person("alice"), await warble.person("bobby")];
    const { accessToken } = await warble.session("alice");
    const headers = { authorization: `Bearer ${accessToken}`, accept: "text/event-stream" };
    const raw = await fetch(`${warble.url}/trpc/notifications.stream`, { headers });
    const ended = raw.text();
    const stream = alice.notifications.stream()[Symbol.asyncIterator]();
    const first = stream.next();
    await bobby.api.users.follow.mutate({ id: alice.id });
    expect((await first).value).toBeDefined();
    await warble.clock.advance({ hours: 1 });
    expect(await ended).toContain("follow");
    const [tweet] = await warble.tweets("alice", 1);
    const next = stream.next();
    await bobby.api.tweets.like.mutate({ id: tweet?.id ?? "" });
    expect((await next).value).toBeDefined();
    await stream.return?.();
  });

  it("goes on only", async () => {
    await expect(warble.clock.advance({ hours: -1 })).rejects.toThrow("Time goes on only");
    await expect(warble.clock.advance({})).rejects.toThrow("takes more than {}");
    await expect(warble.clock.advance({ hours: Number.NaN })).rejects.toThrow("Time goes on only");
    await expect(warble.clock.advance({ weeks: 1 } as never)).rejects.toThrow(
      "days, hours, minutes, seconds",
    );
  });
});

it("answers the pages that it is told of, and no others", async () => {
  const allowed = async (origin: string) => {
    const response = await fetch(`${warble.url}/trpc/timelines.trends`, { headers: { origin } });
    return response.headers.get("access-control-allow-origin");
  };
  expect(await allowed("http://localhost:5173")).toBe("http://localhost:5173");
  expect(await allowed("http://localhost:6006")).toBe("http://localhost:6006");
  expect(await allowed("http://localhost:1")).toBeNull();
});

it("refuses nothing for being often", async () => {
  const dave = stranger();
  for (let times = 0; times < 8; times++) {
    const wrong = dave.auth.login({ identifier: "nobody", password: "x" });
    await expect(wrong).rejects.toSatisfy((error) => isWarbleError(error, "BAD_CREDENTIALS"));
  }
});
