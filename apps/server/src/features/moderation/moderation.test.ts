import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import type { Context } from "../../platform/context";
import { newId, oid } from "../../platform/id";
import { openSession } from "../auth/session.service";
import { findUser } from "../users/user.service";
import { AuditModel } from "./audit.model";
import { makeAdmin } from "./moderation.service";

const app = startTestApp();

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const roleNow = async (username: string) => (await findUser({ username }))?.role;

async function admin(name: string) {
  await app.setRole(name, "admin");
  return app.as(name);
}

async function moderator(name: string) {
  await app.setRole(name, "moderator");
  return app.as(name);
}

async function tokensOf(username: string) {
  await app.id(username);
  const user = await findUser({ username });
  const ctx = { ...app.running.app, ip: "127.0.0.1", userAgent: "vitest" } as Context;
  return openSession(ctx, user!);
}

/** Calls over HTTP with a real session, which knows no role: the server looks it up at every call. */
async function overHttp(username: string) {
  const { accessToken } = await tokensOf(username);
  return async (path: string, input: object): Promise<string> => {
    const answer = await fetch(`${app.running.url}/trpc/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    const { error } = (await answer.json()) as { error?: { data: { reason: string } } };
    return error?.data.reason ?? "ok";
  };
}

describe("who may moderate", () => {
  const calls = {
    setRole: async () => ({ userId: await app.id("bob"), role: "moderator" as const }),
    suspend: async () => ({ userId: await app.id("bob"), reason: "spam" }),
    unsuspend: async () => ({ userId: await app.id("bob") }),
    removeTweet: async () => ({ id: String(newId()) }),
    removeComment: async () => ({ id: String(newId()) }),
    audit: async () => ({}),
  };
  const verbs = Object.keys(calls) as (keyof typeof calls)[];
  const call = async (caller: Awaited<ReturnType<typeof app.as>>, verb: keyof typeof calls) =>
    (caller.moderation[verb] as (input: object) => Promise<unknown>)(await calls[verb]());

  it.each(verbs)("%s refuses whoever is nobody, not verified or only a user", async (verb) => {
    await app.change("newcomer", { emailVerified: false, role: "admin" });
    await refuses(call(app.anonymous, verb), "NOT_SIGNED_IN");
    await refuses(call(await app.as("newcomer"), verb), "EMAIL_NOT_VERIFIED");
    await refuses(call(await app.as("alice"), verb), "FORBIDDEN");
    await app.change("newcomer", { role: "user" });
  });

  it.each(["setRole", "audit"] as const)("%s refuses a moderator", async (verb) => {
    await refuses(call(await moderator("mod"), verb), "FORBIDDEN");
  });
});

describe("moderation.setRole", () => {
  it("counts from the next call on, with the same token, up and down", async () => {
    const root = await admin("root");
    const [userId, target] = [await app.id("carol"), await app.id("dan")];
    const carol = await overHttp("carol");
    const suspend = () => carol("moderation.suspend", { userId: target, reason: "spam" });
    expect(await suspend()).toBe("FORBIDDEN");
    await root.moderation.setRole({ userId, role: "moderator" });
    expect(await suspend()).toBe("ok");
    await root.moderation.setRole({ userId, role: "user" });
    expect(await suspend()).toBe("FORBIDDEN");
  });

  it("takes an administrator's rights away at the next call", async () => {
    const root = await admin("root");
    const second = await admin("second");
    const http = await overHttp("second");
    const userId = await app.id("erin");
    expect(await http("moderation.setRole", { userId, role: "moderator" })).toBe("ok");
    await root.moderation.setRole({ userId: await app.id("second"), role: "user" });
    expect(await http("moderation.setRole", { userId, role: "user" })).toBe("FORBIDDEN");
    expect(await roleNow("erin")).toBe("moderator");
    expect(second).toBeDefined();
  });

  it("closes what the user has open, for it was opened with the old rights", async () => {
    const root = await admin("root");
    const id = await app.id("frank");
    let closed = 0;
    await app.running.app.channels.open(
      { viewer: { id, sessionId: String(newId()) }, expiresAt: null },
      () => void closed++,
    );
    await root.moderation.setRole({ userId: id, role: "moderator" });
    expect(closed).toBe(1);
  });

  it("refuses to leave no administrator, and one that is suspended does not count", async () => {
    const root = await admin("root");
    const demote = { userId: await app.id("root"), role: "user" as const };
    await refuses(root.moderation.setRole(demote), "LAST_ADMIN");
    await app.change("second", { role: "admin", suspension: { reason: "spam", until: null } });
    await refuses(root.moderation.setRole(demote), "LAST_ADMIN");
    await app.change("second", { role: "user", suspension: null });
    expect(await roleNow("root")).toBe("admin");
  });

  it("leaves one administrator when each demotes the other at once", async () => {
    for (let round = 0; round < 10; round++) {
      const [first, second] = [await admin("root"), await admin("second")];
      const [one, two] = [await app.id("root"), await app.id("second")];
      const mutual = round % 2 === 0;
      const results = await Promise.allSettled([
        first.moderation.setRole({ userId: mutual ? two : one, role: "user" }),
        second.moderation.setRole({ userId: mutual ? one : two, role: "user" }),
      ]);
      const refused = results.filter((result) => result.status === "rejected");
      expect(refused).toMatchObject([{ reason: { reason: "LAST_ADMIN" } }]);
      expect([await roleNow("root"), await roleNow("second")].sort()).toEqual(["admin", "user"]);
    }
  });

  it("refuses unknown users and roles", async () => {
    const root = await admin("root");
    await refuses(root.moderation.setRole({ userId: String(newId()), role: "user" }), "USER_NOT_FOUND");
    const userId = await app.id("bob");
    await refuses(root.moderation.setRole({ userId, role: "owner" as never }), "BAD_INPUT");
  });
});

describe("moderation.suspend and moderation.unsuspend", () => {
  it("signs the user out everywhere at once and hides them, until they are let back in", async () => {
    const mod = await moderator("mod");
    const userId = await app.id("mallory");
    const mallory = await overHttp("mallory");
    let closed = 0;
    await app.running.app.channels.open(
      { viewer: { id: userId, sessionId: String(newId()) }, expiresAt: null },
      () => void closed++,
    );
    expect(await mallory("users.update", { bio: "Hello" })).toBe("ok");
    const { refreshToken } = await tokensOf("mallory");

    await mod.moderation.suspend({ userId, reason: "spam" });
    expect(closed).toBe(1);
    expect(await mallory("users.update", { bio: "Still here" })).toBe("NOT_SIGNED_IN");
    await refuses(app.anonymous.auth.refresh({ refreshToken }), "NOT_SIGNED_IN");
    await refuses(app.anonymous.users.get({ username: "mallory" }), "USER_NOT_FOUND");

    await mod.moderation.unsuspend({ userId });
    expect(await app.anonymous.users.get({ username: "mallory" })).toMatchObject({ bio: "Hello" });
    expect(await mallory("users.update", { bio: "Old session" })).toBe("NOT_SIGNED_IN");
  });

  it("keeps a new reason and end when it is said again", async () => {
    const mod = await moderator("mod");
    const userId = await app.id("oscar");
    await mod.moderation.suspend({ userId, reason: "spam" });
    const until = new Date(Date.now() + 60_000).toISOString();
    await mod.moderation.suspend({ userId, reason: "spam, once more", until });
    expect(await findUser({ username: "oscar" })).toMatchObject({
      suspension: { reason: "spam, once more", until: new Date(until) },
    });
  });

  it.each(["suspend", "unsuspend"] as const)("%s refuses oneself, equals and higher ones", async (verb) => {
    const [root, mod] = [await admin("root"), await moderator("mod")];
    await moderator("mod2");
    await admin("second");
    const on = async (name: string) => ({ userId: await app.id(name), reason: "spam" });
    const call = (caller: typeof mod, input: { userId: string; reason: string }) =>
      verb === "suspend"
        ? caller.moderation.suspend(input)
        : caller.moderation.unsuspend({ userId: input.userId });
    await refuses(call(mod, await on("mod")), "SELF_TARGET");
    await refuses(call(mod, await on("mod2")), "FORBIDDEN");
    await refuses(call(mod, await on("root")), "FORBIDDEN");
    await refuses(call(root, await on("second")), "FORBIDDEN");
    await refuses(call(mod, { userId: String(newId()), reason: "spam" }), "USER_NOT_FOUND");
    expect(await call(root, await on("mod2"))).toEqual({ ok: true });
    await app.setRole("second", "user");
    await app.change("mod2", { suspension: null });
  });

  it.each([
    { until: "2020-01-01T00:00:00Z" },
    { until: "soon" },
    { reason: " " },
    { reason: "x".repeat(501) },
  ])("suspend refuses %j", async (wrong) => {
    const mod = await moderator("mod");
    const input = { userId: await app.id("bob"), reason: "spam", ...wrong };
    await refuses(mod.moderation.suspend(input), "BAD_INPUT");
    expect(await app.anonymous.users.get({ username: "bob" })).toMatchObject({ username: "bob" });
  });
});

describe("moderation.removeTweet and moderation.removeComment", () => {
  it("takes a tweet away from everybody and writes down why", async () => {
    const [alice, mod] = [await app.as("alice"), await moderator("mod")];
    const { id } = await alice.tweets.create({ content: "Buy my coins" });
    expect(await mod.moderation.removeTweet({ id, reason: "fraud" })).toEqual({ ok: true });
    await refuses(alice.tweets.get({ id }), "TWEET_NOT_FOUND");
    expect(await app.anonymous.users.get({ username: "alice" })).toMatchObject({ counts: { tweets: 0 } });
    const { items } = await (await admin("root")).moderation.audit({ limit: 1 });
    expect(items).toMatchObject([
      {
        actor: { username: "mod" },
        action: "removeTweet",
        targetType: "tweet",
        targetId: id,
        reason: "fraud",
      },
    ]);
  });

  it("takes a comment away and leaves the tweet", async () => {
    const [alice, mod] = [await app.as("alice"), await moderator("mod")];
    const { id: tweetId } = await alice.tweets.create({ content: "What do you think?" });
    const { id } = await (await app.as("bob")).comments.create({ tweetId, content: "Something rude" });
    expect(await mod.moderation.removeComment({ id, reason: "abuse" })).toEqual({ ok: true });
    await refuses(alice.comments.get({ id }), "COMMENT_NOT_FOUND");
    expect(await alice.tweets.get({ id: tweetId })).toMatchObject({ counts: { comments: 0 } });
    const { items } = await (await admin("root")).moderation.audit({ limit: 1 });
    expect(items).toMatchObject([{ action: "removeComment", targetType: "comment", targetId: id }]);
  });

  it("takes away what a suspended user wrote", async () => {
    const [mallory, mod] = [await app.as("mallory"), await moderator("mod")];
    const { id } = await mallory.tweets.create({ content: "Before the end" });
    await mod.moderation.suspend({ userId: await app.id("mallory"), reason: "spam" });
    await refuses((await app.as("alice")).tweets.get({ id }), "TWEET_NOT_FOUND");
    expect(await mod.moderation.removeTweet({ id })).toEqual({ ok: true });
  });

  it("removes once when two do it at once, and writes down one row", async () => {
    const [alice, mod] = [await app.as("alice"), await moderator("mod")];
    const { id } = await alice.tweets.create({ content: "Twice" });
    const calls = [mod.moderation.removeTweet({ id }), mod.moderation.removeTweet({ id })];
    const results = await Promise.allSettled(calls);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await AuditModel.countDocuments({ targetId: oid(id) })).toBe(1);
  });

  it("refuses what is not there, or is the other kind", async () => {
    const mod = await moderator("mod");
    const { id } = await (await app.as("alice")).tweets.create({ content: "No comment" });
    await refuses(mod.moderation.removeTweet({ id: String(newId()) }), "TWEET_NOT_FOUND");
    await refuses(mod.moderation.removeComment({ id }), "COMMENT_NOT_FOUND");
    expect(await AuditModel.countDocuments({ targetId: oid(id) })).toBe(0);
    await refuses(mod.moderation.removeTweet({ id, reason: "x".repeat(501) }), "BAD_INPUT");
  });
});

describe("moderation.audit", () => {
  it("holds one row for each action that changed something, the latest first", async () => {
    const root = await admin("root");
    const userId = await app.id("peggy");
    await root.moderation.setRole({ userId, role: "moderator" });
    await root.moderation.setRole({ userId, role: "moderator" });
    await root.moderation.suspend({ userId, reason: "sold her account" });
    await root.moderation.unsuspend({ userId });
    await root.moderation.unsuspend({ userId });
    await refuses(root.moderation.suspend({ userId: await app.id("root"), reason: "oops" }), "SELF_TARGET");
    const { items } = await root.moderation.audit();
    const mine = items.filter((entry) => entry.targetId === userId);
    expect(mine.map(({ action, reason }) => [action, reason])).toEqual([
      ["unsuspend", ""],
      ["suspend", "sold her account"],
      ["setRole", "user -> moderator"],
    ]);
    expect(mine[0]).toMatchObject({ actor: { username: "root" }, targetType: "user" });
  });

  it("numbers rows without gaps when many act at once, and pages through all of them", async () => {
    const root = await admin("root");
    const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => app.id(`crowd${n}`)));
    await Promise.all(ids.map((userId) => root.moderation.suspend({ userId, reason: "storm" })));
    const numbers = (await AuditModel.find().sort({ number: 1 }).lean()).map((row) => row.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await root.moderation.audit({ limit: 4, ...(cursor && { cursor }) });
      seen.push(...page.items.map((entry) => entry.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(numbers.length);
    await refuses(root.moderation.audit({ cursor: "made-up" }), "BAD_CURSOR");
  });

  it("only grows", async () => {
    const one = { targetId: oid(await app.id("peggy")) };
    await expect(AuditModel.updateMany(one, { reason: "" })).rejects.toThrow("only grows");
    await expect(AuditModel.deleteMany(one)).rejects.toThrow("only grows");
  });
});

describe("makeAdmin", () => {
  it("makes an administrator once, and writes down that it was the command", async () => {
    await app.id("trent");
    expect(await makeAdmin("TRENT")).toBe(true);
    expect(await makeAdmin("trent")).toBe(false);
    await refuses(makeAdmin("nobody_here"), "USER_NOT_FOUND");
    const { items } = await (await admin("root")).moderation.audit({ limit: 1 });
    expect(items).toMatchObject([{ actor: null, action: "setRole", reason: "user -> admin" }]);
    await app.setRole("trent", "user");
  });
});
