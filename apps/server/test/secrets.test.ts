import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { RecoveryCodes, SignedIn, Tokens, TotpStart } from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, describe, expect, it } from "vitest";
import { createApp, type Running } from "../src/app";
import { codeAt } from "./authenticator";
import { built } from "./built";
import { type TestApp, testConfig } from "./harness";
import { overHttp, PASSWORD } from "./http";

const [OLD = "", NEW = ""] = [1, 2].map(() => randomBytes(32).toString("base64"));
const config = testConfig({ logLevel: "silent" });
let running: Running | undefined;

/** Ends the server and starts it again with these secrets, on the same database. */
async function restart(...jwtSecrets: string[]): Promise<void> {
  await running?.close();
  running = await createApp({ ...config, jwtSecrets });
}

const server = {
  get running() {
    if (!running) throw new Error("the server is not running yet");
    return running;
  },
  settled: () => server.running.app.jobs.idle(),
} as TestApp;
const { call, ask, register, login, join } = overHttp(server);

afterAll(async () => {
  await mongoose.connection.dropDatabase();
  await running?.close();
});

const lives = async ({ accessToken }: Tokens) => (await ask("auth.me", accessToken)).status === 200;
const refresh = ({ refreshToken }: Tokens) => call<Tokens>("auth.refresh", { refreshToken });

describe("when the server's secret is replaced", () => {
  it("what the old one made is good for as long as it stays in the list, and no longer", async () => {
    await restart(OLD);
    await register("alice");
    const old = (await login("alice")).data.tokens;

    await restart(NEW, OLD);
    expect(await lives(old)).toBe(true);
    const next = (await refresh(old)).data;
    expect(await lives(next)).toBe(true);
    expect((await refresh(old)).data.refreshToken).toBe(next.refreshToken);
    const other = (await login("alice")).data.tokens;

    await restart(NEW);
    expect([await lives(old), await lives(next), await lives(other)]).toEqual([false, true, true]);
    expect((await refresh(old)).reason).toBe("NOT_SIGNED_IN");
    expect((await refresh(next)).status).toBe(200);

    await restart(OLD);
    expect([await lives(next), await lives(other)]).toEqual([false, false]);
    expect(await lives(old), "it has not expired, and its session was refreshed, not ended").toBe(true);
  });

  it("codes of an authenticator app that was used since are good, and of any other its recovery codes", async () => {
    await restart(OLD);
    const [bob, carol] = [await withApp("bob"), await withApp("carol")];
    const signIn = (identifier: string, code: string) =>
      call<SignedIn>("auth.login", { identifier, password: PASSWORD, code });
    await restart(NEW, OLD);
    expect((await signIn("bob", codeAt(bob.secret, Date.now()))).status).toBe(200);
    await restart(NEW);
    expect((await signIn("bob", codeAt(bob.secret, Date.now() + 30_000))).status).toBe(200);
    const lost = await signIn("carol", codeAt(carol.secret, Date.now()));
    expect([lost.reason, lost.message]).toEqual(["BAD_CODE", expect.stringContaining("recovery code")]);
    expect((await signIn("carol", carol.recoveryCodes[0] ?? "")).status).toBe(200);
  });

  /** Somebody who signs in with an authenticator app, whose code of the step before was used to say so. */
  async function withApp(username: string) {
    const token = (await join(username)).tokens.accessToken;
    const { secret } = (await call<TotpStart>("auth.beginTotp", undefined, { token })).data;
    const code = codeAt(secret, Date.now() - 30_000);
    const { recoveryCodes } = (await call<RecoveryCodes>("auth.enableTotp", { code }, { token })).data;
    return { secret, recoveryCodes };
  }

  it("passwords are as they were", async () => {
    await restart(NEW);
    const reply = await call<SignedIn>("auth.login", { identifier: "alice", password: PASSWORD });
    expect(reply.status).toBe(200);
  });
});

describe("a server with a secret that can be guessed", () => {
  const start = (JWT_SECRETS: string) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const env = {
        PATH: process.env.PATH,
        NODE_ENV: "test",
        PORT: "0",
        MONGO_URL: config.mongoUrl,
        JWT_SECRETS,
        PASSWORD_PEPPER: NEW,
      };
      execFile(process.execPath, [built("main")], { env, timeout: 15_000 }, (error, out, err) =>
        resolve({ code: Number(error?.code ?? 0), output: out + err }),
      );
    });

  it.each([
    ["nothing", ""],
    ["31 bytes", OLD.slice(0, 31)],
    ["one letter", "x".repeat(64)],
    ["a good one and then a short one", `${NEW},short`],
  ])("does not start: %s", { timeout: 30_000 }, async (_what, secrets) => {
    const { code, output } = await start(secrets);
    expect([code, output]).toEqual([1, expect.stringContaining("JWT_SECRETS")]);
    if (secrets) expect(output).not.toContain(secrets);
  });
});
