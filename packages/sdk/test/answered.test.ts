import { createServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { CONTRACT } from "@warble/contracts";
import { startTestApp } from "@warble/server/test";
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { createWarble, isWarbleError, memoryStorage, type Warble, type WarbleError } from "../src/index";
import { comeIn } from "./people";
import { deserted, play } from "./played";

const app = startTestApp();
interface Handshaken {
  handshake: { auth: { contract: unknown } };
}

const ID = "0".repeat(24);

const clientAt = (url: string): Warble => createWarble({ url, storage: memoryStorage(), retries: 0 });

/** How asking fails. */
const failureOf = (asked: Promise<unknown>): Promise<WarbleError> =>
  asked.then(
    () => expect.unreachable("it was answered"),
    (error) => error,
  );
const askAt = (url: string) => failureOf(clientAt(url).api.tweets.get.query({ id: ID }));

describe("a server that cannot be reached", () => {
  it("is named, with why and what to do", async () => {
    const url = await deserted();
    const { reason, message } = await askAt(url);
    expect(reason).toBe("UNREACHABLE");
    expect(message).toMatch(
      /^No Warble server answered at .* \(connect ECONNREFUSED .*\)\. Look whether it runs/,
    );
    expect(message).toContain(url);
  });

  it("is told from one whose gateway says so", async () => {
    const url = await play((_request, response) => {
      response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>");
    });
    const { reason, message } = await askAt(url);
    expect([reason, message]).toEqual([
      "UNREACHABLE",
      expect.stringMatching(/behind .* \(status 502, .*try again/),
    ]);
  });
});

describe("a url where something else answers", () => {
  it.each([
    { what: "a page", status: 200, type: "text/html", body: "<!doctype html>" },
    { what: "a page that says that there is none", status: 404, type: "text/html", body: "<!doctype html>" },
    {
      what: "another tRPC server",
      status: 404,
      type: "application/json",
      body: '[{"error":{"code":-32004}}]',
    },
    { what: "what does anything", status: 200, type: "application/json", body: '[{"result":{"data":{}}}]' },
  ])("is told so: $what", async ({ status, type, body }) => {
    const url = await play((_request, response) => {
      response.writeHead(status, { "content-type": type }).end(body);
    });
    for (const failure of [await askAt(url), await failureOf(clientAt(url).auth.verifyEmail("token"))]) {
      expect(failure.reason).toBe("UNREACHABLE");
      expect(failure.message).toContain(
        `What answers at ${url} is no Warble server (status ${status}, ${type})`,
      );
    }
  });

  it("is told so by the right server, below the wrong path", async () => {
    expect(await askAt(`${app.running.url}/api`)).toMatchObject({ reason: "NOT_FOUND" });
  });
});

describe("a server of another contract", () => {
  const goneOf = (response: ServerResponse): AbortSignal => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    return gone.signal;
  };

  /** The server of the test, as if it spoke another version. */
  const speaking = (version: string) =>
    play(async ({ url = "", method = "GET", headers }, response) => {
      const passed = await fetch(`${app.running.url}${url}`, {
        method,
        headers: headers.authorization ? { authorization: headers.authorization } : {},
        signal: goneOf(response),
      });
      const type = passed.headers.get("content-type") ?? "";
      response.writeHead(passed.status, { "content-type": type, "warble-contract": version }).flushHeaders();
      await passed.body?.pipeTo(Writable.toWeb(response)).catch(() => response.end());
    });

  it.each([
    ["99.0", /The client is older.*the server 99\.0; update @warble\/sdk/],
    ["0.1", /The server is older.*0\.1; update the server/],
  ])("(%s) is not understood, and it is said which side is older", async (version, message) => {
    const { reason, message: said } = await askAt(await speaking(version));
    expect([reason, said]).toEqual(["VERSION_SKEW", expect.stringMatching(message)]);
  });

  it("is not believed in a stream either", async () => {
    const { auth } = await comeIn(app, "streamer");
    const storage = memoryStorage((await auth.tokens())!);
    const warble = createWarble({ url: await speaking("99.0"), storage });
    const stream = warble.notifications.stream({ lastEventId: "0" });
    expect(await failureOf(stream.next())).toMatchObject({ reason: "VERSION_SKEW" });
  });

  it("says so to the chat, which ends", async () => {
    const { auth } = await comeIn(app, "talker");
    const http = createServer().listen(0);
    const heard: unknown[] = [];
    // The server's own library, as a server of another version would use it.
    const { Server } = createRequire(createRequire(import.meta.url).resolve("@warble/server/test"))(
      "socket.io",
    );
    const io = new Server(http);
    io.of("/chat").use(({ handshake }: Handshaken, next: (error: Error) => void) => {
      heard.push(handshake.auth.contract);
      const data = { ok: false, reason: "VERSION_SKEW", message: "The server is older." };
      next(Object.assign(new Error(data.message), { data }));
    });
    onTestFinished(() => io.close());
    const { port } = http.address() as AddressInfo;
    const storage = memoryStorage((await auth.tokens())!);
    const { chat } = createWarble({ url: `http://127.0.0.1:${port}`, storage });
    const ended = vi.fn();
    chat.on("ended", ended);
    expect(await failureOf(chat.connect())).toMatchObject({ reason: "VERSION_SKEW" });
    expect(heard).toEqual([CONTRACT]);
    expect(ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ reason: "VERSION_SKEW" }));
  });

  it("is understood when it is only a little newer", async () => {
    const [major] = CONTRACT.split(".");
    expect(await askAt(await speaking(`${major}.999`))).toMatchObject({ reason: "TWEET_NOT_FOUND" });
  });
});

it("failures are narrowed by reason", async () => {
  const error: unknown = await askAt(app.running.url);
  expect(isWarbleError(error, "USER_NOT_FOUND", "TWEET_NOT_FOUND")).toBe(true);
  expect(isWarbleError(error, "USER_NOT_FOUND", "TIMEOUT")).toBe(false);
  if (isWarbleError(error, "TWEET_NOT_FOUND", "RATE_LIMITED")) {
    expectTypeOf(error.reason).toEqualTypeOf<"TWEET_NOT_FOUND" | "RATE_LIMITED">();
  }
  // @ts-expect-error there is no such reason
  isWarbleError(error, "NO_SUCH_REASON");
});
