import { hkdfSync } from "node:crypto";
import type { Page, Session, Tokens } from "@warble/contracts";
import { decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp, unlimited } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const policy = { ...unlimited };
const app = startTestApp({ policy });
const { call, ask, mails, join, login } = overHttp(app);

const refresh = (refreshToken: string) => call<Tokens>("auth.refresh", { refreshToken });
const lives = async (token: string) => (await ask("auth.me", token)).status === 200;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ended = (subject: string) => /signed out/.test(subject);

describe("refreshing", () => {
  it("gives the next pair, and the old one's successor again to a second tab", async () => {
    const { tokens } = await join("alice");
    const replies = await Promise.all(Array.from({ length: 50 }, () => refresh(tokens.refreshToken)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(replies.map(({ data }) => data.refreshToken));
    expect(successors.size).toBe(1);
    expect(successors.has(tokens.refreshToken)).toBe(false);
    expect(await lives(replies[7]?.data.accessToken ?? "")).toBe(true);
    expect((await refresh([...successors][0] ?? "")).status).toBe(200);
  });

  it("ends the session when a token comes from two generations ago, and says so by mail once", async () => {
    const { tokens } = await join("bob");
    const other = (await login("bob")).data.tokens;
    const second = (await refresh(tokens.refreshToken)).data;
    const third = (await refresh(second.refreshToken)).data;
    const thefts = await Promise.all(Array.from({ length: 5 }, () => refresh(tokens.refreshToken)));
    expect(new Set(thefts.map(({ reason }) => reason))).toEqual(new Set(["NOT_SIGNED_IN"]));
    expect((await refresh(third.refreshToken)).reason).toBe("NOT_SIGNED_IN");
    expect(await lives(third.accessToken)).toBe(false);
    expect(await lives(other.accessToken)).toBe(true);
    expect((await mails("bob@example.com")).filter(({ subject }) => ended(subject))).toHaveLength(1);
  });

  it("ends the session when the token before comes after the grace", async () => {
    const { tokens } = await join("carol");
    const next = (await refresh(tokens.refreshToken)).data;
    expect((await refresh(tokens.refreshToken)).status).toBe(200);
    policy.refreshGrace = 0.05;
    await sleep(100);
    expect((await refresh(tokens.refreshToken)).reason).toBe("NOT_SIGNED_IN");
    policy.refreshGrace = unlimited.refreshGrace;
    expect((await refresh(next.refreshToken)).reason).toBe("NOT_SIGNED_IN");
    expect(await lives(next.accessToken)).toBe(false);
  });

  it("does not mind forged tokens", async () => {
    const { tokens } = await join("dan");
    const [id, generation, secret = ""] = tokens.refreshToken.split(".");
    const flipped = secret.replace(/^./, (first) => (first === "A" ? "B" : "A"));
    const forged = [
      `${id}.${generation}.${flipped}`,
      `${id}.${Number(generation) + 5}.${secret}`,
      `${"0".repeat(24)}.${generation}.${secret}`,
      `${tokens.refreshToken}=`,
      tokens.refreshToken.slice(0, -1),
      tokens.accessToken.slice(0, 500),
      "....",
    ];
    for (const token of forged) expect((await refresh(token)).reason, token).toBe("NOT_SIGNED_IN");
    expect(await lives(tokens.accessToken)).toBe(true);
    expect((await refresh(tokens.refreshToken)).status).toBe(200);
    expect((await mails("dan@example.com")).filter(({ subject }) => ended(subject))).toEqual([]);
  });
});

describe("access tokens", () => {
  it("are refused unless the server made them, for this, and lately", async () => {
    const { tokens } = await join("erin");
    const [secret = ""] = app.running.app.config.jwtSecrets;
    const key = new Uint8Array(hkdfSync("sha256", secret, "warble", "access", 32));
    const header = decodeProtectedHeader(tokens.accessToken) as JWTHeaderParameters;
    const claims = JSON.parse(
      atob((tokens.accessToken.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")),
    );
    const forge = (payload: JWTPayload, changed: object = {}) =>
      new SignJWT(payload).setProtectedHeader({ ...header, ...changed }).sign(key);
    const plain = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const without = (claim: string) => {
      const { [claim]: _gone, ...rest } = claims;
      return rest as JWTPayload;
    };
    const soon = claims.iat + 600;
    const forged: Record<string, string> = {
      none: `${plain({ ...header, alg: "none" })}.${plain(claims)}.`,
      "another algorithm": await forge(claims, { alg: "HS512" }),
      "another type": await forge(claims, { typ: "JWT" }),
      "a key of its own": await forge(claims, { kid: "mine", jku: "http://127.0.0.1/keys" }),
      "an unknown extension": await forge(claims, { crit: ["x"], x: 1 }).catch(() => "x.y.z"),
      "exp 0": await forge({ ...claims, exp: 0 }),
      "exp as text": await forge({ ...claims, exp: String(soon) } as never),
      "an hour ahead": await forge({ ...claims, iat: claims.iat + 3600, exp: soon + 3600 }),
      "a year to live": await forge({ ...claims, iat: claims.iat - 3600, exp: soon + 31_536_000 }),
      "another audience": await forge({ ...claims, aud: "elsewhere" }),
      "another issuer": await forge({ ...claims, iss: "elsewhere" }),
      "another user": await forge({ ...claims, sub: await app.id("frank") }),
      "operators for ids": await forge({ ...claims, sid: { $ne: null } }),
      "5 kB": await forge({ ...claims, pad: "x".repeat(5_000) }),
      nothing: "",
      "the refresh token": tokens.refreshToken,
    };
    for (const claim of ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]) {
      forged[`no ${claim}`] = await forge(without(claim));
    }
    expect(await lives(await forge(claims)), "what is forged well is taken").toBe(true);
    for (const [what, token] of Object.entries(forged)) {
      const reply = await ask("auth.me", token);
      expect([reply.status, reply.reason], what).toEqual([401, "NOT_SIGNED_IN"]);
    }
    const open = await call(
      "auth.requestPasswordReset",
      { email: "x@example.com" },
      { token: "not.a.token" },
    );
    expect(open.reason, "a bad token is nobody's, never anybody's").toBe("NOT_SIGNED_IN");
  });

  it("of five megabytes end with the request", async () => {
    const reply = await fetch(`${app.running.url}/trpc/auth.me`, {
      headers: { authorization: `Bearer ${"x".repeat(5e6)}` },
    }).catch(() => null);
    expect(reply === null || reply.status === 431).toBe(true);
    expect((await fetch(`${app.running.url}/livez`)).status).toBe(200);
  });

  it("are dead after signing out, however they are spelled", async () => {
    const { tokens } = await join("grace");
    await call("auth.logout", undefined, { token: tokens.accessToken });
    for (const token of [tokens.accessToken, `${tokens.accessToken}=`, `${tokens.accessToken}==`]) {
      expect(await lives(token)).toBe(false);
    }
    expect((await refresh(tokens.refreshToken)).reason).toBe("NOT_SIGNED_IN");
  });
});

describe("one's sessions", () => {
  const list = async (token: string, input: object = {}) =>
    (await ask<Page<Session>>("auth.sessions", token, input)).data;
  const signIn = async (device?: string) =>
    (
      await call<{ tokens: Tokens }>("auth.login", {
        identifier: "heidi",
        password: PASSWORD,
        ...(device && { device }),
      })
    ).data.tokens.accessToken;

  it("are listed with the last used first, page by page, and revoked one by one", async () => {
    const { tokens } = await join("heidi");
    const phone = await signIn("Phone");
    const laptop = await signIn("Laptop");
    const { items } = await list(laptop);
    expect(items.map(({ device }) => device)).toEqual(["Laptop", "Phone", "node"]);
    expect(items.map(({ current }) => current)).toEqual([true, false, false]);
    expect(items[0]?.ip).toMatch(/^127\.0\.0\.x$|::\/64$/);
    const first = await list(laptop, { limit: 2 });
    const second = await list(laptop, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.nextCursor).toBeNull();
    expect((await ask("auth.sessions", laptop, { cursor: "made-up" })).reason).toBe("BAD_CURSOR");
    expect((await ask("auth.sessions", laptop)).status).toBe(200);

    const closed: string[] = [];
    for (const { id, device } of items) {
      await app.running.app.channels.open(
        { viewer: { id: await heidi(tokens), sessionId: id }, expiresAt: null },
        () => closed.push(device),
      );
    }
    const revoked = await call("auth.revokeSession", { id: items[1]?.id }, { token: laptop });
    expect(revoked.data).toEqual({ ok: true });
    expect(closed).toEqual(["Phone"]);
    expect([await lives(phone), await lives(laptop), await lives(tokens.accessToken)]).toEqual([
      false,
      true,
      true,
    ]);
    expect((await call("auth.revokeSession", { id: items[1]?.id }, { token: laptop })).reason).toBe(
      "SESSION_NOT_FOUND",
    );
    await call("auth.logoutOthers", undefined, { token: laptop });
    expect(closed).toEqual(["Phone", "node"]);
    expect([await lives(laptop), await lives(tokens.accessToken)]).toEqual([true, false]);
    await call("auth.logout", undefined, { token: laptop });
    expect(closed).toEqual(["Phone", "node", "Laptop"]);
  });

  const heidi = async ({ accessToken }: Tokens) =>
    (await ask<{ id: string }>("auth.me", accessToken)).data.id;

  it("of others are as unknown as those that never were", async () => {
    const { tokens } = await join("ivan");
    const mine = await signIn();
    const [foreign] = (await list(tokens.accessToken)).items;
    const replies = [foreign?.id, "0".repeat(24)].map((id) =>
      call("auth.revokeSession", { id }, { token: mine }),
    );
    const [theirs, none] = await Promise.all(replies);
    expect([theirs?.status, theirs?.reason]).toEqual([404, "SESSION_NOT_FOUND"]);
    expect(theirs?.text).toBe(none?.text);
    expect(await lives(tokens.accessToken)).toBe(true);
  });

  it("are twenty at most, also when many are opened at once", async () => {
    const { tokens } = await join("judy");
    await Promise.all(Array.from({ length: 24 }, () => login("judy")));
    const token = (await login("judy")).data.tokens.accessToken;
    expect((await list(token, { limit: 100 })).items).toHaveLength(20);
    expect(await lives(tokens.accessToken)).toBe(false);
  });

  it("make room for the twenty-first by ending the one that was not used for longest", async () => {
    const { tokens } = await join("kim");
    const opened = [tokens];
    while (opened.length < 20) opened.push((await login("kim")).data.tokens);
    const refreshTokens = opened.map(({ refreshToken }) => refreshToken);
    for (const [n, token] of refreshTokens.entries()) {
      const lastUsedAt = new Date(Date.now() - (60 - n) * 120_000);
      const _id = new mongoose.Types.ObjectId(token.slice(0, 24));
      await mongoose.connection.collection("sessions").updateOne({ _id }, { $set: { lastUsedAt } });
    }
    const [first, second, third] = opened.map(({ accessToken }) => accessToken);
    expect(await lives(first ?? "")).toBe(true);
    expect((await login("kim")).status).toBe(200);
    expect([await lives(first ?? ""), await lives(second ?? ""), await lives(third ?? "")]).toEqual([
      true,
      false,
      true,
    ]);
    expect((await refresh(refreshTokens[1] ?? "")).reason).toBe("NOT_SIGNED_IN");
  });

  it.each(["me", "sessions", "logout", "logoutOthers", "resendVerification"])(
    "cannot be reached by %s without a token",
    async (name) => {
      const reply = await (["me", "sessions"].includes(name) ? ask(`auth.${name}`) : call(`auth.${name}`));
      expect([reply.status, reply.reason]).toEqual([401, "NOT_SIGNED_IN"]);
    },
  );
});
