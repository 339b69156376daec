import { type ClientToServer, CONTRACT, type Refused, type ServerToClient } from "@warble/contracts";
import type { io, Socket } from "socket.io-client";
import { aborted, fromRefused, type Reason, WarbleError } from "./error";
import { Renewal } from "./renewal";
import type { Session } from "./session";

const CONNECT_MS = 15_000;
/** Why a refused connection is tried again by itself. */
const PASSING = new Set<Reason>(["RATE_LIMITED", "UNAVAILABLE", "BUSY", "INTERNAL"]);

export type ChatSocket = Socket<ServerToClient, ClientToServer>;

/** Gives what makes sockets, when the first one is wanted: who does not chat does not load it. */
export type LoadSocket = () => Promise<typeof io>;

interface LinkOptions {
  url: string;
  session: Session;
  load: LoadSocket;
  /** Puts the listeners on a new socket. */
  listen: (socket: ChatSocket) => void;
  /** The newest event that was seen, to go on from. */
  lastEvent: () => number | undefined;
  /** That event is no longer kept. */
  resync: () => void;
  /** The connection will not come back by itself. */
  ended: (error: WarbleError) => void;
}

interface Waiter {
  /** Waits through breaks, as long as it takes. */
  patient: boolean;
  resolve: (socket: ChatSocket) => void;
  reject: (error: WarbleError) => void;
}

/** The chat's connection: made when it is wanted, and made again for as long as the session lives. */
export class ChatLink {
  readonly #options: LinkOptions;
  readonly #waiting = new Set<Waiter>();
  readonly #renewal: Renewal;
  #socket: ChatSocket | undefined;
  #wanted = false;
  #renewed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#renewal = new Renewal(options.session);
  }

  /** From now on there should be a connection. */
  want(): void {
    this.#wanted = true;
  }

  /** The socket once it is connected. @throws WarbleError NOT_SIGNED_IN, ABORTED, UNREACHABLE unless it is patient */
  async ready({ patient, signal }: { patient: boolean; signal?: AbortSignal }): Promise<ChatSocket> {
    if ((await this.#options.session.tokens()) === null) {
      throw new WarbleError("NOT_SIGNED_IN", "Nobody is signed in: sign in before chatting.");
    }
    if (this.#socket?.connected) return this.#socket;
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        patient,
        resolve: (socket) => [done(), resolve(socket)],
        reject: (error) => [done(), reject(error)],
      };
      const abort = () => waiter.reject(aborted());
      const tooLate = () => waiter.reject(this.#refusal(new Error("timed out")));
      const timer = patient ? undefined : setTimeout(tooLate, CONNECT_MS);
      this.#waiting.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
      else if (this.#wanted) void this.#start();
    });
  }

  /** Leaves until it is wanted again; the patient wait for that. */
  leave(): void {
    this.#wanted = false;
    this.#drop();
    this.#reject(aborted(), (waiter) => !waiter.patient);
  }

  /** Leaves for good: who waits is told why. */
  end(error: WarbleError): void {
    const wasWanted = this.#wanted;
    this.#wanted = false;
    this.#drop();
    this.#reject(error, () => true);
    if (wasWanted) this.#options.ended(error);
  }

  async #start(): Promise<void> {
    if (this.#retry) return;
    let makeSocket: typeof io;
    try {
      makeSocket = await this.#options.load();
    } catch (error) {
      // It is fetched from where the page came from, and that was out of reach.
      this.#reject(this.#refusal(error as Error), (waiter) => !waiter.patient);
      return this.#later(1000);
    }
    if (!this.#wanted || this.#retry) return;
    this.#socket ??= this.#open(makeSocket);
    if (!this.#socket.active) this.#socket.connect();
  }

  #open(makeSocket: typeof io): ChatSocket {
    const { url, lastEvent, listen } = this.#options;
    const socket: ChatSocket = makeSocket(`${url}/chat`, {
      transports: ["websocket"],
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 30_000,
      randomizationFactor: 1,
      auth: (give) => {
        const event = () => lastEvent();
        void this.#renewal.token().then(
          // Says where to go on: what was missed comes before what is new, in order, once.
          (token) =>
            give({ token, contract: CONTRACT, ...(event() !== undefined && { lastEvent: event() }) }),
          () => give({}),
        );
      },
    });
    socket.on("connect", () => {
      this.#renewed = false;
      for (const { resolve } of [...this.#waiting]) resolve(socket);
    });
    socket.on("connect_error", (error) => {
      const refusal = this.#refusal(error);
      // What never reached the server is tried again by the socket itself; what was refused is not.
      if (socket.active) this.#reject(refusal, (waiter) => !waiter.patient);
      else void this.#refused(socket, refusal);
    });
    socket.on("disconnect", () => {
      if (!socket.active && this.#wanted && this.#socket === socket) this.#later(1000);
    });
    globalThis.addEventListener?.("online", this.#online);
    this.#renewal.attach(socket);
    listen(socket);
    return socket;
  }

  /** The network is back: there is nothing left to wait for. */
  readonly #online = () => {
    if (this.#wanted && this.#socket && !this.#socket.connected && !this.#retry) {
      this.#socket.disconnect().connect();
    }
  };

  async #refused(socket: ChatSocket, refusal: WarbleError): Promise<void> {
    const { reason, retryAfter = 1 } = refusal;
    if (reason === "RESYNC") {
      this.#options.resync();
      socket.connect();
    } else if (PASSING.has(reason)) {
      this.#reject(refusal, (waiter) => !waiter.patient);
      this.#later(retryAfter * 1000);
    } else if (reason === "NOT_SIGNED_IN" && !this.#renewed) {
      // The token may be old, or a right has changed; whether the session has ended, its refresh says.
      const tokens = await this.#options.session.renew().catch(() => undefined);
      if (this.#socket !== socket) return;
      if (tokens === null) return this.end(refusal);
      this.#renewed = tokens !== undefined;
      if (tokens) socket.connect();
      else this.#later(1000);
    } else this.end(refusal);
  }

  #later(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        if (this.#wanted) void this.#start();
      },
      ms * (1 + Math.random()),
    );
  }

  #drop(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    globalThis.removeEventListener?.("online", this.#online);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.disconnect();
    socket?.off();
  }

  #reject(error: WarbleError, which: (waiter: Waiter) => boolean): void {
    for (const waiter of [...this.#waiting].filter(which)) waiter.reject(error);
  }

  #refusal(error: Error): WarbleError {
    const { data } = error as Error & { data?: Refused };
    if (data?.reason) return fromRefused(data);
    const text = `No Warble chat answered at ${this.#options.url}: ${error.message}`;
    return new WarbleError("UNREACHABLE", text, { cause: error });
  }
}
