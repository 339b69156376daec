import type { ChatSocket } from "./chat-link";
import type { Session } from "./session";

const EARLY_MS = 30_000;
const AGAIN_MS = 2_000;
const ACK_MS = 10_000;

/** Shows the server a fresh token before the last one expires, so that a socket stays as long as its session. */
export class Renewal {
  readonly #session: Session;
  /** The token that the server was shown last. */
  #shown = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The token to connect with; null when nobody is signed in. */
  async token(): Promise<string | null> {
    const token = await this.#session.accessToken();
    this.#shown = token ?? "";
    return token;
  }

  /** Keeps this socket from now on. */
  attach(socket: ChatSocket): void {
    socket.on("chat:ready", ({ expiresIn }) => this.#plan(socket, expiresIn));
    socket.on("disconnect", () => clearTimeout(this.#timer));
  }

  /** The server says for how long, because the clock here may be wrong. */
  #plan(socket: ChatSocket, expiresIn: number): void {
    const ms = expiresIn * 1000;
    this.#later(socket, Math.max(ms - EARLY_MS, ms / 2));
  }

  #later(socket: ChatSocket, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(socket), ms);
  }

  /** Tries until the server closes the socket: then it is for the next connection to find out what is wrong. */
  async #renew(socket: ChatSocket): Promise<void> {
    try {
      const tokens = await this.#session.refresh(this.#shown);
      if (!tokens || !socket.connected) return;
      const token = tokens.accessToken;
      const answer = await socket.timeout(ACK_MS).emitWithAck("chat:renew", { token });
      if (answer.ok) {
        this.#shown = token;
        return this.#plan(socket, answer.expiresIn);
      }
      if (answer.reason === "BAD_TOKEN") return;
    } catch {
      // The server could not be reached.
    }
    if (socket.connected) this.#later(socket, AGAIN_MS);
  }
}
