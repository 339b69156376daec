import type { IncomingMessage } from "node:http";
import { addressOf, type Trusts } from "./address";
import { networkOf } from "./rate-limit";

interface GateOptions {
  trusts: Trusts;
  /** How many may wait from one network. */
  most: number;
  /** For how many milliseconds a connection may wait. */
  longestMs: number;
}

interface Guest {
  address: string;
  /** While it waits. */
  leave?: () => void;
}

/** Where connections wait until they have said whose they are. Each is known by the request that it began with. */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting = new Map<string, number>();
  readonly #guests = new WeakMap<IncomingMessage, Guest>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Lets a connection in, unless too many of its network wait. */
  enter(request: IncomingMessage): boolean {
    const address = addressOf(request, this.#options.trusts);
    const network = networkOf(address);
    const count = this.#waiting.get(network) ?? 0;
    if (count >= this.#options.most) return false;
    this.#waiting.set(network, count + 1);
    const leave = () => {
      clearTimeout(timer);
      request.socket.off("close", leave);
      this.#guests.set(request, { address });
      this.#leave(network);
    };
    const timer = setTimeout(leave, this.#options.longestMs).unref();
    this.#guests.set(request, { address, leave });
    // With an upgrade this is the end of it; a row of polls may use many.
    if (request.headers.upgrade) request.socket.once("close", leave);
    return true;
  }

  /** It has said whose it is, or it has ended. */
  leave(request: IncomingMessage): void {
    this.#guests.get(request)?.leave?.();
  }

  /** The address of whoever began this connection. */
  addressOf(request: IncomingMessage): string {
    return this.#guests.get(request)?.address ?? "";
  }

  #leave(network: string): void {
    const left = (this.#waiting.get(network) ?? 1) - 1;
    if (left > 0) this.#waiting.set(network, left);
    else this.#waiting.delete(network);
  }
}
