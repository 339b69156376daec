import type { Page, ResetTicket, Session, SignedIn } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const app = startTestApp({ trustProxy: 1 });
const { call, ask, mails, register, login, join, resetCode } = overHttp(app);

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const BERLIN = "193.99.144.80";
const NEW = "a wholly different sentence";

const from = (ip: string, agent = FIREFOX) => ({ "x-forwarded-for": ip, "user-agent": agent });
const notices = async (name: string) =>
  (await mails(`${name}@example.com`)).filter(({ subject }) => subject === "A new sign-in to your account");

describe("a sign-in from a device", () => {
  it("that is the first after registering is told to nobody, and the next new one by mail", async () => {
    await join("alice");
    expect(await notices("alice")).toEqual([]);
    const { data } = await login("alice", PASSWORD, from(BERLIN));
    const [notice, ...others] = await notices("alice");
    expect(others).toEqual([]);
    const session = await mongoose.connection
      .collection("sessions")
      .findOne({ _id: new mongoose.Types.ObjectId(data.tokens.refreshToken.slice(0, 24)) });
    const time = session?.createdAt.toISOString().slice(0, 16).replace("T", " ");
    expect(notice?.text).toContain(
      `Device: Firefox on Linux\nPlace: Germany, network 193.99.144.x\nTime: ${time} UTC`,
    );
    expect(notice?.text).toMatch(/not you.*reset it now/);
    expect(notice?.text).not.toContain(BERLIN);
  });

  it("that is known is told no more, even after it was signed out", async () => {
    await join("bob");
    const { data } = await login("bob", PASSWORD, from(BERLIN));
    await call("auth.logout", undefined, { token: data.tokens.accessToken });
    await login("bob", PASSWORD, from(BERLIN));
    expect(await notices("bob")).toHaveLength(1);
    await login("bob", PASSWORD, from(BERLIN, SAFARI));
    await login("bob", PASSWORD, from("8.8.8.8"));
    expect(await notices("bob")).toHaveLength(3);
  });

  it("that is new is told once, however many sign in from it at once, and not when it fails", async () => {
    await join("carol");
    await login("carol", NEW, from(BERLIN));
    expect(await notices("carol")).toEqual([]);
    await Promise.all(Array.from({ length: 8 }, () => login("carol", PASSWORD, from(BERLIN))));
    expect(await notices("carol")).toHaveLength(1);
  });

  it("is told after a reset, and when one has been away for so long that nothing is known any more", async () => {
    await join("dan");
    const email = "dan@example.com";
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    const { data } = await call<ResetTicket>("auth.verifyPasswordResetCode", { email, code });
    await call("auth.resetPassword", { ticket: data.ticket, password: NEW });
    await login("dan", NEW, from(BERLIN));
    expect(await notices("dan")).toHaveLength(1);
    await mongoose.connection.collection("sessions").deleteMany({});
    const long = new Date(Date.now() - 31 * 86_400_000);
    await mongoose.connection.collection("accounts").updateMany({}, { $set: { createdAt: long } });
    await login("dan", NEW, from(BERLIN));
    expect(await notices("dan")).toHaveLength(2);
  });

  it("goes to no address that is not proved, and repeats nothing that a stranger writes", async () => {
    await register("mallory", { email: "erin@example.com" });
    await login("mallory");
    await login("mallory", PASSWORD, from(BERLIN));
    expect(await notices("erin")).toEqual([]);
    await join("frank");
    const device = "visit evil.example";
    const headers = from("203.0.113.9", "evil.example/1 (x)");
    await call("auth.login", { identifier: "frank", password: PASSWORD, device }, { headers });
    const [notice] = await notices("frank");
    expect(notice?.text).toContain("Device: an unknown device\nPlace: network 203.0.113.x\n");
    expect(notice?.text).not.toContain("evil");
  });
});

describe("the list of one's sessions", () => {
  it("names device and country, and no address", async () => {
    const { tokens } = await join("grace");
    await login("grace", PASSWORD, from(BERLIN));
    await login("grace", PASSWORD, from("2a02:8108:1:2::3", SAFARI));
    await login("grace", PASSWORD, from("203.0.113.9", "curl/8.5.0"));
    const named = { identifier: "grace", password: PASSWORD, device: "Kitchen" };
    const { data } = await call<SignedIn>("auth.login", named, { headers: from(BERLIN, SAFARI) });
    const page = await ask<Page<Session>>("auth.sessions", tokens.accessToken, {});
    const shown = page.data.items.map(({ device, place, ip }) => [device, place, ip]);
    expect(shown.toSorted()).toEqual([
      ["Firefox on Linux", "DE", "193.99.144.x"],
      ["Kitchen", "DE", "193.99.144.x"],
      ["Safari on iOS", "DE", "2a02:8108:1:2::/64"],
      ["curl/8.5.0", null, "203.0.113.x"],
      ["node", null, "127.0.0.x"],
    ]);
    expect(page.text).not.toContain(BERLIN);
    // It moves with its device.
    const refresh = { refreshToken: data.tokens.refreshToken };
    await call("auth.refresh", refresh, { headers: from("8.8.8.8", SAFARI) });
    const { items } = (await ask<Page<Session>>("auth.sessions", tokens.accessToken, {})).data;
    expect(items.find(({ device }) => device === "Kitchen")?.place).toBe("US");
  });
});
