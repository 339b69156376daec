import type { ResetTicket } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const app = startTestApp();
const { call, ask, mails, register, login, join, resetCode } = overHttp(app);

const NEW = "a wholly different sentence";
const KNOWN = "You already have an account";
const at = (email: string) => ({ email: `${email}@example.com` });
const subjects = async (name: string) => (await mails(`${name}@example.com`)).map(({ subject }) => subject);
const verify = (token: string | undefined) => call("auth.verifyEmail", { token });
const resend = (token: string) => call("auth.resendVerification", undefined, { token });
/** The tokens of all links that an address was mailed, the oldest first. */
const links = async (name: string) =>
  (await mails(`${name}@example.com`))
    .flatMap(({ text }) => /token=([\w-]+)/.exec(text)?.[1] ?? [])
    .reverse();

/** Makes two accounts claim the address of the first. @returns the token of the link of each */
async function rivals(first: string, second: string): Promise<string[]> {
  await register(first);
  await register(second, at(first));
  return links(first);
}

describe("registering with an address that is another's", () => {
  it("looks and leaves behind the same as with a new one, and tells its owner", async () => {
    await join("alice");
    const known = await register("mallory_1", at("ALICE"));
    const unknown = await register("mallory_2", at("nobody"));
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    const seen = async (username: string) => {
      const { tokens, user } = (await login(username)).data;
      const token = tokens.accessToken;
      const mine = { ...user, id: "", username: "", displayName: "", email: "", createdAt: "" };
      const profile = await ask<object>("users.get", token, { username });
      const stranger = await ask("users.get", undefined, { username });
      const refused = await call("tweets.create", { content: "hi" }, { token });
      return [mine, Object.keys(profile.data), stranger.text, refused.text, (await resend(token)).text];
    };
    expect(await seen("mallory_1")).toEqual(await seen("mallory_2"));
    expect(await subjects("nobody")).toHaveLength(2);
    expect(await subjects("alice")).toEqual([KNOWN, KNOWN, "Verify your e-mail address"]);
    expect(await links("alice")).toHaveLength(1);
  });

  it("changes nothing for its owner, who signs in and resets by it", async () => {
    await join("bob");
    await register("mallory_3", { ...at("bob"), password: NEW });
    expect((await login("bob@example.com")).data.user.username).toBe("bob");
    await call("auth.requestPasswordReset", at("bob"));
    const code = await resetCode("bob@example.com");
    const { ticket } = (await call<ResetTicket>("auth.verifyPasswordResetCode", { ...at("bob"), code })).data;
    expect((await call("auth.resetPassword", { ticket, password: `${NEW} 2` })).status).toBe(200);
    expect((await login("bob", `${NEW} 2`)).status).toBe(200);
    expect((await login("mallory_3", NEW)).data.user.emailVerified).toBe(false);
  });

  it("mails it three times an hour at most, however many ask at once and under whatever name", async () => {
    const names = Array.from({ length: 8 }, (_, n) => `carol_${n}`);
    const replies = await Promise.all(names.map((name) => register(name, at("carol"))));
    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 200));
    expect(await subjects("carol")).toHaveLength(3);
    const reasons = [];
    for (const name of names) {
      reasons.push((await resend((await login(name)).data.tokens.accessToken)).reason);
    }
    expect(reasons).toEqual([...Array(3).fill(undefined), ...Array(5).fill("RATE_LIMITED")]);
    expect(await subjects("carol")).toHaveLength(6);
  });
});

describe("an address that several claim", () => {
  it("signs nobody in before it is proved, so that it is no question whether it is another's", async () => {
    await join("gina");
    const password = NEW;
    await register("mallory_6", { ...at("gina"), password });
    await register("mallory_7", { ...at("unclaimed"), password });
    const [known, unknown] = [
      await login("gina@example.com", NEW),
      await login("unclaimed@example.com", NEW),
    ];
    expect([known.status, known.reason]).toEqual([401, "BAD_CREDENTIALS"]);
    expect(known.text).toBe(unknown.text);
    expect((await login("mallory_7", NEW)).status).toBe(200);
    expect((await verify((await links("unclaimed"))[0])).status).toBe(200);
    expect((await login("unclaimed@example.com", NEW)).data.user.username).toBe("mallory_7");
  });

  it("is whose link is used first; the other link is dead and verifies nothing", async () => {
    const [first, second] = await rivals("dan", "mallory_4");
    expect((await verify(second)).status).toBe(200);
    const lost = await verify(first);
    expect([lost.status, lost.reason]).toEqual([400, "BAD_TOKEN"]);
    expect((await verify(first)).reason).toBe("BAD_TOKEN");
    expect((await login("dan")).data.user.emailVerified).toBe(false);
    expect((await login("dan@example.com")).data.user.username).toBe("mallory_4");
    expect((await resend((await login("dan")).data.tokens.accessToken)).status).toBe(200);
    expect((await subjects("dan"))[0]).toBe(KNOWN);
  });

  it("is one's alone when two verify it at once", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `erin_${round}`;
      const tokens = await rivals(name, `rival_${round}`);
      expect(tokens).toHaveLength(2);
      const reasons = (await Promise.all(tokens.map(verify))).map(({ reason }) => reason);
      expect(reasons.toSorted()).toEqual(["BAD_TOKEN", undefined]);
      const users = mongoose.connection.collection("users");
      const verified = { usernameKey: { $in: [name, `rival_${round}`] }, emailVerified: true };
      expect(await users.countDocuments(verified)).toBe(1);
      const accounts = mongoose.connection.collection("accounts");
      const proved = { emailKey: `${name}@example.com`, emailVerified: true };
      expect(await accounts.countDocuments(proved)).toBe(1);
    }
  });

  it("is reset for whoever was first, unless another verifies it meanwhile", async () => {
    const [, second] = await rivals("frank", "mallory_5");
    await call("auth.requestPasswordReset", at("frank"));
    const code = await resetCode("frank@example.com");
    const { ticket } = (await call<ResetTicket>("auth.verifyPasswordResetCode", { ...at("frank"), code }))
      .data;
    expect((await verify(second)).status).toBe(200);
    expect((await call("auth.resetPassword", { ticket, password: NEW })).reason).toBe("BAD_TOKEN");
    expect((await login("frank", NEW)).reason).toBe("BAD_CREDENTIALS");
    expect((await login("frank", PASSWORD)).data.user.emailVerified).toBe(false);
  });
});
