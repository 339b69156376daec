import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CONTRACT } from "@warble/contracts";
import { onTestFinished } from "vitest";

/** A server of one's own making, until the test ends. @returns its address */
export async function play(
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<string> {
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where nobody listens any more. */
export async function deserted(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Answers a batch of one as a Warble server refuses it. */
export function refuseAs(
  response: ServerResponse,
  { reason, retryAfter, status = 503 }: { reason: string; retryAfter?: number; status?: number },
): void {
  const error = {
    code: -1,
    message: reason,
    data: { code: reason, httpStatus: status, reason, requestId: "r1", retryAfter },
  };
  sayAsWarble(response, status, [{ error }]);
}

/** Answers a batch of one as a Warble server does. */
export const answerWith = (response: ServerResponse, data: unknown): void =>
  sayAsWarble(response, 200, [{ result: { data } }]);

function sayAsWarble(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "warble-contract": CONTRACT });
  response.end(JSON.stringify(body));
}
