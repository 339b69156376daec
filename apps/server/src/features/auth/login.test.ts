import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";
import { PasswordHasher } from "../../platform/password";
import { changeUser, findUser } from "../users/user.service";

const app = startTestApp({ trustProxy: 1 });
const { call, register, login, join, resetCode } = overHttp(app);

const WRONG = "teal otters whistle at dawn";
/** A stranger's device somewhere else. */
const from = (ip: string) => ({ "x-forwarded-for": ip, "user-agent": "stranger" });
const guess = (name: string, ip = "203.0.113.1", password = WRONG) => login(name, password, from(ip));
/** As if this much time had passed since the last guess. */
const wait = (seconds: number) =>
  mongoose.connection
    .collection("guesses")
    .updateMany({}, [
      { $set: { nextAt: { $dateSubtract: { startDate: "$nextAt", unit: "second", amount: seconds } } } },
    ]);

describe("passwords", () => {
  const withPassword = async (username: string, password: string) =>
    (await register(username, { password })).reason;

  it.each([
    ["64 characters", "a1b2 c3d4 e5f6 g7h8 ".repeat(4).slice(0, 64)],
    ["64 emoji", "😀".repeat(64)],
    ["256 emoji", "😀".repeat(256)],
    ["spaces", "   spaced   out   "],
    ["no digits", "only letters here please"],
  ])("may have %s", async (_what, password) => {
    const username = `p${Math.random().toString(36).slice(2, 10)}`;
    expect(await withPassword(username, password)).toBeUndefined();
    expect((await login(username, password)).status).toBe(200);
  });

  it.each([
    ["11 characters", "kT7#mQ2$vX9"],
    ["257 characters", "a1b2 ".repeat(60).slice(0, 257)],
    ["a lone surrogate", "teal otters \ud800 whistle"],
    ["a NUL", "teal otters \0 whistle"],
  ])("may not have %s", async (_what, password) => {
    expect(await withPassword("nobody_1", password)).toBe("BAD_INPUT");
  });

  it("are refused at a megabyte before they are read", async () => {
    const reply = await register("nobody_2", { password: "x".repeat(1e6) });
    expect([reply.status, reply.reason]).toEqual([413, "TOO_LARGE"]);
  });

  it.each([
    ["72 bytes", "a".repeat(72)],
    ["18 emoji", "😀".repeat(18)],
  ])("count beyond %s", async (_what, start) => {
    const username = `q${Math.random().toString(36).slice(2, 10)}`;
    expect(await withPassword(username, `${start}X`)).toBeUndefined();
    expect((await login(username, `${start}Y`)).reason).toBe("BAD_CREDENTIALS");
    expect((await login(username, `${start}X`)).status).toBe(200);
  });

  it("are the same however their accents are typed", async () => {
    const password = "a café in the crème brûlée";
    await register("accents", { password: password.normalize("NFC") });
    expect((await login("accents", password.normalize("NFD"))).status).toBe(200);
  });

  it("are refused when they are common, with what to do", async () => {
    const reply = await register("nobody_3", { password: "password1234" });
    expect([reply.status, reply.reason]).toEqual([400, "WEAK_PASSWORD"]);
    expect(reply.issues?.[0]?.path).toEqual(["password"]);
    expect((await register("nobody_3", { password: "nobody_3nobody_3" })).reason).toBe("WEAK_PASSWORD");
  });

  it("are hashed anew at a sign-in after the cost has risen", async () => {
    const { user } = await join("costly");
    const _id = new mongoose.Types.ObjectId(user.id);
    const accounts = mongoose.connection.collection("accounts");
    const cheap = (await accounts.findOne({ _id }))?.passwordHash;
    const { app: inner } = app.running;
    const { passwords } = inner;
    inner.passwords = new PasswordHasher(inner.config.passwordPepper, 5);
    await login("costly");
    const dear = (await accounts.findOne({ _id }))?.passwordHash;
    expect([cheap.slice(0, 7), dear.slice(0, 7)]).toEqual(["$2b$04$", "$2b$05$"]);
    inner.passwords = passwords;
    expect((await login("costly")).status).toBe(200);
  });
});

describe("signing in", () => {
  it("fails alike for a wrong password and for nobody", async () => {
    await join("alice");
    const replies = [
      await guess("alice"),
      await guess("alice@example.com"),
      await guess("nobody_at_all"),
      await guess("nobody@example.com"),
      await guess("$$$"),
    ];
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect(replies[0]?.reason).toBe("BAD_CREDENTIALS");
  });

  it("tells of a suspension only to whoever knows the password", async () => {
    await register("bob");
    const bob = await findUser({ username: "bob" });
    await changeUser(String(bob?._id), { suspension: { reason: "spam", until: null } });
    expect((await login("bob", WRONG)).reason).toBe("BAD_CREDENTIALS");
    const reply = await login("bob");
    expect([reply.status, reply.reason]).toEqual([403, "ACCOUNT_SUSPENDED"]);
    expect(reply.message).toContain("spam");
  });

  it("is refused by the procedures of the verified until the address is", async () => {
    await register("unverified");
    const token = (await login("unverified")).data.tokens.accessToken;
    const reply = await call("tweets.create", { content: "hello" }, { token });
    expect([reply.status, reply.reason]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
  });
});

describe("guessing", () => {
  it.each(["carol", "nobody_there"])("at the password of %s is slowed down after ten", async (name) => {
    if (name === "carol") await join("carol");
    for (let n = 0; n < 10; n++) expect((await guess(name, `203.0.113.${n}`)).reason).toBe("BAD_CREDENTIALS");
    const waits: (number | undefined)[] = [];
    for (let n = 0; n < 5; n++) {
      const refused = await guess(name, `198.51.100.${n}`);
      expect([refused.status, refused.reason]).toEqual([429, "RATE_LIMITED"]);
      waits.push(refused.retryAfter);
      await wait(refused.retryAfter ?? 0);
      expect((await guess(name)).reason).toBe("BAD_CREDENTIALS");
    }
    expect(waits).toEqual([1, 2, 4, 8, 16]);
    await wait(32 + 15 * 60);
    for (let n = 0; n < 10; n++) expect((await guess(name)).reason).toBe("BAD_CREDENTIALS");
    expect((await guess(name)).reason).toBe("RATE_LIMITED");
  });

  it("in parallel is looked at ten times, and once more after each wait", async () => {
    await join("dan");
    const start = performance.now();
    const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => guess("dan", `192.0.2.${n}`)));
    const waits = Math.floor(Math.log2(1 + (performance.now() - start) / 1000));
    const counted = replies.filter(({ reason }) => reason === "BAD_CREDENTIALS").length;
    expect(counted).toBeGreaterThanOrEqual(10);
    expect(counted).toBeLessThanOrEqual(10 + waits);
    // Those for whom there is no room are not counted.
    const refused = replies.filter(({ reason }) => reason === "RATE_LIMITED" || reason === "BUSY");
    expect(refused).toHaveLength(60 - counted);
  });

  it("locks nobody out of a device that was signed in before", async () => {
    await join("erin");
    for (let n = 0; n < 10; n++) await guess("erin", `203.0.113.${n}`);
    expect((await guess("erin", "203.0.113.1", PASSWORD)).reason).toBe("RATE_LIMITED");
    expect((await login("erin", WRONG)).reason).toBe("RATE_LIMITED");
    expect((await login("erin")).status).toBe(200);
  });

  it("ends at fifty in a row, until the password is reset", async () => {
    await join("frank");
    for (let n = 0; n < 50; n++) {
      expect((await guess("frank")).reason).toBe("BAD_CREDENTIALS");
      await wait(15 * 60);
    }
    await wait(24 * 3600);
    expect((await guess("frank", "203.0.113.9", PASSWORD)).reason).toBe("RATE_LIMITED");
    await call("auth.requestPasswordReset", { email: "frank@example.com" });
    const code = await resetCode("frank@example.com");
    const { ticket } = (
      await call<{ ticket: string }>("auth.verifyPasswordResetCode", { email: "frank@example.com", code })
    ).data;
    const password = "a wholly different sentence";
    expect((await call("auth.resetPassword", { ticket, password })).status).toBe(200);
    expect((await guess("frank", "203.0.113.9", password)).status).toBe(200);
  });

  it("is forgotten after a right password", async () => {
    await join("grace");
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 9; n++) expect((await guess("grace")).reason).toBe("BAD_CREDENTIALS");
      expect((await guess("grace", "203.0.113.1", PASSWORD)).status).toBe(200);
    }
  });

  it("by one name tells nothing of another name of the same user", async () => {
    await join("heidi");
    for (let n = 0; n < 12; n++) await guess("heidi");
    expect((await guess("heidi@example.com")).reason).toBe("BAD_CREDENTIALS");
  });
});

describe("loosely typed input", () => {
  const inputs: Record<string, Record<string, unknown>> = {
    register: { username: "mallory", email: "m@example.com", password: PASSWORD, displayName: "M" },
    login: { identifier: "alice", password: PASSWORD, device: "d" },
    verifyEmail: { token: "t" },
    refresh: { refreshToken: "t" },
    requestPasswordReset: { email: "alice@example.com" },
    verifyPasswordResetCode: { email: "alice@example.com", code: "123456" },
    resetPassword: { ticket: "t", password: PASSWORD },
    changePassword: { currentPassword: PASSWORD, password: WRONG },
    confirmPassword: { password: PASSWORD },
    requestEmailChange: { email: "a@example.com", password: PASSWORD },
    confirmEmailChange: { token: "t" },
    undoEmailChange: { token: "t" },
    revokeSession: { id: "0".repeat(24) },
    enableTotp: { code: "123456" },
    disableTotp: { code: "123456" },
  };
  const odd = [{ $ne: null }, { $gt: "" }, { $regex: "." }, [], ["x"], null, "", 5, true, {}, undefined];

  it.each(Object.entries(inputs))("is refused by %s in every place", async (name, good) => {
    const { tokens } = (await login("alice")).data;
    const optional = ["device", "displayName"];
    for (const field of Object.keys(good)) {
      for (const value of odd) {
        if (optional.includes(field) && (value === undefined || value === "")) continue;
        const reply = await call(`auth.${name}`, { ...good, [field]: value }, { token: tokens.accessToken });
        expect([reply.status, reply.reason], `${field}: ${JSON.stringify(value)}`).toEqual([
          400,
          "BAD_INPUT",
        ]);
      }
    }
    const more = await call(`auth.${name}`, { ...good, role: "admin" }, { token: tokens.accessToken });
    expect(more.reason).toBe("BAD_INPUT");
  });
});
