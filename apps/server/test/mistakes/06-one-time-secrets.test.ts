import type { Page, ResetTicket, Session, Tokens, TotpStart } from "@warble/contracts";
import { expect, test } from "vitest";
import { codeAt } from "../authenticator";
import { startTestApp } from "../harness";
import { atOnce, mailOf, PASSWORD, visit } from "./client";

// A code is compared slowly enough here for all guesses to come while the first are looked at.
const app = startTestApp({ passwordCost: 8 });
const { call, ask, register, login, join, everybody, verificationToken, resetCode } = visit(app);

const STEP_MS = 30_000;

const wrongCode = (code: string, n: number) => String((Number(code) + 1 + n) % 1_000_000).padStart(6, "0");
const submit = (email: string, code: string) =>
  call<ResetTicket>("auth.verifyPasswordResetCode", { email, code });

/** Somebody whose reset code is known. */
async function withCode(username: string): Promise<{ email: string; code: string }> {
  const { email } = await join(username);
  await call("auth.requestPasswordReset", { email });
  return { email, code: await resetCode(email) };
}

test("of fifty clicks on one verification link at once, one verifies", async () => {
  await register("alice");
  const token = await verificationToken(mailOf("alice"));
  // Connections are there already, so that all clicks come at one moment.
  await atOnce(50, () => ask("users.get", { username: "alice" }));
  const replies = await atOnce(50, () => call("auth.verifyEmail", { token }));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(replies.map(({ reason }) => reason))).toEqual(new Set([undefined, "BAD_TOKEN"]));
});

test("of fifty right codes at once, one gets the ticket", async () => {
  const { email, code } = await withCode("bob");
  const replies = await atOnce(50, () => submit(email, code));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
});

test("of thirty uses of one ticket at once, one sets the password", async () => {
  const { email, code } = await withCode("carol");
  const { ticket } = (await submit(email, code)).data;
  const passwordOf = (n: number) => `seven herons walk home ${n}`;
  const replies = await atOnce(30, (n) => call("auth.resetPassword", { ticket, password: passwordOf(n) }));
  const won = replies.flatMap(({ status }, n) => (status === 200 ? [n] : []));
  expect(won).toHaveLength(1);
  expect((await login("carol", passwordOf(won[0]!))).status).toBe(200);
});

test("of fifty sign-ins with one code of an authenticator app at once, one succeeds", async () => {
  const by = await join("grace");
  const { secret } = (await call<TotpStart>("auth.beginTotp", undefined, { by })).data;
  await call("auth.enableTotp", { code: codeAt(secret, Date.now() - STEP_MS) }, { by });
  const login = { identifier: "grace", password: PASSWORD, code: codeAt(secret, Date.now()) };
  const replies = await atOnce(50, () => call("auth.login", login));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.map(({ reason }) => reason)).toContain("BAD_CODE");
  expect((await call("auth.login", login)).status).not.toBe(200);
  expect((await ask<Page<Session>>("auth.sessions", {}, { by })).data.items).toHaveLength(2);
});

test("of fifty uses of one refresh token at once, all get the same successor, and it works", async () => {
  const { refreshToken } = await join("dan");
  const replies = await atOnce(50, () => call<Tokens>("auth.refresh", { refreshToken }));
  const successors = new Set(replies.map(({ data }) => data?.refreshToken));
  expect(successors.size).toBe(1);
  const [next] = successors;
  expect((await call<Tokens>("auth.refresh", { refreshToken: next })).status).toBe(200);
  expect((await call("auth.refresh", { refreshToken })).reason).toBe("NOT_SIGNED_IN");
  expect((await ask("auth.me", undefined, { by: replies[0]!.data })).reason).toBe("NOT_SIGNED_IN");
});

test("of two hundred guesses at once, five are looked at, and then not even the right one", async () => {
  const { email, code } = await withCode("erin");
  const replies = await atOnce(200, (n) => submit(email, wrongCode(code, n)));
  expect(replies.filter(({ status }) => status === 200)).toEqual([]);
  expect((await submit(email, code)).reason).toBe("BAD_CODE");
});

test("a right code among many wrong ones at once comes too late when five came before", async () => {
  const people = await everybody("fay", "gus", "hal", "ivy");
  let won = 0;
  for (const { email } of people) {
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    const replies = await atOnce(30, (n) => submit(email, n === 29 ? code : wrongCode(code, n)));
    won += replies.filter(({ status }) => status === 200).length;
  }
  // The order of arrival is the network's: once may be chance, but not every time.
  expect(won).toBeLessThan(2);
});
