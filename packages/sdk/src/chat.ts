import type { Conversation, ListMessages, Message, Page, Refused } from "@warble/contracts";
import type { Socket } from "socket.io-client";
import { type Answers, type Calls, ChatCalls } from "./chat-calls";
import { ChatLink, type ChatSocket, type LoadSocket } from "./chat-link";
import { newClientId } from "./client-id";
import { aborted, fromRefused, isWarbleError, type Reason, WarbleError } from "./error";
import { iterate } from "./iterate";
import { Receipts } from "./receipts";
import type { Session } from "./session";
import { sleep, waitMs } from "./wait";

const ACK_MS = 10_000;
const TRIES = 2;
/** Why a message that was not acknowledged is sent again; after NOT_SIGNED_IN the connection looks what is left. */
const AGAIN = new Set<Reason>(["UNREACHABLE", "UNAVAILABLE", "BUSY", "NOT_SIGNED_IN"]);

/** A message to a user (`to`) or into a conversation. */
export type Outgoing = ({ to: string } | { conversationId: string }) & {
  content: string;
  /** The message that this one answers. */
  replyTo?: string;
  /** Your own id of it, to send it again after a restart: the same id again is the same message. */
  clientId?: string;
};

interface ChatOptions {
  url: string;
  session: Session;
  load: LoadSocket;
}

/**
 * Messages, between two and in groups, over one socket. It connects at the first use, comes back by itself, and then receives what it
 * missed: every message once, in order.
 */
export class Chat extends ChatCalls {
  readonly #options: ChatOptions;
  readonly #link: ChatLink;
  /** By whom a message goes to: when the one before has been settled. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #receipts: Receipts;
  #lastEvent: number | undefined;
  /** What was left for one user is not sent by the next. */
  #users = 0;

  constructor(options: ChatOptions) {
    super();
    this.#options = options;
    this.#receipts = new Receipts(options.session);
    this.#link = new ChatLink({
      ...options,
      listen: (socket) => this.#listen(socket),
      lastEvent: () => this.#lastEvent,
      resync: () => {
        this.#lastEvent = undefined;
        this.tell("resync");
      },
      ended: (error) => this.tell("ended", error),
    });
    options.session.onUser(() => {
      this.#users++;
      this.#lastEvent = undefined;
      this.#queues.clear();
      this.presenceWatch.forget();
      this.#link.end(signedOut());
    });
  }

  /** Messages as they come, as an async iterator; it connects, and ends with `signal` or with `break`. @throws WarbleError NOT_SIGNED_IN */
  messages({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<Message, void, undefined> {
    return iterate<Message>(({ push, fail }) => {
      const stops = [this.on("message", push), this.on("ended", fail)];
      this.#link.want();
      this.#link.ready({ patient: true, ...(signal && { signal }) }).catch(fail);
      return () => {
        for (const stop of stops) stop();
      };
    }, signal);
  }

  /** Connects, if it has not, and waits until messages can arrive. @throws WarbleError NOT_SIGNED_IN, UNREACHABLE (it goes on trying) */
  async connect(): Promise<void> {
    this.#link.want();
    await this.#link.ready({ patient: false });
  }

  /** Leaves. `connect` or the next call comes back, and then what happened in between is received. */
  disconnect(): void {
    this.#link.leave();
  }

  /**
   * Sends a message. Offline it waits, also through breaks, until the server has acknowledged it or `signal` ends
   * the waiting; one after the other to each receiver, and stored once however often it was sent.
   * @throws WarbleError USER_NOT_FOUND, CONVERSATION_NOT_FOUND, BAD_INPUT, RATE_LIMITED; NOT_SIGNED_IN when the user
   * signed out before; ABORTED, after which it may have been sent all the same
   */
  async send(message: Outgoing, { signal }: { signal?: AbortSignal } = {}): Promise<Message> {
    const user = this.#users;
    const queue = "to" in message ? message.to : message.conversationId;
    const call = { ...message, clientId: message.clientId ?? newClientId() };
    this.#link.want();
    const sent = (this.#queues.get(queue) ?? Promise.resolve()).then(() => this.#deliver(call, user, signal));
    const settled = sent.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(queue, settled);
    void settled.then(() => this.#queues.get(queue) === settled && this.#queues.delete(queue));
    return signal ? Promise.race([sent, abortOf(signal, settled)]) : sent;
  }

  /** A page of messages: newest first, or oldest first with `after`. @throws WarbleError CONVERSATION_NOT_FOUND */
  history(input: Pick<ListMessages, "conversationId"> & Partial<ListMessages>): Promise<Page<Message>> {
    return this.#call("chat:history", input);
  }

  /** The viewer's conversations, those with the newest messages first. */
  async conversations(input: { cursor?: string; limit?: number } = {}): Promise<Page<Conversation>> {
    const page = await this.#call("chat:conversations", input);
    for (const { unread, lastMessage } of page.items)
      if (unread && lastMessage) this.#receipts.add(lastMessage);
    return page;
  }

  protected call<Name extends keyof Calls>(name: Name, input: Calls[Name]): Promise<Answers[Name]> {
    return this.#call(name, input);
  }

  async #call<Name extends keyof Calls>(name: Name, input: Calls[Name]): Promise<Answers[Name]> {
    this.#link.want();
    const user = this.#users;
    for (let attempt = 1; ; attempt++) {
      if (user !== this.#users) throw signedOut();
      try {
        return await this.#ask(await this.#link.ready({ patient: false }), name, input);
      } catch (error) {
        if (!isWarbleError(error, "UNREACHABLE") || attempt >= TRIES) throw error;
        await sleep(waitMs(attempt));
      }
    }
  }

  async #deliver(call: Calls["chat:send"], user: number, signal?: AbortSignal): Promise<Message> {
    for (let attempt = 0; ; attempt++) {
      if (user !== this.#users) throw signedOut();
      const socket = await this.#link.ready({ patient: true, ...(signal && { signal }) });
      if (signal?.aborted) throw aborted();
      if (user !== this.#users) throw signedOut();
      try {
        return (await this.#ask(socket, "chat:send", call)).message;
      } catch (error) {
        if (!isWarbleError(error) || !AGAIN.has(error.reason)) throw error;
        await sleep(waitMs(attempt, error.retryAfter), signal);
      }
    }
  }

  async #ask<Name extends keyof Calls>(
    socket: ChatSocket,
    name: Name,
    input: Calls[Name],
  ): Promise<Answers[Name]> {
    let answer: { ok: true } | Refused;
    try {
      const untyped = socket as unknown as Socket;
      answer = await untyped.timeout(ACK_MS).emitWithAck(name, input);
    } catch (cause) {
      throw new WarbleError("UNREACHABLE", `The chat at ${this.#options.url} did not answer.`, { cause });
    }
    if (!answer.ok) throw fromRefused(answer);
    const { ok, ...rest } = answer;
    return rest as Answers[Name];
  }

  #listen(socket: ChatSocket): void {
    socket.on("disconnect", (reason) => this.tell("disconnected", reason));
    socket.on("chat:ready", ({ event }) => {
      const isNew = this.#lastEvent === undefined;
      this.#lastEvent ??= event;
      this.tell(isNew ? "connected" : "resumed");
    });
    socket.on("chat:message", ({ event, message }) =>
      this.#logged(event, () => this.tell("message", message)),
    );
    socket.on("chat:updated", ({ event, message }) =>
      this.#logged(event, () => this.tell("updated", message)),
    );
    socket.on("chat:deleted", ({ event, ...deleted }) =>
      this.#logged(event, () => this.tell("deleted", deleted)),
    );
    socket.on("chat:read", ({ event, ...mark }) => this.#logged(event, () => this.tell("read", mark)));
    socket.on("chat:delivered", ({ event, ...mark }) =>
      this.#logged(event, () => this.tell("delivered", mark)),
    );
    socket.on("chat:left", ({ event, conversationId }) =>
      this.#logged(event, () => this.tell("left", conversationId)),
    );
    this.#receipts.attach(socket);
    this.presenceWatch.attach(socket);
    socket.on("chat:conversation", ({ event, conversation }) =>
      this.#logged(event, () => this.tell("conversation", conversation)),
    );
    socket.on("chat:typing", (typing) => this.tell("typing", typing));
  }

  /** What comes from the log counts once. */
  #logged(event: number, tell: () => void): void {
    if (event <= (this.#lastEvent ?? 0)) return;
    this.#lastEvent = event;
    tell();
  }
}

const signedOut = () => new WarbleError("NOT_SIGNED_IN", "The user signed out before this was done.");

/** Fails when `signal` ends, unless it is `settled` before. */
const abortOf = (signal: AbortSignal, settled: Promise<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    const abort = () => reject(aborted());
    signal.addEventListener("abort", abort, { once: true });
    void settled.then(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
