import type { ResetTicket } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

const app = startTestApp();
const { call, ask, mails, register, login, join, resetCode, verificationToken } = overHttp(app);

const NEW = "a wholly different sentence";
const address = (name: string) => `${name}@example.com`;
const request = (email: string) => call("auth.requestPasswordReset", { email });
const verify = (email: string, code: string) =>
  call<ResetTicket>("auth.verifyPasswordResetCode", { email, code });
const reset = (ticket: string, password = NEW) => call("auth.resetPassword", { ticket, password });
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
const lives = async (token: string) => (await ask("auth.me", token)).status === 200;
const subjects = async (name: string) => (await mails(address(name))).map(({ subject }) => subject);

/** A reset under way, up to its code. */
async function codeFor(name: string): Promise<string> {
  await request(address(name));
  return resetCode(address(name));
}

async function ticketFor(name: string): Promise<string> {
  return (await verify(address(name), await codeFor(name))).data.ticket;
}

const expire = (kind: string) =>
  mongoose.connection.collection("secrets").updateMany({ kind }, { $set: { expiresAt: new Date() } });

describe("resetting a password", () => {
  it("ends every session, signs nobody in, and tells the owner", async () => {
    const { tokens } = await join("alice");
    const second = (await login("alice")).data.tokens;
    const code = await codeFor("alice");
    const { data } = await verify("Alice@Example.com", code);
    expect(Object.keys(data)).toEqual(["ticket"]);
    expect((await reset(data.ticket)).data).toEqual({ ok: true });
    expect([await lives(tokens.accessToken), await lives(second.accessToken)]).toEqual([false, false]);
    expect((await call("auth.refresh", { refreshToken: second.refreshToken })).reason).toBe("NOT_SIGNED_IN");
    expect((await login("alice")).reason).toBe("BAD_CREDENTIALS");
    expect((await login("alice", NEW)).status).toBe(200);
    expect((await subjects("alice"))[0]).toBe("Your password was changed");
    expect((await reset(data.ticket)).reason).toBe("BAD_TOKEN");
    expect((await verify(address("alice"), code)).reason).toBe("BAD_CODE");
  });

  it("answers alike when nobody has the address, and mails nobody", async () => {
    await join("bob");
    const [known, unknown] = [await request(address("bob")), await request("nobody@example.com")];
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    expect(await mails("nobody@example.com")).toEqual([]);
    const wrong = other(await resetCode(address("bob")));
    const [bad, none] = [await verify(address("bob"), wrong), await verify("nobody@example.com", wrong)];
    expect([bad.status, bad.reason]).toEqual([400, "BAD_CODE"]);
    expect(bad.text).toBe(none.text);
  });

  it("looks at five codes and at no sixth, even if it is right", async () => {
    await join("carol");
    const code = await codeFor("carol");
    for (let n = 0; n < 5; n++) expect((await verify(address("carol"), other(code))).reason).toBe("BAD_CODE");
    expect((await verify(address("carol"), code)).reason).toBe("BAD_CODE");
  });

  it("looks at five of many wrong codes at once", async () => {
    await join("dan");
    const code = await codeFor("dan");
    await Promise.all(Array.from({ length: 30 }, () => verify(address("dan"), other(code))));
    const secret = await mongoose.connection
      .collection("secrets")
      .findOne({ kind: "resetCode", attempts: 5 });
    expect(secret).not.toBeNull();
    expect((await verify(address("dan"), code)).reason).toBe("BAD_CODE");
  });

  it("gives one ticket for many right codes at once", async () => {
    await join("erin");
    const code = await codeFor("erin");
    const replies = await Promise.all(Array.from({ length: 50 }, () => verify(address("erin"), code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const reasons = new Set(replies.map(({ reason }) => reason));
    expect([...reasons].every((reason) => [undefined, "BAD_CODE", "BUSY"].includes(reason))).toBe(true);
  });

  it("lets one of many uses of a ticket at once through", async () => {
    await join("frank");
    const ticket = await ticketFor("frank");
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => reset(ticket, `${NEW} ${n}`)));
    const won = replies.flatMap(({ status }, n) => (status === 200 ? [n] : []));
    expect(won).toHaveLength(1);
    expect((await login("frank", `${NEW} ${won[0]}`)).status).toBe(200);
  });

  it("forgets the code before when a new one is asked for", async () => {
    await join("grace");
    const first = await codeFor("grace");
    const second = await codeFor("grace");
    if (first !== second) expect((await verify(address("grace"), first)).reason).toBe("BAD_CODE");
    expect((await verify(address("grace"), second)).status).toBe(200);
  });

  it("forgets codes and tickets that are too old, whether or not they have been cleaned away", async () => {
    await join("heidi");
    const code = await codeFor("heidi");
    await expire("resetCode");
    expect((await verify(address("heidi"), code)).reason).toBe("BAD_CODE");
    const ticket = await ticketFor("heidi");
    await expire("resetTicket");
    expect((await reset(ticket)).reason).toBe("BAD_TOKEN");
  });

  it("keeps the ticket when the new password is refused", async () => {
    await join("ivan");
    const ticket = await ticketFor("ivan");
    expect((await reset(ticket, "password1234")).reason).toBe("WEAK_PASSWORD");
    expect((await reset(ticket, "too short")).reason).toBe("BAD_INPUT");
    expect((await reset(ticket)).status).toBe(200);
  });

  it("mails three codes an hour at most, and the answer does not tell", async () => {
    await join("judy");
    const replies = [];
    for (let n = 0; n < 5; n++) replies.push(await request(address("judy")));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    const codes = (await subjects("judy")).filter((subject) => /^\d{6} /.test(subject));
    expect(codes).toHaveLength(3);
    const tries = [];
    for (const code of new Set(codes.map((subject) => subject.slice(0, 6)))) {
      tries.push((await verify(address("judy"), code)).status);
    }
    expect(
      tries.filter((status) => status === 200),
      "the last one mailed still works",
    ).toHaveLength(1);
  });

  it("mails ten codes a day at most", async () => {
    await join("kim");
    const first = await codeFor("kim");
    const hoursAgo = Array.from({ length: 10 }, (_, n) => new Date(Date.now() - (n + 2) * 3_600_000));
    await mongoose.connection.collection("mailCounts").updateMany({}, { $set: { sentAt: hoursAgo } });
    await request(address("kim"));
    expect(await resetCode(address("kim"))).toBe(first);
  });

  it("proves the address", async () => {
    await register("lea");
    const link = await verificationToken(address("lea"));
    await reset(await ticketFor("lea"));
    expect((await login("lea", NEW)).data.user.emailVerified).toBe(true);
    expect((await call("auth.verifyEmail", { token: link })).reason).toBe("BAD_TOKEN");
  });

  it("stores codes under a slow hash", async () => {
    await join("mia");
    const code = await codeFor("mia");
    const secrets = await mongoose.connection.collection("secrets").find({ kind: "resetCode" }).toArray();
    expect(secrets.every(({ hash }) => hash.startsWith("$2b$"))).toBe(true);
    expect(JSON.stringify(secrets)).not.toContain(code);
  });

  it("refuses a secret of one kind as another", async () => {
    await register("nina");
    const link = await verificationToken(address("nina"));
    expect((await reset(link)).reason).toBe("BAD_TOKEN");
    const ticket = await ticketFor("nina");
    expect((await call("auth.verifyEmail", { token: ticket })).reason).toBe("BAD_TOKEN");
  });
});

describe("changing a password", () => {
  const change = (token: string, currentPassword: string, password = NEW) =>
    call("auth.changePassword", { currentPassword, password }, { token });

  it("ends the other sessions and all that was mailed, and tells the owner", async () => {
    const { tokens } = await join("olga");
    const other = (await login("olga")).data.tokens;
    const ticket = await ticketFor("olga");
    expect((await change(tokens.accessToken, PASSWORD)).data).toEqual({ ok: true });
    expect([await lives(tokens.accessToken), await lives(other.accessToken)]).toEqual([true, false]);
    expect((await reset(ticket, "yet another sentence here")).reason).toBe("BAD_TOKEN");
    expect((await login("olga")).reason).toBe("BAD_CREDENTIALS");
    expect((await login("olga", NEW)).status).toBe(200);
    expect((await subjects("olga"))[0]).toBe("Your password was changed");
  });

  it("needs the current one, another one, and a strong one", async () => {
    const { tokens } = await join("paul");
    const token = tokens.accessToken;
    expect((await change(token, NEW)).reason).toBe("BAD_CREDENTIALS");
    expect((await change(token, PASSWORD, PASSWORD)).reason).toBe("NO_CHANGE");
    expect((await change(token, PASSWORD, "paulpaulpaul")).reason).toBe("WEAK_PASSWORD");
    expect((await call("auth.changePassword", { currentPassword: PASSWORD, password: NEW })).reason).toBe(
      "NOT_SIGNED_IN",
    );
    expect((await login("paul")).status).toBe(200);
  });

  it("counts wrong ones as guesses, but lets the right one through", async () => {
    const { tokens } = await join("quinn");
    for (let n = 0; n < 10; n++)
      expect((await change(tokens.accessToken, NEW)).reason).toBe("BAD_CREDENTIALS");
    expect((await change(tokens.accessToken, NEW)).reason).toBe("RATE_LIMITED");
    expect((await change(tokens.accessToken, PASSWORD)).status).toBe(200);
  });

  it("leaves no session of the old password, even one opened at the same moment", async () => {
    const { tokens } = await join("ruth");
    const [changed, ...logins] = await Promise.all([
      change(tokens.accessToken, PASSWORD),
      ...Array.from({ length: 8 }, () => login("ruth")),
    ]);
    expect(changed?.status).toBe(200);
    for (const { data } of logins) {
      if (data)
        expect(await lives((data as { tokens: { accessToken: string } }).tokens.accessToken)).toBe(false);
    }
  });

  it("happens once when two ask at the same moment", async () => {
    const { tokens } = await join("sam");
    const replies = await Promise.all(
      [1, 2, 3].map((n) => change(tokens.accessToken, PASSWORD, `${NEW} ${n}`)),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
