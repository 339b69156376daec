import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { startThrowawayMongo } from "@warble/embedded";
import { SMTPServer } from "smtp-server";
import { afterAll, describe, expect, test } from "vitest";
import { built } from "../test/built";
import { dial, listen, request } from "../test/wire";

const PASSWORD = "canary-password otters whistle";
const SECRET = "canary-secret-Zm9vYmFyYmF6cXV4Y29yZ2VncmF1bHQ";
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** The server as its own process, with nothing in its environment but what is given. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [built("main")], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => {
    said.out += data;
  });
  child.stderr.on("data", (data) => {
    said.err += data;
  });
  const exited = once(child, "exit").then(([code]) => code as number);
  return { child, said, exited };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

describe("a start that cannot succeed", () => {
  const production = {
    NODE_ENV: "production",
    MONGO_URL: "mongodb://user:canary@127.0.0.1:9/?serverSelectionTimeoutMS=500",
    JWT_SECRETS: SECRET,
    PASSWORD_PEPPER: SECRET,
    PUBLIC_URL: "https://warble.example",
    SMTP_URL: "smtp://127.0.0.1:9",
  };

  test("says why, a line for each thing, without a secret, and ends with 1", async () => {
    const starts: [env: Record<string, string>, says: RegExp[]][] = [
      [
        { NODE_ENV: "production" },
        ["MONGO_URL", "JWT_SECRETS", "PASSWORD_PEPPER", "PUBLIC_URL", "SMTP_URL"].map(
          (name) => new RegExp(`^${name} is not set\\.`),
        ),
      ],
      [
        { ...production, TRUST_PROXY: "true" },
        [/^TRUST_PROXY: true would let every client forge its address/],
      ],
      [production, [/^The database at MONGO_URL cannot be reached: .*127\.0\.0\.1:9/]],
    ];
    await Promise.all(
      starts.map(async ([env, says]) => {
        const { said, exited } = start(env);
        expect(await exited).toBe(1);
        expect(said.out).toBe("");
        expect(said.err.trimEnd().split("\n")).toEqual(says.map((line) => expect.stringMatching(line)));
        expect(said.err).not.toMatch(/canary|\bat .*:\d+:\d+/);
      }),
    );
  }, 60_000);
});

describe("in production", () => {
  test("it keeps secrets out of its log, holds no large body, and stops when told", async () => {
    const [mongo, port] = [await startThrowawayMongo(), await freePort()];
    const mails: string[] = [];
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData: (stream, _session, done) => {
        let mail = "";
        stream.on("data", (data) => {
          mail += data;
        });
        stream.on("end", () => {
          mails.push(mail.replace(/=\r?\n/g, "").replace(/=3D/g, "="));
          done();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", () => resolve()));
    const smtpPort = (smtp.server.address() as { port: number }).port;
    const url = `http://localhost:${port}`;
    const server = start({
      NODE_ENV: "production",
      PORT: String(port),
      LOG_LEVEL: "trace",
      MONGO_URL: mongo.url,
      JWT_SECRETS: SECRET,
      PASSWORD_PEPPER: SECRET,
      PUBLIC_URL: url,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    });
    await expect
      .poll(() => server.said.out + server.said.err, { timeout: 30_000 })
      .toContain("Warble listens");

    const secrets = await useSecrets(url, mails);
    await holdsNothing(url, server.child.pid!);
    await stopsWhenTold(url, server);

    const lines = server.said.out.trimEnd().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.some((line) => JSON.parse(line).reason === "BAD_CREDENTIALS")).toBe(true);
    for (const secret of [...secrets, "canary", "$2b$", "forged"]) {
      expect(secret.length).toBeGreaterThan(3);
      expect(server.said.out).not.toContain(secret);
    }
    expect(server.said.err).toBe("");
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    await mongo.stop();
  }, 120_000);
});

/** Registers, verifies, signs in, writes and goes wrong; answers all that must not be logged. */
async function useSecrets(url: string, mails: string[]): Promise<string[]> {
  const call = async (path: string, input: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/trpc/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(input),
    });
    return (await response.json()) as { result?: { data: never }; error?: { data: { reason: string } } };
  };
  const forged = 'alice\r\n{"level":30,"msg":"forged"}\n\u001b[31m';
  const email = "canary@example.com";
  await call("auth.register", { username: "alice", email, password: PASSWORD });
  await expect.poll(() => mails.join(), { timeout: 10_000 }).toMatch(/token=[\w-]+/);
  const token = /token=([\w-]+)/.exec(mails.join())?.[1] ?? "";
  await call("auth.verifyEmail", { token });
  await call("auth.login", { identifier: "alice", password: `${PASSWORD}x` });
  await call("auth.login", { identifier: forged, password: PASSWORD }, { "user-agent": "canary-agent" });
  const { result } = await call("auth.login", { identifier: "alice", password: PASSWORD });
  const { tokens } = result!.data as { tokens: { accessToken: string; refreshToken: string } };
  const authorization = `Bearer ${tokens.accessToken}`;
  await call("tweets.create", { content: "canary tweet" }, { authorization });
  await call("tweets.create", { content: forged, password: PASSWORD }, { authorization });
  await call("auth.refresh", { refreshToken: tokens.refreshToken });
  await call("auth.refresh", { refreshToken: `${tokens.refreshToken}x` });
  await call("auth.requestPasswordReset", { email });
  await expect.poll(() => mails.length, { timeout: 10_000 }).toBeGreaterThan(1);
  const code = /\b\d{6}\b/.exec(/^Subject:.*/m.exec(mails.at(-1) ?? "")?.[0] ?? "")?.[0] ?? "";
  await call("auth.verifyPasswordResetCode", { email, code });
  await call("no.such", { canary: forged }, { authorization: `${authorization}x` });
  await fetch(`${url}/trpc/${encodeURIComponent(forged)}?input=canary`);
  return [PASSWORD, SECRET, token, tokens.accessToken, tokens.refreshToken, `"${code}"`];
}

/** Sixty megabytes that nobody asked for leave no trace in the server's memory. */
async function holdsNothing(url: string, pid: number): Promise<void> {
  const megabytes = () => {
    const [, kilobytes = ""] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) / 1024;
  };
  if (process.platform !== "linux") return;
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const before = megabytes();
  for (const length of [{ "content-length": 60 * chunk.length }, { "transfer-encoding": "chunked" }]) {
    const socket = dial(url);
    const replied = listen(socket);
    socket.write(request("POST /trpc/auth.login", { "content-type": "application/json", ...length }));
    const framed = "transfer-encoding" in length;
    for (let sent = 0; sent < 60 && !socket.destroyed; sent++) {
      if (framed) socket.write(`${chunk.length.toString(16)}\r\n`);
      const flushed = new Promise((resolve) => socket.write(chunk, resolve));
      if (framed) socket.write("\r\n");
      await flushed;
    }
    const { status, closed } = await replied(3_000);
    expect([status, closed]).toEqual([413, true]);
    expect(megabytes() - before).toBeLessThan(20);
  }
}

/** A call that is still coming when the server is told to stop is answered; others do not get in. */
async function stopsWhenTold(url: string, { child, exited }: ReturnType<typeof start>): Promise<void> {
  const socket = dial(url);
  const replied = listen(socket);
  const body = JSON.stringify({ identifier: "alice", password: PASSWORD });
  const headers = { "content-type": "application/json", "content-length": body.length };
  socket.write(request("POST /trpc/auth.login", headers, body.slice(0, 10)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const start = performance.now();
  child.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [error] = await once(dial(url), "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
  socket.write(body.slice(10));
  expect((await replied(8_000)).status).toBe(200);
  expect(await exited).toBe(0);
  expect(performance.now() - start).toBeLessThan(10_000);
}
