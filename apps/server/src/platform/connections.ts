import { createServer, type RequestListener, type Server } from "node:http";
import { plainIp } from "./context";
import type { Policy } from "./policy";
import { networkOf } from "./rate-limit";
import { refuseUnreadable } from "./reply";

// Node looks for connections that are too slow only this often.
const CHECK_MS = 1_000;

/**
 * An HTTP server that lets nobody hold its connections: requests that come too slowly, connections that stand still
 * and those of a network that has too many are closed.
 * @param isProxy whether the address is one of our own proxies, which bring many people's requests
 */
export function createBoundedServer(
  listener: RequestListener,
  policy: Policy["connections"],
  isProxy: (address: string) => boolean,
): Server {
  const server = createServer(
    {
      headersTimeout: policy.headersWithin * 1000,
      requestTimeout: policy.requestWithin * 1000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: CHECK_MS,
    },
    listener,
  );
  server.timeout = policy.idle * 1000;
  server.maxConnections = policy.total;
  server.on("clientError", refuseUnreadable);
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = plainIp(socket.remoteAddress);
    if (isProxy(address)) return;
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    if (count > policy.perNetwork) return void socket.destroy();
    open.set(network, count);
    socket.once("close", () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
  return server;
}
