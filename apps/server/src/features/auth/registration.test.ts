import type { Me } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const app = startTestApp();
const { call, ask, mails, register, login, verificationToken } = overHttp(app);

const count = (collection: string, filter: object = {}) =>
  mongoose.connection.collection(collection).countDocuments(filter);

describe("registering", () => {
  it("mails a link that verifies the address, without signing in again", async () => {
    expect((await register("alice", { displayName: "Alice A." })).data).toEqual({ ok: true });
    const { data } = await login("Alice");
    const token = data.tokens.accessToken;
    expect(data.user).toMatchObject({ username: "alice", displayName: "Alice A.", emailVerified: false });
    const [mail, ...others] = await mails("alice@example.com");
    expect(others).toEqual([]);
    expect(mail?.text).toContain(`${app.running.url}/verify-email?token=`);
    const link = { token: await verificationToken("alice@example.com") };
    expect((await call("auth.verifyEmail", link)).data).toEqual({ ok: true });
    const me = await ask<Me>("auth.me", token);
    expect(me.data).toEqual({ ...data.user, emailVerified: true });
    expect((await call("auth.verifyEmail", link)).reason).toBe("BAD_TOKEN");
    expect((await call("auth.logout", undefined, { token })).data).toEqual({ ok: true });
    expect((await ask("auth.me", token)).reason).toBe("NOT_SIGNED_IN");
  });

  it("calls somebody by their username who gives no other name", async () => {
    await register("bob");
    expect((await login("BOB")).data.user).toMatchObject({
      displayName: "bob",
      email: "bob@example.com",
    });
  });

  it.each(["alice", "ALICE", "admin", "Admin_", "me_", "warble", "support"])(
    "refuses the name %s",
    async (username) => {
      const reply = await register(username, { email: "other@example.com" });
      expect([reply.status, reply.reason]).toEqual([409, "USERNAME_TAKEN"]);
      expect(await mails("other@example.com")).toEqual([]);
    },
  );

  it("makes one account of many equal registrations at once", async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => register("erin")));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(replies.map(({ reason }) => reason))).toEqual(new Set([undefined, "USERNAME_TAKEN"]));
    expect(await count("accounts", { emailKey: "erin@example.com" })).toBe(1);
    expect(await mails("erin@example.com")).toHaveLength(1);
  });

  it("stores neither password nor token as they are", async () => {
    await register("grace");
    const token = await verificationToken("grace@example.com");
    for (const { name } of await mongoose.connection.listCollections()) {
      if (name === "inbox") continue;
      const stored = JSON.stringify(await mongoose.connection.collection(name).find().toArray());
      expect(stored, name).not.toContain(PASSWORD);
      expect(stored, name).not.toContain(token);
    }
  });
});
