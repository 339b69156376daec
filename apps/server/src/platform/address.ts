import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";
import type { Config } from "../config";
import { plainIp } from "./context";

/** Whether an address is one of our own proxies, `hop` hops before this server. */
export type Trusts = (address: string, hop: number) => boolean;

/** Whose `X-Forwarded-For` is believed, over HTTP and on sockets alike. */
export function trustsOf(trustProxy: Config["trustProxy"]): Trusts {
  if (trustProxy === false) return () => false;
  if (typeof trustProxy === "number") return (_address, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy);
}

/** The address that a request comes from, with our own proxies looked through. */
export const addressOf = (request: IncomingMessage, trusts: Trusts): string =>
  request.socket.remoteAddress === undefined ? "" : plainIp(proxyAddr(request, trusts));
