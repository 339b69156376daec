import { TRPCClientError } from "@trpc/client";
import type { ErrorReason, ErrorShape, InputIssue, Refused } from "@warble/contracts";

/**
 * Why a call failed: the server's reasons, `UNREACHABLE` when no Warble server answered, `TIMEOUT` when it did not in time,
 * and `ABORTED` when the caller's own signal ended it. (`VERSION_SKEW` may be said by either side.)
 */
export type Reason = ErrorReason | "UNREACHABLE" | "TIMEOUT" | "ABORTED";

interface Details {
  requestId?: string | undefined;
  issues?: InputIssue[] | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** What every call of the SDK throws. Switch on `reason`; `message` is for people. */
export class WarbleError<R extends Reason = Reason> extends TRPCClientError<never> {
  readonly reason: R;
  /** Quote it to the operator: the logs know it. */
  readonly requestId: string | undefined;
  /** What is wrong with the input, for `BAD_INPUT`. */
  readonly issues: InputIssue[];
  /** Seconds to wait before the next try. */
  readonly retryAfter: number | undefined;

  constructor(reason: R, message: string, details: Details = {}) {
    super(message, details.cause instanceof Error ? { cause: details.cause } : undefined);
    // tRPC's constructor makes every error one of its own kind.
    Object.setPrototypeOf(this, WarbleError.prototype);
    this.name = "WarbleError";
    this.reason = reason;
    this.requestId = details.requestId;
    this.issues = details.issues ?? [];
    this.retryAfter = details.retryAfter;
  }
}

/**
 * Whether `error` came from Warble, and, with `reasons`, whether it failed for one of them.
 * @example
 * catch (error) {
 *   if (isWarbleError(error, "RATE_LIMITED")) await sleep((error.retryAfter ?? 1) * 1000);
 * }
 */
export function isWarbleError<R extends Reason = Reason>(
  error: unknown,
  ...reasons: R[]
): error is WarbleError<R> {
  if (!(error instanceof Error) || error.name !== "WarbleError") return false;
  return reasons.length === 0 || reasons.includes((error as WarbleError<R>).reason);
}

/** Any failure of a tRPC call, as the one error that callers see. */
export function fromTrpc(error: unknown, url: string): WarbleError {
  if (isWarbleError(error)) return error;
  const shape = error instanceof TRPCClientError ? (error.shape as ErrorShape | null | undefined) : undefined;
  if (shape?.data?.reason) return fromShape(shape, error);
  return new WarbleError("UNREACHABLE", `No Warble server answered at ${url} (${textOf(error)}). ${REMEDY}`, {
    cause: error,
  });
}

/** What a call fails with when the caller's signal ends it. */
export const aborted = (cause?: unknown): WarbleError =>
  new WarbleError("ABORTED", "The call was ended by its signal.", { cause });

/** The body of a refused call. */
export function fromShape({ message, data }: ErrorShape, cause?: unknown): WarbleError {
  const { reason, requestId, issues, retryAfter } = data;
  return new WarbleError(reason, message, { requestId, issues, retryAfter, cause });
}

/** A refused socket call. */
export const fromRefused = ({ reason, message, retryAfter, issues }: Refused): WarbleError =>
  new WarbleError(reason, message, { retryAfter, issues });

const REMEDY = `Look whether it runs there, and whether this device is online${
  "document" in globalThis ? "; and whether its CORS_ORIGINS has the origin of this page" : ""
}.`;

/** What lies at the bottom of it: of a fetch that failed, why the connection did. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error as Error & { cause?: unknown; code?: string };
  return cause instanceof Error ? textOf(cause) : message || String((error as { code?: string }).code);
}
