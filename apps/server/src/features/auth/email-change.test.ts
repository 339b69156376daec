import type { Me, ResetTicket, TotpStart } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { codeAt } from "../../../test/authenticator";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";
import { nowMs } from "../../platform/clock";

const app = startTestApp();
const { call, ask, mails, register, login, join, resetCode, verificationToken } = overHttp(app);

const NEW = "a wholly different sentence";
const WRONG = "teal otters whistle at dawn";
const at = (name: string) => `${name}@example.com`;
const request = (token: string, email: string, password = PASSWORD) =>
  call("auth.requestEmailChange", { email, password }, { token });
const confirm = (token: string) => call("auth.confirmEmailChange", { token });
const undo = (token: string) => call("auth.undoEmailChange", { token });
const lives = async (token: string) => (await ask("auth.me", token)).status === 200;
const emailOf = async (token: string) => (await ask<Me>("auth.me", token)).data.email;
const subjects = async (email: string) => (await mails(email)).map(({ subject }) => subject);
const stored = (collection: string) => mongoose.connection.collection(collection);

const linkIn = async (email: string, page: string) =>
  (await mails(email))
    .map(({ text }) => new RegExp(`/${page}\\?token=([\\w-]{43})`).exec(text)?.[1])
    .find(Boolean) ?? "";
const confirmation = (email: string) => linkIn(email, "confirm-email-change");
const undoing = (email: string) => linkIn(email, "undo-email-change");

/** Somebody whose address has just been changed. */
async function moved(name: string, to = `${name}.new`) {
  const { tokens } = await join(name);
  await request(tokens.accessToken, at(to));
  expect((await confirm(await confirmation(at(to)))).status).toBe(200);
  return { token: tokens.accessToken, old: at(name), email: at(to) };
}

async function reset(email: string, password: string) {
  await call("auth.requestPasswordReset", { email });
  const code = await resetCode(email);
  const { data } = await call<ResetTicket>("auth.verifyPasswordResetCode", { email, code });
  return call("auth.resetPassword", { ticket: data?.ticket ?? "none", password });
}

describe("asking for another address", () => {
  it("mails a link to the new one and a notice to the old, and changes nothing yet", async () => {
    const { tokens } = await join("alice");
    expect((await request(tokens.accessToken, "  Alice.New@example.com ")).data).toEqual({ ok: true });
    expect(await subjects("Alice.New@example.com")).toEqual(["Confirm your new e-mail address"]);
    const [notice] = await mails(at("alice"));
    expect(notice?.subject).toBe("A change of your e-mail address was asked for");
    expect(notice?.text).toContain("Alice.New@example.com");
    expect(notice?.text).not.toContain("token=");
    expect(await emailOf(tokens.accessToken)).toBe(at("alice"));
  });

  it("needs the password, and another address", async () => {
    const { tokens } = await join("bob");
    const reasons = [
      (await call("auth.requestEmailChange", { email: at("x"), password: PASSWORD })).reason,
      (await request(tokens.accessToken, at("bob.new"), WRONG)).reason,
      (await request(tokens.accessToken, "BOB@example.com")).reason,
      (await request(tokens.accessToken, "a@b.co,evil@evil.example")).reason,
      (await request(tokens.accessToken, "bob@evil.example\r\nBcc: x@evil.example")).reason,
    ];
    expect(reasons).toEqual(["NOT_SIGNED_IN", "BAD_CREDENTIALS", "NO_CHANGE", "BAD_INPUT", "BAD_INPUT"]);
    expect(await subjects(at("bob.new"))).toEqual([]);
  });

  it("counts wrong passwords as guesses, and the right one as given just now", async () => {
    const { tokens } = await join("carol");
    const replies = [];
    for (let n = 0; n < 11; n++) replies.push((await request(tokens.accessToken, at("c"), WRONG)).reason);
    expect(replies.at(-1)).toBe("RATE_LIMITED");
    await stored("sessions").updateMany({}, { $set: { authenticatedAt: new Date(0) } });
    expect((await request(tokens.accessToken, at("carol.new"))).status).toBe(200);
    const given = await stored("sessions").findOne({ authenticatedAt: { $gt: new Date(0) } });
    expect(given?._id.toHexString()).toBe(tokens.refreshToken.slice(0, 24));
  });

  it("looks the same when the address is somebody else's, who is told", async () => {
    const [{ tokens }] = [await join("dan"), await join("erin")];
    const known = await request(tokens.accessToken, at("ERIN"));
    const unknown = await request(tokens.accessToken, at("nobody"));
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    expect((await subjects(at("erin")))[0]).toBe("You already have an account");
    expect(await confirmation(at("erin"))).toBe("");
    expect((await subjects(at("dan"))).filter((subject) => /asked for/.test(subject))).toHaveLength(2);
  });

  it("is mailed three times an hour at most, by account and by address", async () => {
    const { tokens } = await join("frank");
    const tries = [];
    for (let n = 0; n < 4; n++) tries.push((await request(tokens.accessToken, at(`frank.${n}`))).reason);
    expect(tries).toEqual([undefined, undefined, undefined, "RATE_LIMITED"]);
    expect(await subjects(at("frank.3"))).toEqual([]);
    for (let n = 0; n < 4; n++) {
      const { accessToken } = (await join(`frank_${n}`)).tokens;
      expect((await request(accessToken, at("target"))).reason).toBe(n < 3 ? undefined : "RATE_LIMITED");
    }
    expect(await subjects(at("target"))).toHaveLength(3);
  });
});

describe("the link to the new address", () => {
  it("changes it, proved, and signs out every device but the one that asked", async () => {
    const { tokens } = await join("grace");
    const other = (await login("grace")).data.tokens.accessToken;
    await request(tokens.accessToken, at("grace.new"));
    await call("auth.requestPasswordReset", { email: at("grace") });
    const code = await resetCode(at("grace"));
    expect((await confirm(await confirmation(at("grace.new")))).data).toEqual({ ok: true });
    expect(await emailOf(tokens.accessToken)).toBe(at("grace.new"));
    expect(await lives(other)).toBe(false);
    expect((await login(at("grace.new"))).data.user).toMatchObject({
      username: "grace",
      emailVerified: true,
    });
    expect((await login(at("grace"))).reason).toBe("BAD_CREDENTIALS");
    const late = await call("auth.verifyPasswordResetCode", { email: at("grace"), code });
    expect(late.reason, "what was mailed to the old address is dead").toBe("BAD_CODE");
    expect((await subjects(at("grace")))[0]).toBe("Your e-mail address was changed");
  });

  it("works once, however often it is used at once", async () => {
    const { tokens } = await join("heidi");
    await request(tokens.accessToken, at("heidi.new"));
    const token = await confirmation(at("heidi.new"));
    const replies = await Promise.all(Array.from({ length: 50 }, () => confirm(token)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(replies.map(({ reason }) => reason))).toEqual(new Set([undefined, "BAD_TOKEN"]));
    expect((await subjects(at("heidi"))).filter((subject) => /was changed/.test(subject))).toHaveLength(1);
  });

  it("dies with another request, a new password, and time", async () => {
    const { tokens } = await join("ivan");
    await request(tokens.accessToken, at("ivan.1"));
    await request(tokens.accessToken, at("ivan.2"));
    expect((await confirm(await confirmation(at("ivan.1")))).reason).toBe("BAD_TOKEN");
    const change = { currentPassword: PASSWORD, password: NEW };
    await call("auth.changePassword", change, { token: tokens.accessToken });
    expect((await confirm(await confirmation(at("ivan.2")))).reason).toBe("BAD_TOKEN");
    await request(tokens.accessToken, at("ivan.3"), NEW);
    await stored("secrets").updateMany({ kind: "changeEmail" }, { $set: { expiresAt: new Date() } });
    expect((await confirm(await confirmation(at("ivan.3")))).reason).toBe("BAD_TOKEN");
    expect(await emailOf(tokens.accessToken)).toBe(at("ivan"));
  });

  it("comes too late when another account has proved the address meanwhile", async () => {
    const { tokens } = await join("judy");
    await request(tokens.accessToken, at("judy.new"));
    const token = await confirmation(at("judy.new"));
    await register("rival", { email: at("judy.new") });
    await call("auth.verifyEmail", { token: await verificationToken(at("judy.new")) });
    expect((await confirm(token)).reason).toBe("BAD_TOKEN");
    expect(await emailOf(tokens.accessToken)).toBe(at("judy"));
    expect(await lives(tokens.accessToken)).toBe(true);
  });

  it("is one's alone when two accounts use theirs at once", async () => {
    const tokens = [];
    for (const name of ["kim", "lea"]) {
      const { accessToken } = (await join(name)).tokens;
      await request(accessToken, at("both"));
      tokens.push(await confirmation(at("both")));
    }
    const reasons = (await Promise.all(tokens.map(confirm))).map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(["BAD_TOKEN", undefined]);
    expect(await stored("accounts").countDocuments({ emailKey: at("both") })).toBe(1);
  });

  it("verifies an account whose first address never was, and mails that one nothing", async () => {
    await register("mia", { email: at("mistyped") });
    const { accessToken } = (await login("mia")).data.tokens;
    const first = await verificationToken(at("mistyped"));
    expect((await request(accessToken, at("mia"))).status).toBe(200);
    expect((await confirm(await confirmation(at("mia")))).status).toBe(200);
    expect((await ask<Me>("auth.me", accessToken)).data).toMatchObject({
      email: at("mia"),
      emailVerified: true,
    });
    expect(await subjects(at("mistyped"))).toEqual(["Verify your e-mail address"]);
    expect((await call("auth.verifyEmail", { token: first })).reason).toBe("BAD_TOKEN");
  });
});

describe("the link that undoes it", () => {
  it("puts the address back, ends every session, and makes the password worthless until it is reset", async () => {
    const { token, old, email } = await moved("nina");
    const thief = (await login("nina")).data.tokens.accessToken;
    await request(token, at("nina.next"));
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    expect((await undo(await undoing(old))).data).toEqual({ ok: true });
    expect([await lives(token), await lives(thief)]).toEqual([false, false]);
    expect((await login("nina")).reason).toBe("BAD_CREDENTIALS");
    expect((await confirm(await confirmation(at("nina.next")))).reason).toBe("BAD_TOKEN");
    expect((await call("auth.verifyPasswordResetCode", { email, code })).reason).toBe("BAD_CODE");
    expect((await subjects(email))[0]).toBe("The change of your e-mail address was undone");
    expect((await reset(email, NEW)).reason, "the address that was taken is nobody's").toBe("BAD_TOKEN");
    expect((await reset(old, NEW)).status).toBe(200);
    expect((await login(old, NEW)).data.user).toMatchObject({ username: "nina", email: old });
  });

  it("takes away what a thief added to sign in with", async () => {
    const { token, old } = await moved("theo");
    const { secret } = (await call<TotpStart>("auth.beginTotp", undefined, { token })).data;
    const code = codeAt(secret, nowMs());
    expect((await call("auth.enableTotp", { code }, { token })).status).toBe(200);
    expect((await undo(await undoing(old))).status).toBe(200);
    expect((await reset(old, NEW)).status).toBe(200);
    const { user } = (await login("theo", NEW)).data;
    expect(user.secondFactor).toEqual({ totp: false, recoveryCodes: 0, passkeys: 0 });
  });

  it("outlives a new password, and a second change of address", async () => {
    const { token, old, email } = await moved("olga");
    await call("auth.changePassword", { currentPassword: PASSWORD, password: NEW }, { token });
    await request(token, at("olga.next"), NEW);
    expect((await confirm(await confirmation(at("olga.next")))).status).toBe(200);
    const later = await undoing(email);
    expect((await undo(await undoing(old))).status).toBe(200);
    expect((await undo(later)).reason, "it would give the account to who had it in between").toBe(
      "BAD_TOKEN",
    );
    expect((await reset(old, `${NEW} 2`)).status).toBe(200);
    expect(await stored("emailUndos").countDocuments({ email })).toBe(0);
  });

  it("leaves what undoes an earlier change", async () => {
    const { token, old, email } = await moved("paul");
    await request(token, at("paul.next"));
    await confirm(await confirmation(at("paul.next")));
    expect((await undo(await undoing(email))).status).toBe(200);
    expect((await undo(await undoing(old))).status).toBe(200);
    expect(await stored("accounts").countDocuments({ emailKey: old, emailVerified: true })).toBe(1);
  });

  it("works once, however often it is used at once, and for a week", async () => {
    const { old } = await moved("quinn");
    const [held] = await stored("emailUndos").find({ email: old }).toArray();
    const days = (held?.expiresAt.getTime() - Date.now()) / 86_400_000;
    expect([days > 6.99, days <= 7]).toEqual([true, true]);
    const token = await undoing(old);
    expect(JSON.stringify(held)).not.toContain(token);
    const replies = await Promise.all(Array.from({ length: 20 }, () => undo(token)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const late = await moved("ruth");
    await stored("emailUndos").updateMany({}, { $set: { expiresAt: new Date() } });
    expect((await undo(await undoing(late.old))).reason).toBe("BAD_TOKEN");
  });

  it("takes no other token, and no address from whoever has proved it since", async () => {
    const { token, old, email } = await moved("sam");
    await register("heir", { email: old });
    await call("auth.verifyEmail", { token: await verificationToken(old) });
    expect((await undo(await undoing(old))).reason).toBe("BAD_TOKEN");
    expect([await emailOf(token), await lives(token)]).toEqual([email, true]);
    await request(token, at("sam.next"));
    expect((await undo(await confirmation(at("sam.next")))).reason).toBe("BAD_TOKEN");
    expect((await confirm(await undoing(old))).reason).toBe("BAD_TOKEN");
  });
});

describe("the pages behind the links", () => {
  it.each(["confirm-email-change", "undo-email-change"])("%s uses nothing up", async (page) => {
    const reply = await fetch(`${app.running.url}/${page}?token=<script>`);
    const html = await reply.text();
    expect([reply.status, reply.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(html).toMatch(page.startsWith("undo") ? /auth\.undoEmailChange/ : /auth\.confirmEmailChange/);
    expect(html).not.toContain("token=<");
  });
});
