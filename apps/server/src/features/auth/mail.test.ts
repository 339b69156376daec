import { request } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import mongoose from "mongoose";
import { SMTPServer } from "smtp-server";
import { afterAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";

interface Sent {
  recipients: string[];
  mail: ParsedMail;
}

const sent: Sent[] = [];
/** How many mails are refused for now, after they were read. */
let refusals = 0;
const refused: string[] = [];

const smtp = new SMTPServer({
  authOptional: true,
  closeTimeout: 1_000,
  disabledCommands: ["AUTH", "STARTTLS"],
  onData: (stream, session, done) => {
    void simpleParser(stream).then((mail) => {
      if (refusals-- > 0) {
        refused.push(mail.messageId ?? "");
        return done(Object.assign(new Error("try later"), { responseCode: 451 }));
      }
      sent.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), mail });
      done();
    });
  },
});
// Registered first, so that it runs last: the server lets go of its connections before.
afterAll(() => new Promise<void>((resolve) => smtp.close(resolve)));

const port = await freePort();
const app = startTestApp({
  smtpUrl: `smtp://127.0.0.1:${port}`,
  webUrl: "https://warble.example",
  mailFrom: "Warble <hello@warble.example>",
});
const { call, register, login } = overHttp(app);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Waits until `count` mails have come for an address, without waiting for the queue's pauses. */
async function arrived(to: string, count = 1): Promise<Sent[]> {
  const found = () => sent.filter(({ recipients }) => recipients.includes(to));
  const end = performance.now() + 15_000;
  while (found().length < count && performance.now() < end) {
    await mongoose.connection
      .collection("jobs")
      .updateMany({ lane: "mail", lease: null }, { $set: { runAt: new Date(0) } });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return found();
}

// Alone on a machine it is a tenth of this; connecting to a silent server would take five times as long.
const AT_ONCE_MS = 1_000;

/** Registers somebody and two more, and says how long the quickest of the three took. */
async function quickest(username: string): Promise<number> {
  const replies = [];
  for (const name of [username, `${username}_2`, `${username}_3`]) replies.push(await register(name));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  return Math.min(...replies.map(({ ms }) => ms));
}

const waiting = () => mongoose.connection.collection("jobs").find({ lane: "mail" }).toArray();

describe("while the SMTP server", () => {
  it("is away, registering answers at once and the mail waits, sealed", async () => {
    await register("warmup");
    expect(await quickest("alice")).toBeLessThan(AT_ONCE_MS);
    const jobs = await waiting();
    expect(jobs).toHaveLength(4);
    expect(JSON.stringify(jobs)).not.toContain("alice");
  });

  it("says nothing, registering and resetting answer at once", async () => {
    const silent = await listenSilently();
    expect(await quickest("bob")).toBeLessThan(AT_ONCE_MS);
    const asked = await call("auth.requestPasswordReset", { email: "bob@example.com" });
    expect(asked.ms).toBeLessThan(2 * AT_ONCE_MS);
    await silent.close();
  });

  it("comes back, every mail arrives once", async () => {
    await new Promise<void>((resolve) => smtp.listen(port, "127.0.0.1", resolve));
    const [mail, ...others] = await arrived("alice@example.com");
    expect(others).toEqual([]);
    expect(await arrived("bob@example.com", 2)).toHaveLength(2);
    expect(mail?.recipients).toEqual(["alice@example.com"]);
    expect(mail?.mail.from?.text).toContain("hello@warble.example");
    await app.settled();
    expect(sent.filter(({ recipients }) => recipients.includes("alice@example.com"))).toHaveLength(1);
  });

  it("refuses for now, the same mail is tried again under the same id", async () => {
    refusals = 2;
    await register("carol");
    const [mail] = await arrived("carol@example.com");
    expect(refused).toHaveLength(2);
    expect(new Set([...refused, mail?.mail.messageId]).size).toBe(1);
  });

  it("is away for too long, a code that has expired is not sent", async () => {
    refusals = 1;
    await call("auth.requestPasswordReset", { email: "carol@example.com" });
    await expect.poll(() => refusals).toBe(0);
    await expect.poll(async () => (await waiting())[0]?.lease).toBeNull();
    await mongoose.connection
      .collection("jobs")
      .updateMany({ lane: "mail" }, { $set: { expiresAt: new Date(), runAt: new Date(0) } });
    await expect.poll(async () => (await waiting()).length, { timeout: 5_000 }).toBe(0);
    expect(await arrived("carol@example.com")).toHaveLength(1);
  });
});

describe("the link", () => {
  it("comes from the configuration, whatever the request says of its host", async () => {
    await registerWith({
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example",
      origin: "https://evil.example",
    });
    const [mail] = await arrived("dan@example.com");
    expect(mail?.mail.text).toContain("\nhttps://warble.example/verify-email?token=");
    expect(mail?.mail.text).not.toContain("evil");
  });

  it("is used up by a POST, and not by whoever opens it", async () => {
    await register("erin");
    const [mail] = await arrived("erin@example.com");
    const token = /token=([\w-]{43})\n/.exec(mail?.mail.text ?? "")?.[1];
    const page = await fetch(`${app.running.url}/verify-email?token=${token}`);
    const html = await page.text();
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const nonce = /script-src 'nonce-([^']+)'/.exec(page.headers.get("content-security-policy") ?? "")?.[1];
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(html).toContain(`<script nonce="${nonce}">`);
    expect(html).toContain("Verify my address");
    expect(html).toContain("width=device-width");
    expect(html).not.toContain(token);
    const replies = await Promise.all(Array.from({ length: 10 }, () => call("auth.verifyEmail", { token })));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ reason }) => reason === "BAD_TOKEN")).toHaveLength(9);
  });

  it("dies when another is asked for, and after a day", async () => {
    await register("frank");
    const token = (await login("frank")).data.tokens.accessToken;
    const resend = () => call("auth.resendVerification", undefined, { token });
    expect((await resend()).data).toEqual({ ok: true });
    const [first, second] = (await arrived("frank@example.com", 2)).map(
      ({ mail }) => /token=([\w-]{43})\n/.exec(mail.text ?? "")?.[1],
    );
    const codes = await mongoose.connection.collection("secrets").find({ kind: "verifyEmail" }).toArray();
    const hours = (codes[0]?.expiresAt.getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const verify = (link?: string) => call("auth.verifyEmail", { token: link });
    const reasons = [(await verify(first)).reason, (await verify(second)).reason];
    expect(reasons.sort()).toEqual(["BAD_TOKEN", undefined]);
    expect((await resend()).reason).toBe("NO_CHANGE");
  });

  it("is mailed again three times an hour at most", async () => {
    await register("grace");
    const token = (await login("grace")).data.tokens.accessToken;
    const reasons = [];
    for (let n = 0; n < 4; n++) {
      reasons.push((await call("auth.resendVerification", undefined, { token })).reason);
    }
    expect(reasons).toEqual([undefined, undefined, undefined, "RATE_LIMITED"]);
  });
});

describe("an address", () => {
  const EVIL = [
    "a@b.co,evil@evil.example",
    "a@b.co;evil@evil.example",
    "a@b.co evil@evil.example",
    "a@b.co\r\nBcc: evil@evil.example",
    "a@b.co\nBcc: evil@evil.example",
    "a@b.co\0evil@evil.example",
    "a@b.co%0d%0aBcc:evil@evil.example",
    "victim@b.co <evil@evil.example>",
    "<evil@evil.example>",
    "group: a@b.co, evil@evil.example;",
    '"a b"@evil.example',
    '"evil@evil.example"@b.co',
    '"a\\"b"@evil.example',
    "a(comment)@evil.example",
    "a@evil.example(comment)",
    "a@@evil.example",
    "@a.example:b@evil.example",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "a@127.0.0.1",
    "a@localhost",
    "a@-evil.example",
    "a@evil-.example",
    "a@evil..example",
    ".a@evil.example",
    "a.@evil.example",
    "a..b@evil.example",
    "a@evil.example.",
    "a\u202e@evil.example",
    "\u0430lice@evil.example",
    "a@ev\u0131l.example",
    `${"a".repeat(65)}@evil.example`,
    `a@${"b.".repeat(130)}example`,
    "a@evil.example\u2028b@evil.example",
    "\ud800@evil.example",
  ];

  it.each(EVIL)("such as %j is refused", async (email) => {
    const reply = await register("mallory", { email });
    expect([reply.status, reply.reason]).toEqual([400, "BAD_INPUT"]);
    expect((await call("auth.requestPasswordReset", { email })).reason).toBe("BAD_INPUT");
  });

  it.each([
    ["heidi", "o'hara+tag@sub.example.com", "o'hara+tag@sub.example.com"],
    ["ivan", "  {ivan}!#$%@example.com ", "{ivan}!#$%@example.com"],
    ["judy", "ｊｕｄｙ＠example.com", "judy@example.com"],
  ])("of %s is mailed as one recipient", async (username, email, recipient) => {
    expect((await register(username, { email, displayName: 'x" <evil@evil.example>, y' })).status).toBe(200);
    const [mail] = await arrived(recipient);
    expect(mail?.recipients).toEqual([recipient]);
    expect(sent.flatMap(({ recipients }) => recipients).filter((to) => to.includes("evil"))).toEqual([]);
  });
});

/** A listener that takes connections and never says a word. */
async function listenSilently(): Promise<{ close: () => Promise<unknown> }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Registers dan with headers that fetch would not send. */
function registerWith(headers: Record<string, string>): Promise<void> {
  const body = JSON.stringify({ username: "dan", email: "dan@example.com", password: PASSWORD });
  return new Promise((resolve, reject) => {
    const call = request(
      `${app.running.url}/trpc/auth.register`,
      { method: "POST", headers: { "content-type": "application/json", ...headers } },
      (response) => {
        response
          .resume()
          .on("end", () => (response.statusCode === 200 ? resolve() : reject(response.statusCode)));
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
