import { randomBytes } from "node:crypto";
import type { ResetTicket } from "@warble/contracts";
import mongoose from "mongoose";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config";
import common from "../../src/platform/common-passwords.json" with { type: "json" };
import { PasswordHasher } from "../../src/platform/password";
import { startTestApp } from "../harness";
import { overHttp, PASSWORD, type Reply } from "../http";

// C1 to C5, where no other test sees them: see controls.test.ts.
const app = startTestApp();
const SECRET = randomBytes(32).toString("base64");
const ENVIRONMENT = { MONGO_URL: "mongodb://127.0.0.1", JWT_SECRETS: SECRET, PASSWORD_PEPPER: SECRET };
const { call, register, join, resetCode } = overHttp(app);

test("a megabyte of password is refused within a tenth of a second", async () => {
  const replies: Reply[] = [];
  for (let n = 0; n < 5; n++) replies.push(await register("nobody", { password: "x".repeat(1e6) }));
  expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(413));
  const health = performance.now();
  await fetch(`${app.running.url}/livez`);
  // On a machine that is busy with other things nothing is that quick.
  const most = Math.max(100, 10 * (performance.now() - health));
  expect(Math.min(...replies.map(({ ms }) => ms))).toBeLessThan(most);
});

test("at the default cost a password is stored as bcrypt of twelve", async () => {
  const { app: inner } = app.running;
  const { passwords } = inner;
  inner.passwords = new PasswordHasher(inner.config.passwordPepper, readConfig(ENVIRONMENT).passwordCost);
  await register("alice");
  inner.passwords = passwords;
  const account = await mongoose.connection.collection("accounts").findOne({ emailKey: "alice@example.com" });
  expect(account?.passwordHash).toMatch(/^\$2b\$12\$/);
});

test("fifty that are common are refused with the reason, when registering, resetting and changing", async () => {
  const { tokens } = await join("bob");
  await call("auth.requestPasswordReset", { email: "bob@example.com" });
  const code = await resetCode("bob@example.com");
  const reset = { email: "bob@example.com", code };
  const { ticket } = (await call<ResetTicket>("auth.verifyPasswordResetCode", reset)).data;
  const listed = Array.from({ length: 50 }, (_, n) => common.passwords[n * 60]!);
  const own = ["bobbobbobbob", "warblewarble"];
  const refused = (place: string, word: string, { status, reason, issues }: Reply) =>
    expect([place, word, status, reason, issues?.[0]?.path, issues?.[0]?.message]).toEqual([
      place,
      word,
      400,
      "WEAK_PASSWORD",
      ["password"],
      expect.stringContaining("it is common"),
    ]);
  for (const password of [...listed, ...own]) {
    const input = { currentPassword: PASSWORD, password };
    const [registering, resetting, changing] = await Promise.all([
      register("nobody", { password }),
      call("auth.resetPassword", { ticket, password }),
      call("auth.changePassword", input, { token: tokens.accessToken }),
    ]);
    refused("register", password, registering);
    refused("reset", password, resetting);
    refused("change", password, changing);
  }
  const local = "the.harbour.at.six";
  const input = { email: `${local}@example.com`, password: local.toUpperCase() };
  refused("register", local, await register("nobody", input));
}, 60_000);
