import type { QueryClient } from "@tanstack/react-query";
import { newClientId } from "../client-id";
import { fromTrpc, type WarbleError } from "../error";
import type { Warble } from "../index";
import { ROOT } from "./cache";
import { takeMessage } from "./chat-cache";

/** A message that the server has not acknowledged. */
export interface PendingMessage {
  clientId: string;
  content: string;
  /** The message that it answers. */
  replyTo: string | null;
  createdAt: string;
  /** While it is sending it waits through breaks, for as long as it takes. */
  status: "sending" | "failed";
  /** Why it failed. */
  error: WarbleError | null;
}

/** What waits to be sent into one conversation, in the cache: it stays when nobody looks, and goes with the user. */
export class Outbox {
  readonly queryKey: readonly unknown[];
  readonly #warble: Warble;
  readonly #cache: QueryClient;
  readonly #conversationId: string;

  constructor(warble: Warble, cache: QueryClient, conversationId: string) {
    this.#warble = warble;
    this.#cache = cache;
    this.#conversationId = conversationId;
    this.queryKey = [ROOT, "chat", "outbox", { conversationId }];
  }

  /** Sends a message. @returns its `clientId` */
  send(content: string, replyTo: string | null): string {
    const message: PendingMessage = {
      clientId: newClientId(),
      content,
      replyTo,
      createdAt: new Date().toISOString(),
      status: "sending",
      error: null,
    };
    this.#change((waiting) => [...waiting, message]);
    void this.#deliver(message);
    return message.clientId;
  }

  /** Sends again what failed: the same message, however often. */
  retry(clientId: string): void {
    const message = this.waiting().find((one) => one.clientId === clientId);
    if (message?.status !== "failed") return;
    this.#set(clientId, { status: "sending", error: null });
    void this.#deliver(message);
  }

  /** Forgets what failed. */
  discard(clientId: string): void {
    this.#change((waiting) => waiting.filter((one) => one.clientId !== clientId || one.status !== "failed"));
  }

  waiting(): PendingMessage[] {
    return this.#cache.getQueryData<PendingMessage[]>(this.queryKey) ?? [];
  }

  async #deliver({ clientId, content, replyTo }: PendingMessage): Promise<void> {
    const conversationId = this.#conversationId;
    try {
      const outgoing = { conversationId, content, clientId, ...(replyTo && { replyTo }) };
      const message = await this.#warble.chat.send(outgoing);
      takeMessage(this.#cache, message);
      this.#change((waiting) => waiting.filter((one) => one.clientId !== clientId));
    } catch (error) {
      this.#set(clientId, { status: "failed", error: fromTrpc(error, "") });
    }
  }

  #set(clientId: string, change: Partial<PendingMessage>): void {
    this.#change((waiting) =>
      waiting.map((one) => (one.clientId === clientId ? { ...one, ...change } : one)),
    );
  }

  #change(change: (waiting: PendingMessage[]) => PendingMessage[]): void {
    this.#cache.setQueryData<PendingMessage[]>(this.queryKey, change(this.waiting()));
  }
}
