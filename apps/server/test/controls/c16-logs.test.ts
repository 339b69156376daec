import type { ResetTicket, Tokens } from "@warble/contracts";
import { afterAll, expect, test, vi } from "vitest";
import { startChild } from "../mistakes/child";
import { closeClients, PASSWORD, visit } from "../mistakes/client";
import { closeStreams, stream } from "../stream-client";

const server = startChild({ LOG_LEVEL: "trace" });
const { call, ask, register, login, join, signIn, chat, verificationToken, resetCode } = visit(server);
afterAll(() => {
  closeClients();
  closeStreams();
});

test("at its most talkative the log holds no token, no password and no code", async () => {
  const secrets = [PASSWORD, "seven herons walk home", "a wrong password here"];
  const alice = await join("alice");
  const { data: next } = await call<Tokens>("auth.refresh", { refreshToken: alice.refreshToken });
  await call("auth.refresh", { refreshToken: `${next.refreshToken}=` });
  const by = { accessToken: next.accessToken };
  await login("alice", "a wrong password here");
  await ask("auth.me", undefined, { by });
  await ask("auth.me", undefined, { by: { accessToken: `${next.accessToken}x` } });
  await call("tweets.create", { content: "hello" }, { by });

  const socket = await chat(by);
  await socket.raw("chat:send", { clientId: "1", to: alice.id, content: "hello" });
  await expect(chat({ accessToken: `${next.accessToken}x` })).rejects.toMatchObject({
    reason: "NOT_SIGNED_IN",
  });
  await stream(server as never, { token: next.accessToken });

  await register("bob");
  const link = await verificationToken("bob@example.com");
  await fetch(`${server.running.url}/verify-email?token=${link}`);
  await call("auth.requestEmailChange", { email: "alice.new@example.com", password: PASSWORD }, { by });
  const changing = await verificationToken("alice.new@example.com");
  await call("auth.confirmEmailChange", { token: changing });
  const undoing = await verificationToken("alice@example.com");
  await call("auth.requestPasswordReset", { email: "alice.new@example.com" });
  const code = await resetCode("alice.new@example.com");
  const reset = { email: "alice.new@example.com", code };
  const { ticket } = (await call<ResetTicket>("auth.verifyPasswordResetCode", reset)).data;
  await call("auth.resetPassword", { ticket, password: "seven herons walk home" });
  await signIn("alice", "seven herons walk home");

  const log = server.output();
  expect(log.split("\n").length).toBeGreaterThan(20);
  expect(log).toContain("auth.login");
  expect(log).not.toContain("eyJ");
  secrets.push(link, changing, undoing, ticket, alice.refreshToken.slice(-43), next.refreshToken.slice(-43));
  for (const secret of secrets) expect(log).not.toContain(secret);
  expect(log).not.toMatch(new RegExp(`\\b${code}\\b`));
});

test("what is refused is in the log with its reason, before its procedure or by it", async () => {
  const carol = await join("carol");
  await login("carol", "a wrong password here");
  await ask("users.get", { username: "carol" }, { by: { accessToken: `${carol.accessToken}x` } });
  const refusal = (path: string, reason: string) =>
    new RegExp(`call refused\\n(?: +.*\\n)* +path: "${path}"\\n(?: +.*\\n)* +reason: "${reason}"`);
  const logged = (line: RegExp) =>
    vi.waitFor(() => expect(server.output()).toMatch(line), { timeout: 10_000 });
  await logged(refusal("auth.login", "BAD_CREDENTIALS"));
  await logged(refusal("users.get", "NOT_SIGNED_IN"));
});
