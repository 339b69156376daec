import type { ClientToServer, Message, ServerToClient } from "@warble/contracts";
import type { Socket } from "socket.io-client";
import type { Session } from "./session";

/** So long what has arrived is gathered, so that a flood of messages is told of once. */
const GATHER_MS = 500;

/** Tells the server which messages have arrived. */
export class Receipts {
  readonly #session: Session;
  readonly #arrived = new Map<string, number>();
  #socket: Socket<ServerToClient, ClientToServer> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Goes by what comes through this socket from now on. */
  attach(socket: Socket<ServerToClient, ClientToServer>): void {
    this.#socket = socket;
    socket.on("chat:message", ({ message }) => void this.#take(message));
    socket.on("chat:ready", () => this.#soon());
  }

  add({ conversationId, number }: Pick<Message, "conversationId" | "number">): void {
    this.#arrived.set(conversationId, Math.max(number, this.#arrived.get(conversationId) ?? 0));
    this.#soon();
  }

  /** What the user wrote on this or another device needs no receipt. */
  async #take(message: Message): Promise<void> {
    if (message.senderId !== (await this.#session.user())) this.add(message);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, GATHER_MS);
  }

  /** What cannot be told now is told when the connection is back. */
  #tell(): void {
    if (!this.#socket?.connected) return;
    for (const [conversationId, number] of this.#arrived) {
      this.#socket.emit("chat:delivered", { conversationId, number }, () => undefined);
    }
    this.#arrived.clear();
  }
}
