import type { Operation, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { CONTRACT } from "@warble/contracts";
import type { Api } from "@warble/server/api";
import { newClientId } from "./client-id";
import { aborted, fromTrpc, type Reason, WarbleError } from "./error";
import { safely } from "./safely";
import { sleep, waitMs } from "./wait";

const RETRIES = 2;
const TIMEOUT_MS = 30_000;
/** Who is to wait longer than so many seconds before the next try is told so instead. */
const PATIENCE = 5;
/** Why a call is tried again. */
const PASSING = new Set<Reason>(["UNREACHABLE", "UNAVAILABLE", "BUSY", "RATE_LIMITED"]);

/** One try of a call, as `onCall` hears of it: nothing of what was asked or answered. */
export interface CallReport {
  /** Such as `tweets.create`. */
  path: string;
  type: "query" | "mutation";
  /** Milliseconds that the try took. */
  ms: number;
  /** 1 for the first. */
  attempt: number;
  /** Why it failed; undefined when it did not. */
  reason: Reason | undefined;
  /** What the server's logs know it by; undefined when no server answered. */
  requestId: string | undefined;
}

export interface CallOptions {
  /** How often a call is tried again, 2 unless told otherwise. Of one call: `{ context: { retries } }`. */
  retries?: number;
  /**
   * Milliseconds after which a call fails with TIMEOUT, with all its tries and the waits between; 30 000 unless told
   * otherwise, `Infinity` for none. Of one call: `{ context: { timeoutMs } }`.
   */
  timeoutMs?: number;
  /** Hears of each try of each call. What it throws is shown as any uncaught error is, and breaks nothing. */
  onCall?: (report: CallReport) => void;
}

interface Known extends CallOptions {
  url: string;
  /** Whose session it is: what one user asked for is not tried again for the next. */
  user?: () => Promise<string | null>;
}

/** What the caller's signal, or the time, ends. */
interface Life {
  signal: AbortSignal;
  /** Why it has ended. */
  why: WarbleError | undefined;
  end: (why: WarbleError) => void;
}

/** Has every call settle in time, and tries it again where that helps: a mutation under the same key, so that it is done once. */
export const dependable =
  (known: Known): TRPCLink<Api> =>
  () =>
  ({ next, op }) => {
    const { type } = op;
    if (type === "subscription") return next(op);
    return observable((observer) => {
      const life = begin(op, known);
      const key = type === "mutation" && { idempotencyKey: newClientId() };
      const call = { ...op, type, signal: life.signal, context: { ...key, ...op.context } };
      void persist(call, () => once(next(call), life), { ...known, life })
        .then(
          (value) => {
            observer.next(value);
            observer.complete();
          },
          (error) => observer.error(error),
        )
        .finally(() => life.end(aborted()));
      return () => life.end(aborted());
    });
  };

function begin({ type, signal, context }: Operation, { timeoutMs }: Known): Life {
  const ended = new AbortController();
  const ms = numberOf(context.timeoutMs) ?? timeoutMs ?? TIMEOUT_MS;
  const abort = () => life.end(aborted());
  const tooLate = () => life.end(timedOut(ms, type));
  const timer = Number.isFinite(ms) ? setTimeout(tooLate, ms) : undefined;
  const life: Life = {
    signal: ended.signal,
    why: undefined,
    end: (why) => {
      life.why ??= why;
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      ended.abort();
    },
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  return life;
}

type Source<T> = {
  subscribe: (observer: { next: (value: T) => void; error: (error: unknown) => void }) => {
    unsubscribe: () => void;
  };
};

/** What a try brings, unless the call's life ends first. */
const once = <T>(source: Source<T>, { signal }: Life): Promise<T> =>
  new Promise((resolve, reject) => {
    const subscription = source.subscribe({ next: resolve, error: reject });
    signal.addEventListener("abort", () => {
      reject(aborted());
      subscription.unsubscribe();
    });
  });

interface Answer {
  context?: Record<string, unknown>;
}

async function persist<T extends Answer>(
  { path, type, context }: Operation & { type: "query" | "mutation" },
  attemptOnce: () => Promise<T>,
  { life, url, user, onCall, ...options }: Known & { life: Life },
): Promise<T> {
  const whose = async () => user?.().catch(() => null);
  const asker = whose();
  const retries = numberOf(context.retries) ?? options.retries ?? RETRIES;
  for (let attempt = 1; ; attempt++) {
    if (life.why) throw life.why;
    const start = Date.now();
    const tell = (reason?: Reason, requestId?: string) =>
      onCall && safely(() => onCall({ path, type, ms: Date.now() - start, attempt, reason, requestId }));
    try {
      const answer = await attemptOnce();
      tell(undefined, requestIdOf(answer));
      return answer;
    } catch (cause) {
      const error = life.why ?? fromTrpc(cause, url);
      tell(error.reason, error.requestId);
      if (attempt > retries || !isPassing(error)) throw error;
      await sleep(waitMs(attempt, error.retryAfter), life.signal);
      if ((await asker) !== (await whose())) throw error;
    }
  }
}

/** A call under the same key that is still being done is waited for. */
const isPassing = ({ reason, retryAfter }: WarbleError): boolean =>
  (PASSING.has(reason) || (reason === "CONFLICT" && retryAfter !== undefined)) &&
  (retryAfter ?? 0) <= PATIENCE;

const timedOut = (ms: number, type: Operation["type"]): WarbleError =>
  new WarbleError(
    "TIMEOUT",
    `There was no answer within ${ms} ms.${type === "mutation" ? " It may have been done all the same." : ""}`,
  );

const requestIdOf = ({ context }: Answer): string | undefined =>
  (context?.response as Response | undefined)?.headers.get("x-request-id") ?? undefined;

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** What mutations that travel together say: which key each has, and what is understood here. */
export const headersOf = (calls: Pick<Operation, "type" | "context">[]): Record<string, string> =>
  calls[0]?.type === "mutation"
    ? {
        "idempotency-key": calls
          .map(({ context }) => encodeURIComponent(String(context.idempotencyKey)))
          .join(),
        "warble-contract": CONTRACT,
      }
    : {};
