import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { CONTRACT } from "@warble/contracts";
import type { Request, RequestHandler, Response } from "express";
import { requestIds } from "./context";
import { shapeOf, WarbleError } from "./error";

const LINGER_MS = 500;
const LINGER_BYTES = 1024 * 1024;

export const JSON_TYPE = "application/json; charset=utf-8";

/** Gives every request an id of its own, which its answer and its log lines carry. */
export const withRequestId: RequestHandler = (_request, response, next) => {
  response.setHeader("x-request-id", randomUUID());
  next();
};

/** Lets what follows find the request's id. Behind whatever reads the body: a stream's events forget who asked. */
export const keepRequestId: RequestHandler = (_request, response, next) =>
  requestIds.run(requestIdOf(response), next);

export const requestIdOf = (response: ServerResponse): string => String(response.getHeader("x-request-id"));

const bodyOf = (error: WarbleError, requestId: string): { status: number; body: string } => {
  const shape = shapeOf(error, requestId);
  return { status: shape.data.httpStatus, body: JSON.stringify({ error: shape }) };
};

/** Answers with a refusal, in the shape that procedures refuse in. */
export function refuse(response: Response, error: WarbleError): void {
  const { status, body } = bodyOf(error, requestIdOf(response));
  if (error.retryAfter !== undefined) response.setHeader("retry-after", error.retryAfter);
  response.status(status).type("json").send(body);
}

/**
 * Refuses a request whose body has not come yet, and closes the connection. A little of what comes is thrown
 * away first, because a connection that is closed with data unread loses the answer on its way.
 */
export function refuseUnread(request: Request, response: Response, error: WarbleError): void {
  const { status, body } = bodyOf(error, requestIdOf(response));
  response.writeHead(status, {
    "content-type": JSON_TYPE,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.write(body);
  const close = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, LINGER_MS);
  let left = LINGER_BYTES;
  const discard = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.pause();
  };
  request.on("data", discard).once("end", close).once("close", close);
}

const UNREADABLE: Record<string, { status: number; error: WarbleError }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    error: new WarbleError("TOO_LARGE", { message: "The headers are too large." }),
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, error: new WarbleError("TOO_LARGE") },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    error: new WarbleError("BAD_REQUEST", { code: "TIMEOUT", message: "The request took too long to come." }),
  },
};

/** Answers what is no HTTP, too large or too slow, and closes the connection. */
export function refuseUnreadable(fault: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || fault.code === "ECONNRESET") return void socket.destroy();
  const known = UNREADABLE[fault.code ?? ""];
  const status = known?.status ?? 400;
  const requestId = randomUUID();
  const shape = shapeOf(known?.error ?? new WarbleError("BAD_REQUEST"), requestId);
  const body = JSON.stringify({ error: { ...shape, data: { ...shape.data, httpStatus: status } } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    `warble-contract: ${CONTRACT}`,
    `x-request-id: ${requestId}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
