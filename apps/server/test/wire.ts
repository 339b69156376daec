import { connect, type Socket } from "node:net";
import { expect } from "vitest";

/** One answer as it came over the wire. */
export interface WireReply {
  status: number;
  headers: Map<string, string>;
  text: string;
  /** Whether the server has closed the connection. */
  closed: boolean;
  ms: number;
}

/** A TCP connection to the server at `url`. Whatever breaks it is for the test to see, not to end the process. */
export function dial(url: string): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  return socket.on("error", () => undefined);
}

/** Says `text` and waits for an answer and, at most `wait` milliseconds, for the end of the connection. */
export async function say(url: string, text: string | Buffer, wait = 2_000): Promise<WireReply> {
  const start = performance.now();
  const socket = dial(url);
  const replied = listen(socket);
  socket.write(text);
  return replied(wait, start);
}

/** Collects what the server says from now on. */
export function listen(socket: Socket): (wait: number, start?: number) => Promise<WireReply> {
  let heard = "";
  let closed = socket.destroyed;
  let ms = 0;
  const since = performance.now();
  socket.on("data", (chunk) => {
    ms ||= performance.now();
    heard += chunk.toString("latin1");
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close"])
      socket.once(event, () => {
        closed = true;
        resolve();
      });
  });
  return async (wait, start = since) => {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, wait))]);
    socket.destroy();
    const [head = "", ...body] = heard.split("\r\n\r\n");
    const [first = "", ...lines] = head.split("\r\n");
    const headers = new Map(
      lines.map((line) => [line.split(":")[0]?.toLowerCase() ?? "", line.replace(/^[^:]*: */, "")]),
    );
    return {
      status: Number(first.split(" ")[1] ?? 0),
      headers,
      text: body.join("\r\n\r\n"),
      closed,
      ms: (ms || performance.now()) - start,
    };
  };
}

/** The lines of a request, ready to be said. */
export const request = (first: string, headers: Record<string, string | number> = {}, body = ""): string =>
  [
    `${first} HTTP/1.1`,
    "host: localhost",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    body,
  ].join("\r\n");

/** Expects the one shape that every refusal has. */
export function expectRefusal(
  text: string,
  { status, requestId }: { status: number; requestId: string | null | undefined },
): { reason: string; message: string; data: Record<string, unknown> } {
  const { error } = JSON.parse(text);
  expect(Object.keys(JSON.parse(text))).toEqual(["error"]);
  expect(error).toMatchObject({
    code: expect.any(Number),
    message: expect.stringMatching(/^[A-Z].*\.$/s),
    data: { code: expect.stringMatching(/^[A-Z_]+$/), httpStatus: status, reason: expect.any(String) },
  });
  expect(error.data.requestId).toMatch(/^[\w-]{36}$/);
  expect(error.data.requestId).toBe(requestId);
  return { reason: error.data.reason, message: error.message, data: error.data };
}
