import type { PasskeyCreation, PasskeyRequest, SignedIn } from "@warble/contracts";
import mongoose from "mongoose";
import { expect, test } from "vitest";
import { Authenticator } from "../../../test/authenticator";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";
import { changeUser } from "../users/user.service";

const app = startTestApp();
const { call, ask, join, login, mails, register, verificationToken } = overHttp(app);

const users = () => mongoose.connection.collection("users");
const deactivate = ({ tokens }: SignedIn) =>
  call("users.deactivate", undefined, { token: tokens.accessToken });
const subjects = async (name: string) => (await mails(`${name}@example.com`)).map(({ subject }) => subject);

test("who deactivates is signed out everywhere and seen nowhere, and a sign-in brings all of it back, with a mail each", async () => {
  const phone = await join("alice");
  const laptop = (await login("alice")).data;
  const { id } = phone.user;
  let closed = 0;
  await app.running.app.channels.open(
    { viewer: { id, sessionId: id }, expiresAt: null },
    () => void closed++,
  );
  const write = { content: "a canary sings #canary" };
  const tweet = await call<{ id: string }>("tweets.create", write, { token: phone.tokens.accessToken });
  await (await app.as("bob")).users.follow({ id });

  expect((await deactivate(phone)).data).toEqual({ ok: true });
  expect(closed).toBe(1);
  for (const { accessToken, refreshToken } of [phone.tokens, laptop.tokens]) {
    expect((await ask("auth.me", accessToken)).reason).toBe("NOT_SIGNED_IN");
    expect((await call("auth.refresh", { refreshToken })).reason).toBe("NOT_SIGNED_IN");
  }
  const bob = await app.as("bob");
  await expect(bob.users.get({ username: "alice" })).rejects.toMatchObject({ reason: "USER_NOT_FOUND" });
  await expect(bob.tweets.get({ id: tweet.data.id })).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
  expect(await bob.timelines.home({})).toMatchObject({ items: [] });
  expect(await bob.users.following({ username: "bob" })).toMatchObject({ items: [] });

  const back = await login("alice");
  expect(back.status).toBe(200);
  expect((await ask("auth.me", back.data.tokens.accessToken)).status).toBe(200);
  expect((await ask("auth.me", phone.tokens.accessToken)).reason).toBe("NOT_SIGNED_IN");
  expect(await bob.timelines.home({})).toMatchObject({ items: [{ tweet: { id: tweet.data.id } }] });
  expect(await bob.users.get({ username: "alice" })).toMatchObject({ counts: { followers: 1, tweets: 1 } });
  await login("alice");
  expect((await subjects("alice")).slice(0, 2).sort()).toEqual([
    "Your account is active again",
    "Your account is deactivated",
  ]);
});

test("a passkey brings them back, too, and opens nothing of an account that is deleted", async () => {
  const { user, tokens } = await join("judy");
  const token = tokens.accessToken;
  const browser = new Authenticator(app.running.url);
  const made = (await call<PasskeyCreation>("auth.beginPasskey", undefined, { token })).data;
  const created = { challengeId: made.challengeId, response: browser.create(made.options), name: "Phone" };
  expect((await call("auth.addPasskey", created, { token })).status).toBe(200);
  const enter = async () => {
    const { challengeId, options } = (await call<PasskeyRequest>("auth.beginPasskeyLogin")).data;
    return call<SignedIn>("auth.loginWithPasskey", { challengeId, response: browser.get(options) });
  };
  await deactivate({ user, tokens });
  const back = await enter();
  expect((await ask("auth.me", back.data.tokens.accessToken)).status).toBe(200);
  expect(await subjects("judy")).toContain("Your account is active again");
  const again = { token: back.data.tokens.accessToken };
  expect((await call("users.deleteAccount", { password: PASSWORD }, again)).status).toBe(200);
  expect((await enter()).reason).toBe("BAD_PASSKEY");
  for (const collection of ["passkeys", "challenges"]) {
    const theirs = { userId: new mongoose.Types.ObjectId(user.id) };
    expect(await mongoose.connection.collection(collection).countDocuments(theirs)).toBe(0);
  }
});

test("who does not know the password learns nothing of it", async () => {
  const [away, there] = [await join("carol"), await join("dan")];
  await deactivate(away);
  const strip = (text: string) => text.replaceAll("carol", "dan");
  for (const identifier of ["carol", "carol@example.com"]) {
    const [gone, not] = [
      await login(identifier, "not the password"),
      await login(strip(identifier), "not the password"),
    ];
    expect([gone.status, gone.text]).toEqual([not.status, not.text]);
  }
  for (const name of ["carol", "dan"]) {
    const email = `${name}@example.com`;
    expect((await call("auth.requestPasswordReset", { email })).data).toEqual({ ok: true });
    expect((await register(name)).reason).toBe("USERNAME_TAKEN");
  }
  const never = await ask("users.get", there.tokens.accessToken, { username: "nobody_ever" });
  expect((await ask("users.get", there.tokens.accessToken, { username: "carol" })).text).toBe(never.text);
  expect((await users().findOne({ usernameKey: "carol" }))?.deactivatedAt).toBeInstanceOf(Date);
});

test("a sign-in at that very moment is over, or has brought them back", async () => {
  const { user, tokens } = await join("erin");
  for (let round = 0; round < 5; round++) {
    const { data } = await login("erin");
    const [, during] = await Promise.all([deactivate({ ...data, user }), login("erin")]);
    expect(during.status).toBe(200);
    const away = (await users().findOne({ usernameKey: "erin" }))?.deactivatedAt !== null;
    const alive = (await ask("auth.me", during.data.tokens.accessToken)).status === 200;
    expect(alive).toBe(!away);
    const left = { userId: new mongoose.Types.ObjectId(user.id), revokedAt: null };
    expect(await mongoose.connection.collection("sessions").countDocuments(left)).toBe(alive ? 1 : 0);
  }
  expect((await ask("auth.me", tokens.accessToken)).reason).toBe("NOT_SIGNED_IN");
});

test("it takes a password given lately, also of somebody whose address is not verified", async () => {
  await register("frank");
  const { tokens } = (await login("frank")).data;
  const token = tokens.accessToken;
  await mongoose.connection.collection("sessions").updateMany({}, { $set: { authenticatedAt: new Date(0) } });
  expect((await call("users.deactivate", undefined, { token })).reason).toBe("REAUTH_REQUIRED");
  await call("auth.confirmPassword", { password: PASSWORD }, { token });
  expect((await call("users.deactivate", undefined, { token })).data).toEqual({ ok: true });
  expect((await login("frank")).status).toBe(200);
  const reply = await call("auth.verifyEmail", { token: await verificationToken("frank@example.com") });
  expect(reply.status).toBe(200);
});

test("nobody, and who is suspended, cannot, and a suspension outlasts a sign-in", async () => {
  expect((await call("users.deactivate")).reason).toBe("NOT_SIGNED_IN");
  const grace = await join("grace");
  await deactivate(grace);
  await changeUser(grace.user.id, { suspension: { reason: "spam", until: null } });
  expect((await login("grace")).reason).toBe("ACCOUNT_SUSPENDED");
  expect((await deactivate(grace)).reason).toBe("NOT_SIGNED_IN");
  expect((await users().findOne({ usernameKey: "grace" }))?.deactivatedAt).toBeInstanceOf(Date);
});

test("a role is given back, in the audit log, and the last administrator stays", async () => {
  const [heidi, ivan] = [await join("heidi"), await join("ivan")];
  await changeUser(heidi.user.id, { role: "admin" });
  expect((await deactivate(heidi)).reason).toBe("LAST_ADMIN");
  const deleting = await call(
    "users.deleteAccount",
    { password: PASSWORD },
    { token: heidi.tokens.accessToken },
  );
  expect(deleting.reason).toBe("LAST_ADMIN");
  await changeUser(ivan.user.id, { role: "admin" });
  const both = await Promise.all([deactivate(heidi), deactivate(ivan)]);
  expect(both.map(({ reason }) => reason).sort()).toEqual(["LAST_ADMIN", undefined]);
  const [gone, stays] = both[0]?.reason ? [ivan, heidi] : [heidi, ivan];
  expect((await login(gone.user.username)).data.user.role).toBe("user");
  const audit = await ask<{ items: object[] }>("moderation.audit", stays.tokens.accessToken, {});
  expect(audit.data.items).toMatchObject([
    { action: "setRole", targetId: gone.user.id, reason: "admin -> user", actor: { id: gone.user.id } },
  ]);
});
