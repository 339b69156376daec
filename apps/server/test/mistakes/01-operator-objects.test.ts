import { beforeAll, expect, test } from "vitest";
import { startTestApp } from "../harness";
import { PASSWORD, type Person, visit } from "./client";

const app = startTestApp();
const { call, ask, register, login, everybody, chat, verificationToken, resetCode } = visit(app);

let alice: Person;
let bob: Person;

// Everybody here has a secret that waits to be used, so a filter that matches anything finds one.
beforeAll(async () => {
  [alice, bob] = (await everybody("alice", "bob")) as [Person, Person];
  await register("carol");
  await verificationToken("carol@example.com");
  for (const { email } of [alice, bob]) {
    const change = { email: `new.${email}`, password: PASSWORD };
    await call("auth.requestEmailChange", change, { by: email === alice.email ? alice : bob });
    await call("auth.requestPasswordReset", { email });
  }
  const code = await resetCode(alice.email);
  await call("auth.verifyPasswordResetCode", { email: alice.email, code });
});

const BAD: [what: string, value: unknown][] = [
  ["missing", undefined],
  ["null", null],
  ["empty", ""],
  ["an operator that is not null", { $ne: null }],
  ["an operator that is greater", { $gt: "" }],
  ["a pattern", { $regex: ".*" }],
  ["code", { $where: "true" }],
  ["a list", ["a", "b"]],
  ["an empty list", []],
  ["an empty object", {}],
  ["a truth", true],
  ["a number", 0],
];

const INPUTS: Record<string, () => Record<string, unknown>> = {
  "auth.verifyEmail": () => ({ token: "x".repeat(43) }),
  "auth.refresh": () => ({ refreshToken: alice.refreshToken }),
  "auth.login": () => ({ identifier: "alice", password: PASSWORD }),
  "auth.requestPasswordReset": () => ({ email: bob.email }),
  "auth.verifyPasswordResetCode": () => ({ email: bob.email, code: "000000" }),
  "auth.confirmEmailChange": () => ({ token: "x".repeat(43) }),
  "auth.undoEmailChange": () => ({ token: "x".repeat(43) }),
  "auth.resetPassword": () => ({ ticket: "x".repeat(43), password: "seven herons walk home" }),
};

test.each(Object.keys(INPUTS))("%s refuses what is no text, wherever it stands", async (path) => {
  const good = INPUTS[path]!();
  for (const field of Object.keys(good)) {
    for (const [what, value] of BAD) {
      const reply = await call(path, { ...good, [field]: value });
      expect([field, what, reply.status, reply.reason]).toEqual([field, what, 400, "BAD_INPUT"]);
    }
  }
});

test("what is no id is refused as one, over HTTP and over sockets", async () => {
  const client = await chat(bob);
  for (const [what, value] of BAD) {
    const replies = [
      await ask("users.get", { id: value }),
      await ask("tweets.get", { id: value }),
      await call("auth.revokeSession", { id: value }, { by: bob }),
      await call("users.follow", { id: value }, { by: bob }),
      await client.raw("chat:history", { conversationId: value }),
      await client.raw("chat:read", { conversationId: value, number: 1 }),
    ];
    expect([what, ...replies.map(({ reason }) => reason)]).toEqual([what, ...replies.map(() => "BAD_INPUT")]);
  }
  client.close();
});

test("fields that nobody asked for are refused", async () => {
  const extra = { $where: "true", role: "admin", $set: { role: "admin" } };
  for (const [name, value] of Object.entries(extra)) {
    const reply = await call("auth.login", { ...INPUTS["auth.login"]!(), [name]: value });
    expect([name, reply.reason]).toEqual([name, "BAD_INPUT"]);
    const update = await call("users.update", { bio: "hello", [name]: value }, { by: bob });
    expect([name, update.reason]).toEqual([name, "BAD_INPUT"]);
  }
});

test("nobody was changed by any of it", async () => {
  for (const name of ["alice", "bob"]) expect((await login(name)).status).toBe(200);
  const carol = (await login("carol")).data;
  expect(carol.user).toMatchObject({ emailVerified: false, role: "user" });
  expect((await ask("auth.me", undefined, { by: bob })).data).toMatchObject({ bio: "", role: "user" });
  expect((await call("auth.refresh", { refreshToken: alice.refreshToken })).status).toBe(200);
});
