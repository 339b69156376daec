import type { Me, RecoveryCodes, SignedIn, TotpStart } from "@warble/contracts";
import mongoose from "mongoose";
import { beforeEach, describe, expect, it } from "vitest";
import { codeAt } from "../../../test/authenticator";
import { startTestApp, unlimited } from "../../../test/harness";
import { overHttp, PASSWORD, type Reply } from "../../../test/http";
import { nowMs } from "../../platform/clock";

const policy = { ...unlimited };
const app = startTestApp({ policy, trustProxy: 1 });
const { call, ask, mails, register, login, join, resetCode } = overHttp(app);
beforeEach(() => Object.assign(policy, unlimited));

const WRONG = "teal otters whistle at dawn";
const stored = (collection: string) => mongoose.connection.collection(collection);
const reasonOf = ({ status, reason }: Reply) => [status, reason];

/** What the app shows, so many steps from now. */
const codeOf = (secret: string, steps = 0) => codeAt(secret, nowMs() + steps * 30_000);
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

const STRANGER = { "x-forwarded-for": "203.0.113.1", "user-agent": "stranger" };
const signIn = (identifier: string, code?: string, headers: Record<string, string> = {}) =>
  call<SignedIn>(
    "auth.login",
    { identifier, password: PASSWORD, ...(code !== undefined && { code }) },
    { headers },
  );

/** As if so much time had passed that what was used is long over. */
const later = () => stored("totps").updateMany({ enabledAt: { $ne: null } }, { $set: { lastStep: 0 } });
/** As if no password had been given lately. */
const stale = () => stored("sessions").updateMany({}, { $set: { authenticatedAt: new Date(0) } });

async function begin(token: string): Promise<string> {
  return (await call<TotpStart>("auth.beginTotp", undefined, { token })).data.secret;
}

const enable = (token: string, code: string) => call<RecoveryCodes>("auth.enableTotp", { code }, { token });

/** Somebody who signs in with a code from now on. */
async function guarded(username: string) {
  const { tokens, user } = await join(username);
  const token = tokens.accessToken;
  const secret = await begin(token);
  const { recoveryCodes } = (await enable(token, codeOf(secret))).data;
  await later();
  // Of two mails that are sent at once either may come first.
  await app.settled();
  return { id: user.id, token, secret, recoveryCodes };
}

const factorOf = async (token: string) => (await ask<Me>("auth.me", token)).data.secondFactor;

describe("an authenticator app", () => {
  it("is asked for once its first code has come, and not before", async () => {
    const { tokens } = await join("alice");
    const token = tokens.accessToken;
    const start = (await call<TotpStart>("auth.beginTotp", undefined, { token })).data;
    expect(start.secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(start.uri);
    expect([uri.protocol, uri.host, uri.pathname]).toEqual(["otpauth:", "totp", "/Warble:alice"]);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: "Warble",
      secret: start.secret,
      algorithm: "SHA1",
      digits: "6",
      period: "30",
    });
    expect((await signIn("alice")).status).toBe(200);
    expect(reasonOf(await enable(token, wrong(codeOf(start.secret))))).toEqual([400, "BAD_CODE"]);
    expect(await factorOf(token)).toEqual({ totp: false, recoveryCodes: 0, passkeys: 0 });

    const code = codeOf(start.secret);
    const { recoveryCodes } = (await enable(token, code)).data;
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const each of recoveryCodes) expect(each).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
    expect(await factorOf(token)).toEqual({ totp: true, recoveryCodes: 10, passkeys: 0 });
    expect((await mails("alice@example.com"))[0]?.subject).toBe("Signing in now takes a code");

    const asked = await signIn("alice");
    expect(reasonOf(asked)).toEqual([401, "SECOND_FACTOR_REQUIRED"]);
    expect(asked.message).toBe("Give a code of your authenticator app or a recovery code.");
    expect(reasonOf(await signIn("alice", code)), "it was used when it was enabled").toEqual([
      400,
      "BAD_CODE",
    ]);
    await later();
    const signedIn = await signIn("alice", codeOf(start.secret));
    expect(signedIn.data.user.secondFactor).toEqual({ totp: true, recoveryCodes: 10, passkeys: 0 });

    const rows = JSON.stringify(await stored("totps").find().toArray());
    for (const secret of [
      start.secret,
      ...recoveryCodes,
      ...recoveryCodes.map((each) => each.replaceAll("-", "")),
    ])
      expect(rows).not.toContain(secret);
  });

  it("is told of to nobody who does not know the password", async () => {
    const { secret } = await guarded("bob");
    const given = (identifier: string, password: string, code?: string) =>
      call("auth.login", { identifier, password, ...(code && { code }) });
    const replies = [
      await given("bob", WRONG),
      await given("bob", WRONG, codeOf(secret)),
      await given("nobody", WRONG),
      await given("nobody", WRONG, codeOf(secret)),
    ];
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies[0]?.reason).toBe("BAD_CREDENTIALS");
    expect((await signIn("bob", codeOf(secret))).status).toBe(200);
  });

  it("takes what has six characters and more bytes for a wrong code", async () => {
    const SIX = ["12345é", "l\u{cfde4}qN2", "١٢٣٤٥٦"];
    const { tokens } = await join("frida");
    const secret = await begin(tokens.accessToken);
    for (const code of SIX)
      expect(reasonOf(await enable(tokens.accessToken, code))).toEqual([400, "BAD_CODE"]);
    await enable(tokens.accessToken, codeOf(secret));
    for (const code of SIX) expect(reasonOf(await signIn("frida", code))).toEqual([400, "BAD_CODE"]);
  });

  it("that waits is replaced by beginning again, and forgotten after ten minutes", async () => {
    const { tokens } = await join("carol");
    const token = tokens.accessToken;
    const [first, second] = [await begin(token), await begin(token)];
    expect((await enable(token, codeOf(first))).reason).toBe("BAD_CODE");
    const row = await stored("totps").findOne({ enabledAt: null });
    expect(row?.expiresAt.getTime() - Date.now()).toBeGreaterThan(590_000);
    expect(row?.expiresAt.getTime() - Date.now()).toBeLessThan(601_000);
    await stored("totps").updateOne(
      { enabledAt: null },
      { $set: { expiresAt: new Date(Date.now() - 1000) } },
    );
    expect((await enable(token, codeOf(second))).reason).toBe("BAD_CODE");
    expect((await signIn("carol")).status).toBe(200);
  });

  it("does not replace one in force", async () => {
    const { token, secret } = await guarded("dan");
    const reply = await call("auth.beginTotp", undefined, { token });
    expect(reasonOf(reply)).toEqual([409, "CONFLICT"]);
    expect((await enable(token, codeOf(secret))).reason).toBe("BAD_CODE");
    expect((await signIn("dan", codeOf(secret))).status).toBe(200);
  });

  it("is enabled once, of many at once", async () => {
    const { tokens } = await join("erin");
    const secret = await begin(tokens.accessToken);
    const code = codeOf(secret);
    const replies = await Promise.all(Array.from({ length: 10 }, () => enable(tokens.accessToken, code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(
      (await mails("erin@example.com")).filter(({ subject }) => /takes a code/.test(subject)),
    ).toHaveLength(1);
  });
});

describe("a code", () => {
  it("counts one step early and late, once, and not after a newer one", async () => {
    const { secret } = await guarded("frank");
    for (const steps of [-3, 3])
      expect((await signIn("frank", codeOf(secret, steps))).reason).toBe("BAD_CODE");
    const [now, next] = [codeOf(secret), codeOf(secret, 1)];
    expect((await signIn("frank", `${next.slice(0, 3)} ${next.slice(3)}`)).status).toBe(200);
    expect((await signIn("frank", next)).reason, "the same again").toBe("BAD_CODE");
    expect((await signIn("frank", now)).reason, "of an earlier step").toBe("BAD_CODE");
    await later();
    expect((await signIn("frank", codeOf(secret, -1))).status).toBe(200);
    expect((await signIn("frank", codeOf(secret))).status).toBe(200);
  });

  it("is not used up where the sign-in fails for another reason", async () => {
    const { secret } = await guarded("heidi");
    const code = codeOf(secret);
    await call("auth.login", { identifier: "heidi", password: WRONG, code });
    expect((await signIn("heidi", code)).status).toBe(200);
  });
});

describe("a recovery code", () => {
  it("signs in once, of many at once, however it is typed, and its owner hears of it", async () => {
    policy.guesses = { ...unlimited.guesses, free: 1e6, stop: 1e6 };
    const { token, recoveryCodes } = await guarded("ivan");
    const [first = "", second = "", third = ""] = recoveryCodes;
    const replies = await Promise.all(Array.from({ length: 20 }, () => signIn("ivan", first)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await signIn("ivan", first)).reason).toBe("BAD_CODE");
    expect((await signIn("ivan", second.toUpperCase().replaceAll("-", ""))).status).toBe(200);
    expect((await signIn("ivan", ` ${third.replaceAll("-", " ")} `)).status).toBe(200);
    expect((await factorOf(token)).recoveryCodes).toBe(7);
    const heard = (await mails("ivan@example.com")).filter(
      ({ subject }) => subject === "A recovery code was used",
    );
    expect(heard).toHaveLength(3);
    expect(heard[0]?.text).toContain("left are 7");
  });

  it("of another user is wrong", async () => {
    const { recoveryCodes } = await guarded("judy");
    await guarded("kim");
    expect((await signIn("kim", recoveryCodes[0])).reason).toBe("BAD_CODE");
  });

  it("is dead once there are new ones, for which a code is needed", async () => {
    const { token, secret, recoveryCodes } = await guarded("lea");
    const renew = (code: string) => call<RecoveryCodes>("auth.renewRecoveryCodes", { code }, { token });
    expect((await renew(wrong(codeOf(secret)))).reason).toBe("BAD_CODE");
    const renewed = (await renew(codeOf(secret))).data.recoveryCodes;
    expect((await renew(codeOf(secret))).reason, "the code was used").toBe("BAD_CODE");
    expect((await signIn("lea", recoveryCodes[0])).reason).toBe("BAD_CODE");
    expect((await signIn("lea", renewed[0])).status).toBe(200);
    expect(
      (await mails("lea@example.com")).some(({ subject }) => subject === "You have new recovery codes"),
    ).toBe(true);
  });
});

describe("guessing at codes", () => {
  const forward = (seconds: number) =>
    stored("guesses").updateMany({}, [
      { $set: { nextAt: { $dateSubtract: { startDate: "$nextAt", unit: "second", amount: seconds } } } },
    ]);

  it("is slowed down after ten, and ends after fifty; who has been there, or a recovery code, is heard", async () => {
    const { secret, recoveryCodes } = await guarded("mike");
    const bad = wrong(codeOf(secret));
    const tries = [];
    // A right password in between does not make up for a wrong code.
    for (let n = 0; n < 11; n++)
      tries.push((await signIn("mike", n === 5 ? undefined : bad, STRANGER)).reason);
    const first = [...Array(5).fill("BAD_CODE"), "SECOND_FACTOR_REQUIRED", ...Array(5).fill("BAD_CODE")];
    expect(tries).toEqual(first);
    const refused = await signIn("mike", codeOf(secret), STRANGER);
    expect([refused.status, refused.reason, refused.retryAfter]).toEqual([429, "RATE_LIMITED", 1]);
    for (let n = 10; n < 50; n++) {
      await forward(3600);
      expect((await signIn("mike", bad, STRANGER)).reason).toBe("BAD_CODE");
    }
    await forward(24 * 3600);
    expect((await signIn("mike", codeOf(secret), STRANGER)).reason).toBe("RATE_LIMITED");
    const warned = (await mails("mike@example.com")).filter(({ subject }) =>
      /knows your password/.test(subject),
    );
    expect(warned.length).toBeGreaterThan(0);
    expect(warned.length).toBeLessThanOrEqual(3);

    expect((await signIn("mike", recoveryCodes[0], STRANGER)).status).toBe(200);
    expect((await signIn("mike", bad)).reason, "wrong from a known device").toBe("RATE_LIMITED");
    expect((await signIn("mike", codeOf(secret))).status).toBe(200);
    await later();
    expect((await signIn("mike", codeOf(secret), STRANGER)).status).toBe(200);
  });

  it("cannot be done, nor used up, without the password", async () => {
    const { secret } = await guarded("nina");
    policy.guesses = { ...unlimited.guesses, free: 1e6, stop: 1e6 };
    const attempt = { identifier: "nina", password: WRONG, code: wrong(codeOf(secret)) };
    for (let n = 0; n < 15; n++) await call("auth.login", attempt, { headers: STRANGER });
    policy.guesses = unlimited.guesses;
    expect((await signIn("nina", wrong(codeOf(secret)), STRANGER)).reason).toBe("BAD_CODE");
  });

  it("in parallel is looked at ten times, and once more after each wait", async () => {
    const { secret } = await guarded("oscar");
    const bad = wrong(codeOf(secret));
    const start = performance.now();
    const replies = await Promise.all(Array.from({ length: 30 }, () => signIn("oscar", bad, STRANGER)));
    const waits = Math.floor(Math.log2(1 + (performance.now() - start) / 1000));
    const counted = replies.filter(({ reason }) => reason === "BAD_CODE").length;
    expect(counted).toBeLessThanOrEqual(10 + waits);
    expect(counted).toBeGreaterThan(0);
  });
});

describe("taking the app away", () => {
  it("takes a code or a recovery code, and then the password signs in alone", async () => {
    const { token, secret, recoveryCodes } = await guarded("peggy");
    const disable = (code: string) => call("auth.disableTotp", { code }, { token });
    expect((await disable(wrong(codeOf(secret)))).reason).toBe("BAD_CODE");
    expect((await signIn("peggy")).reason).toBe("SECOND_FACTOR_REQUIRED");
    expect((await disable(recoveryCodes[0] ?? "")).data).toEqual({ ok: true });
    expect((await signIn("peggy")).status).toBe(200);
    expect(await factorOf(token)).toEqual({ totp: false, recoveryCodes: 0, passkeys: 0 });
    expect((await disable(codeOf(secret))).reason).toBe("NO_CHANGE");
    expect((await mails("peggy@example.com"))[0]?.subject).toBe("Signing in no longer takes a code");
    const again = await begin(token);
    expect(again).not.toBe(secret);
    expect((await enable(token, codeOf(again))).data.recoveryCodes).not.toContain(recoveryCodes[1]);
  });

  it("is not what a new password does, changed or reset", async () => {
    const { token, secret } = await guarded("quinn");
    const changed = `${PASSWORD} too`;
    const input = { currentPassword: PASSWORD, password: changed };
    expect((await call("auth.changePassword", input, { token })).status).toBe(200);
    expect((await login("quinn", changed)).reason).toBe("SECOND_FACTOR_REQUIRED");
    const email = "quinn@example.com";
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    const { ticket } = (await call<{ ticket: string }>("auth.verifyPasswordResetCode", { email, code })).data;
    expect((await call("auth.resetPassword", { ticket, password: PASSWORD })).data).toEqual({ ok: true });
    expect((await signIn("quinn")).reason).toBe("SECOND_FACTOR_REQUIRED");
    expect((await signIn("quinn", codeOf(secret))).status).toBe(200);
  });
});

describe.each(["beginTotp", "enableTotp", "disableTotp", "renewRecoveryCodes"])("auth.%s", (name) => {
  const input = name === "beginTotp" ? undefined : { code: "123456" };

  it("refuses nobody, and who has not given their password lately", async () => {
    expect(reasonOf(await call(`auth.${name}`, input))).toEqual([401, "NOT_SIGNED_IN"]);
    const { tokens } = await join(`r_${name}`.toLowerCase().slice(0, 15));
    await stale();
    const refused = await call(`auth.${name}`, input, { token: tokens.accessToken });
    expect(reasonOf(refused)).toEqual([403, "REAUTH_REQUIRED"]);
  });

  it.runIf(/begin|enable/.test(name))("refuses whoever has not verified their address", async () => {
    const username = `u_${name}`.toLowerCase();
    await register(username);
    const token = (await login(username)).data.tokens.accessToken;
    expect(reasonOf(await call(`auth.${name}`, input, { token }))).toEqual([403, "EMAIL_NOT_VERIFIED"]);
  });
});
