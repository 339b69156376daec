import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { built } from "../test/built";
import { startTestApp } from "../test/harness";
import { findUser } from "./features/users/user.service";

const app = startTestApp();

/** Runs the command as an operator does, in a process of its own. */
const makeAdmin = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const all = { PATH: process.env.PATH, MONGO_URL: app.running.app.config.mongoUrl, ...env };
    execFile(process.execPath, [built("make-admin"), ...args], { env: all }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

describe("make-admin", { timeout: 60_000 }, () => {
  it("makes a registered user an administrator, and says so when it is one already", async () => {
    await app.id("Alice");
    expect(await makeAdmin(["alice"])).toEqual({ code: 0, out: "Alice is an administrator now.\n", err: "" });
    expect(await findUser({ username: "alice" })).toMatchObject({ role: "admin" });
    const again = await makeAdmin(["@ALICE"]);
    expect(again).toEqual({ code: 0, out: "Alice is an administrator already.\n", err: "" });
  });

  it("says on one line what is wrong", async () => {
    const outcomes = await Promise.all([
      makeAdmin(["nobody_here"]),
      makeAdmin(["alice"], { MONGO_URL: "" }),
      makeAdmin(["alice"], { MONGO_URL: "mongodb://127.0.0.1:1/x" }),
    ]);
    expect(outcomes.map(({ code, out }) => [code, out])).toEqual(outcomes.map(() => [1, ""]));
    expect(outcomes.map(({ err }) => err)).toEqual([
      "There is no user called nobody_here: register first, then run this again.\n",
      expect.stringMatching(/^MONGO_URL is not set[^\n]*\n$/),
      expect.stringMatching(/^The database at MONGO_URL cannot be reached[^\n]*\n$/),
    ]);
  });
});
