import type { LimitName, Refused } from "@warble/contracts";
import type { Socket } from "socket.io";
import type { z } from "zod";
import type { App, ViewerContext } from "./context";
import { toWarbleError, WarbleError } from "./error";
import type { Feed } from "./socket-feed";
import { hangUp, hangUpIfFull } from "./socket-wire";
import { answer, namedReason } from "./trpc";

/** A call that came through a socket. */
export interface SocketContext extends ViewerContext {
  /** What this socket is sent of its user's log. */
  feed: Feed;
  /**
   * Lets the socket live as long as this access token.
   * @returns for how many seconds
   * @throws WarbleError BAD_TOKEN when it is not a good one of the same session
   */
  renew: (token: string) => Promise<number>;
  /** Has the socket told who of these users comes and goes, in place of those before. @returns who of them is there */
  watchPresence: (userIds: string[]) => Promise<string[]>;
  /** Tells all sockets of a user that are open now; it is kept for nobody. */
  tell: (userId: string, event: string, data: object) => void;
}

/** What one event of a socket does with what was said. */
export interface SocketCall {
  handle: (ctx: SocketContext, said: unknown) => Promise<object>;
  limit: LimitName | undefined;
  /** Whether it may be said before the address is verified. */
  unverified?: boolean;
}

/** What the contracts say of a call: what is said, and what a good answer holds. */
interface Contract<Input, Answer extends object> {
  input: z.ZodType<Input>;
  answer: z.ZodType<Answer>;
}

/** One socket call and what it does; `limit` is a further window that it counts in. */
export function call<Input, Answer extends object>(
  contract: Contract<Input, Answer>,
  handle: (ctx: SocketContext, input: Input) => Promise<Answer>,
  limit?: LimitName,
): SocketCall {
  const check = answer(contract.answer);
  return { handle: async (ctx, said) => check(await handle(ctx, contract.input.parse(said))), limit };
}

interface Answering {
  app: App;
  socket: Socket;
  calls: Record<string, SocketCall>;
  /** The context as it is now; null when the session no longer holds. */
  current: () => Promise<SocketContext | null>;
}

/** Answers a socket's calls one after the other, in the order in which they came. */
export function answerCalls(answering: Answering): void {
  let last = Promise.resolve();
  answering.socket.onAny((...args: unknown[]) => {
    last = last.then(() => answerCall(answering, args));
  });
}

/** Nothing that a client sends may throw past here: an error in a socket handler would end the process. */
async function answerCall(answering: Answering, args: unknown[]): Promise<void> {
  const { app, socket } = answering;
  if (!socket.connected) return;
  const last = args.at(-1);
  const acks = typeof last === "function";
  const ack = acks ? (answer: object) => last(answer) : () => undefined;
  const [event, ...said] = acks ? args.slice(0, -1) : args;
  try {
    ack({ ok: true, ...(await perform(answering, event, said)) });
  } catch (error) {
    const refused = namedReason(event, toWarbleError(error));
    if (refused.reason === "INTERNAL") app.log.error({ err: error, event }, "socket call failed");
    ack(refusedOf(refused));
    if (refused.reason === "NOT_SIGNED_IN") hangUp(socket.conn);
  }
  hangUpIfFull(socket.conn);
}

async function perform({ calls, current }: Answering, event: unknown, said: unknown[]): Promise<object> {
  const ctx = await current();
  if (!ctx) throw new WarbleError("NOT_SIGNED_IN");
  await ctx.limiter.named("socket", ctx);
  const asked = typeof event === "string" && Object.hasOwn(calls, event) ? calls[event] : undefined;
  if (!asked) {
    throw new WarbleError("BAD_REQUEST", {
      message: `There is no such event; there are ${Object.keys(calls).join(", ")}.`,
    });
  }
  if (said.length > 1) throw new WarbleError("BAD_REQUEST", { message: "Send one object and an ack." });
  if (!ctx.viewer.emailVerified && !asked.unverified) throw new WarbleError("EMAIL_NOT_VERIFIED");
  if (asked.limit) await ctx.limiter.named(asked.limit, ctx);
  return asked.handle(ctx, said[0]);
}

const refusedOf = (error: WarbleError): Refused => ({
  ok: false,
  reason: error.reason,
  message: error.message,
  ...(error.issues && { issues: error.issues }),
  ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
});

/** What a refused connection says: Socket.IO hands `data` to the client's `connect_error`. */
export function refusal(error: unknown): Error {
  const refused = toWarbleError(error);
  return Object.assign(new Error(refused.message), { data: refusedOf(refused) });
}
