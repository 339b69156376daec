import { beforeAll, describe, expect, test } from "vitest";
import { appRouter } from "../../src/app";
import { startTestApp } from "../harness";
import { overHttp, PASSWORD } from "../http";

const app = startTestApp();
const { call, ask, register, login } = overHttp(app);

/** What reaches other people. */
const SOCIAL = /^(chat|comments|tweets)\.|^users\.(un)?(follow|block|mute)$|^users\.removeFollower$/;

let token: string;
beforeAll(async () => {
  await register("alice");
  token = (await login("alice")).data.tokens.accessToken;
});

const mutations = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
)
  .filter(([path, { _def }]) => _def.type === "mutation" && SOCIAL.test(path))
  .map(([path]) => path);

test("there is much that reaches other people", () => expect(mutations.length).toBeGreaterThan(30));

describe("somebody who has not verified their address", () => {
  test("reads, sees who they are, asks for another link, and changes their address and password", async () => {
    expect((await ask("timelines.home", token, {})).status).toBe(200);
    expect((await ask("auth.me", token)).status).toBe(200);
    expect((await ask("auth.sessions", token, {})).status).toBe(200);
    expect((await call("auth.resendVerification", undefined, { token })).status).toBe(200);
    const password = "a wholly different sentence";
    const replies = [
      await call("auth.requestEmailChange", { email: "alice.2@example.com", password: PASSWORD }, { token }),
      await call("auth.changePassword", { currentPassword: PASSWORD, password }, { token }),
      await call("auth.confirmPassword", { password }, { token }),
    ];
    expect(replies.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined]);
  });

  test.each(mutations)("may not %s, whatever they ask for", async (path) => {
    const reply = await call(path, {}, { token });
    expect([reply.status, reply.reason]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
  });
});
