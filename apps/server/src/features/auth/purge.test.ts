import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp, unlimited } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const policy = { ...unlimited, closedSettlesIn: 0 };
const app = startTestApp({ policy });
const { call, ask, register, login, join, verificationToken, mails } = overHttp(app);

const stored = (collection: string) => mongoose.connection.collection(collection);
const JOB = { name: /purgeUnverified/ };

/** As if the week were over. */
async function lapse(): Promise<void> {
  await stored("jobs").updateMany(JOB, { $set: { runAt: new Date(0) } });
  await app.settled();
  expect(await stored("jobs").countDocuments(JOB), "each is done once").toBe(0);
}

/** Nobody has a second factor before their address is verified; should somebody, it goes with them. */
async function haveFactors(id: string): Promise<void> {
  const _id = new mongoose.Types.ObjectId(id);
  await stored("totps").insertOne({ _id });
  for (const name of ["passkeys", "challenges"]) await stored(name).insertOne({ userId: _id });
}

const idOf = async (usernameKey: string) => String((await stored("users").findOne({ usernameKey }))?._id);
const countsOf = async (username: string) => (await app.anonymous.users.get({ username })).counts;

describe("an account whose address is not verified in time", () => {
  it("is removed after a week, with its sessions and secrets, and its name is free", async () => {
    await register("alice");
    const job = await stored("jobs").findOne(JOB);
    const days = ((job?.runAt.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    const { tokens } = (await login("alice")).data;
    await haveFactors(await idOf("alice"));
    const link = await verificationToken("alice@example.com");
    let closed = 0;
    const id = await idOf("alice");
    await app.running.app.channels.open(
      { viewer: { id, sessionId: id }, expiresAt: null },
      () => void closed++,
    );
    for (let n = 0; n < 9; n++) await login("alice", "teal otters whistle at dawn");

    await lapse();
    await expect(app.anonymous.users.get({ username: "alice" })).rejects.toMatchObject({
      reason: "USER_NOT_FOUND",
    });
    expect((await ask("auth.me", tokens.accessToken)).reason).toBe("NOT_SIGNED_IN");
    expect((await call("auth.refresh", { refreshToken: tokens.refreshToken })).reason).toBe("NOT_SIGNED_IN");
    expect((await call("auth.verifyEmail", { token: link })).reason).toBe("BAD_TOKEN");
    expect((await login("alice")).reason).toBe("BAD_CREDENTIALS");
    expect(closed).toBe(1);
    for (const collection of [
      "users",
      "accounts",
      "sessions",
      "secrets",
      "totps",
      "passkeys",
      "challenges",
    ]) {
      expect(await stored(collection).countDocuments(), collection).toBe(0);
    }
    expect((await register("alice", { password: `${PASSWORD} again` })).status).toBe(200);
    expect((await login("alice", `${PASSWORD} again`)).status).toBe(200);
  });

  it("is removed as soon as the policy says", async () => {
    policy.unverifiedKeptFor = 0.2;
    await register("bob");
    policy.unverifiedKeptFor = unlimited.unverifiedKeptFor;
    await expect
      .poll(() => stored("users").countDocuments({ usernameKey: "bob" }), { timeout: 10_000 })
      .toBe(0);
  });

  it("is nobody to others before, and leaves nothing to whoever takes the name later", async () => {
    await register("carol");
    const old = await idOf("carol");
    const dan = await app.as("dan");
    await expect(dan.users.follow({ id: old })).rejects.toMatchObject({ reason: "USER_NOT_FOUND" });
    await expect(dan.chat.start({ userId: old })).rejects.toMatchObject({ reason: "USER_NOT_FOUND" });
    expect((await dan.tweets.create({ content: "Welcome @carol" })).entities).toEqual([]);

    await lapse();
    const carol = (await join("carol")).tokens.accessToken;
    expect(await countsOf("carol")).toEqual({ followers: 0, following: 0, tweets: 0 });
    expect(await idOf("carol")).not.toBe(old);
    const pages = await Promise.all([
      ask<{ items: unknown[] }>("users.followers", carol, { username: "carol" }),
      ask<{ items: unknown[] }>("notifications.list", carol, {}),
      ask<{ items: unknown[] }>("chat.conversations", carol, {}),
      ask<{ items: unknown[] }>("auth.sessions", carol, {}),
    ]);
    expect(pages.map(({ data }) => data.items.length)).toEqual([0, 0, 0, 1]);
    expect(await dan.users.get({ username: "carol" })).toMatchObject({ viewer: { following: false } });
  });
});

describe("an account", () => {
  it("that is verified in time stays", async () => {
    const { tokens } = await join("judy");
    await lapse();
    expect((await ask("auth.me", tokens.accessToken)).status).toBe(200);
  });

  it("that is verified at that moment is kept whole or gone whole", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `kim_${round}`;
      await register(name);
      const token = await verificationToken(`${name}@example.com`);
      const [, verified] = await Promise.all([lapse(), call("auth.verifyEmail", { token })]);
      const users = await stored("users").countDocuments({ usernameKey: name });
      const accounts = await stored("accounts").countDocuments({ emailKey: `${name}@example.com` });
      const kept = verified?.status === 200 ? 1 : 0;
      expect([users, accounts], verified?.reason).toEqual([kept, kept]);
    }
  });

  it("of an administrator's choice stays, so that one is left", async () => {
    await register("lea");
    await stored("users").updateOne({ usernameKey: "lea" }, { $set: { role: "admin" } });
    await lapse();
    expect((await login("lea")).status).toBe(200);
    expect(await mails("lea@example.com")).toHaveLength(1);
  });
});
