import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { ErrorReason, ErrorShape, InputIssue } from "@warble/contracts";
import mongoose from "mongoose";
import { ZodError } from "zod";

type Code = TRPCError["code"];

// Enough to see what is wrong: an answer is never larger than what was asked.
const ISSUES = 20;
const ISSUE_LENGTH = 200;

/** What each reason is to HTTP, and what it says to a person when the thrower says nothing better. */
const REASONS: Record<ErrorReason, [code: Code, message: string]> = {
  BAD_INPUT: ["BAD_REQUEST", "The input is not as it should be: see issues."],
  BAD_CURSOR: ["BAD_REQUEST", "This cursor was not made by this list: start again without one."],
  BAD_REQUEST: ["BAD_REQUEST", "The request cannot be understood."],
  VERSION_SKEW: ["BAD_REQUEST", "Client and server do not understand each other: update the older one."],
  NOT_SIGNED_IN: ["UNAUTHORIZED", "Sign in first: the access token is missing, expired or revoked."],
  BAD_CREDENTIALS: ["UNAUTHORIZED", "The name or the password is wrong."],
  BAD_TOKEN: ["BAD_REQUEST", "This link or token is unknown, used or expired: ask for a new one."],
  BAD_CODE: ["BAD_REQUEST", "This code is wrong, used or expired: ask for a new one."],
  SECOND_FACTOR_REQUIRED: ["UNAUTHORIZED", "Give a code of your authenticator app, or a recovery code."],
  BAD_PASSKEY: ["BAD_REQUEST", "This passkey is unknown or was not confirmed in time: begin again."],
  FORBIDDEN: ["FORBIDDEN", "You may not do this."],
  EMAIL_NOT_VERIFIED: ["FORBIDDEN", "Verify your e-mail address first: the mail has a link."],
  REAUTH_REQUIRED: ["FORBIDDEN", "Give your password again first: auth.confirmPassword takes it."],
  ACCOUNT_SUSPENDED: ["FORBIDDEN", "This account is suspended."],
  USERNAME_TAKEN: ["CONFLICT", "This username is not to be had: choose another."],
  WEAK_PASSWORD: ["BAD_REQUEST", "This password is too easy to guess: choose a longer or less common one."],
  SELF_TARGET: ["BAD_REQUEST", "You cannot do this to yourself."],
  NO_CHANGE: ["BAD_REQUEST", "This changes nothing."],
  LAST_ADMIN: ["CONFLICT", "Somebody must stay admin: make another one first."],
  BLOCKING: ["CONFLICT", "You block this person: unblock them first."],
  ALREADY_SETTLED: ["CONFLICT", "This has been settled already."],
  CONTENT_REFUSED: ["BAD_REQUEST", "This holds something that is not taken here."],
  ADDRESS_REFUSED: ["BAD_REQUEST", "Addresses of this e-mail provider are not taken here."],
  NOT_FOUND: ["NOT_FOUND", "There is nothing here."],
  USER_NOT_FOUND: ["NOT_FOUND", "There is no such user."],
  TWEET_NOT_FOUND: ["NOT_FOUND", "There is no such tweet."],
  COMMENT_NOT_FOUND: ["NOT_FOUND", "There is no such comment."],
  SESSION_NOT_FOUND: ["NOT_FOUND", "There is no such session."],
  PASSKEY_NOT_FOUND: ["NOT_FOUND", "There is no such passkey."],
  CONVERSATION_NOT_FOUND: ["NOT_FOUND", "There is no such conversation."],
  MESSAGE_NOT_FOUND: ["NOT_FOUND", "There is no such message."],
  REPORT_NOT_FOUND: ["NOT_FOUND", "There is no such report."],
  STRIKE_NOT_FOUND: ["NOT_FOUND", "There is no such strike."],
  CONFLICT: ["CONFLICT", "This is being done already: try again in a moment."],
  IDEMPOTENCY_MISMATCH: [
    "UNPROCESSABLE_CONTENT",
    "This idempotency key was used for another input: make a new one for each call.",
  ],
  TOO_LARGE: ["PAYLOAD_TOO_LARGE", "The request is too large."],
  RATE_LIMITED: ["TOO_MANY_REQUESTS", "Too many calls: wait as long as retryAfter says."],
  BUSY: ["TOO_MANY_REQUESTS", "The server is busy: wait as long as retryAfter says."],
  RESYNC: ["BAD_REQUEST", "This event is too long ago to go on from: load the lists again."],
  UNAVAILABLE: ["SERVICE_UNAVAILABLE", "The service cannot do this just now: try again soon."],
  INTERNAL: [
    "INTERNAL_SERVER_ERROR",
    "Something went wrong on our side. Quote the request id to the operator.",
  ],
};

/** The HTTP status of a reason. */
export const statusOf = (reason: ErrorReason): number =>
  getHTTPStatusCodeFromError(new TRPCError({ code: REASONS[reason][0] }));

/** What a reason says to a person when the thrower says nothing better. */
export const messageOf = (reason: ErrorReason): string => REASONS[reason][1];

interface Details {
  /** What it is to HTTP, where that is not what the reason says. */
  code?: Code;
  message?: string;
  /** Seconds. */
  retryAfter?: number;
  issues?: InputIssue[];
}

/** A refusal that clients are meant to understand. */
export class WarbleError extends TRPCError {
  readonly reason: ErrorReason;
  readonly retryAfter: number | undefined;
  readonly issues: InputIssue[] | undefined;

  constructor(reason: ErrorReason, details: Details = {}) {
    super({ code: details.code ?? REASONS[reason][0], message: details.message ?? REASONS[reason][1] });
    this.reason = reason;
    this.retryAfter = details.retryAfter;
    this.issues = details.issues;
  }
}

const UNAVAILABLE = new Set([
  "MongoServerSelectionError",
  "MongooseServerSelectionError",
  "MongoNetworkError",
  "MongoNetworkTimeoutError",
  "MongoOperationTimeoutError",
  "MongoWaitQueueTimeoutError",
  "MongoPoolClearedError",
  "MongoPoolClosedError",
  "MongoTopologyClosedError",
  "MongoNotConnectedError",
  "MongoClientClosedError",
  "MaxTimeMSExpired",
  "ExceededTimeLimit",
  "OutOfDiskSpace",
]);
/** What the driver lets through of a connection that is closed under its hands. */
const CLOSED = new Set<unknown>(["EPIPE", "ECONNRESET"]);
const PASSES = ["TransientTransactionError", "RetryableWriteError", "UnknownTransactionCommitResult"];

/** What a client is told of any error: known refusals as they are, everything else as a fixed text. */
export function toWarbleError(error: unknown): WarbleError {
  if (error instanceof WarbleError) return error;
  if (error instanceof ZodError) return badInput(error);
  if (!(error instanceof TRPCError)) return fromDatabase(error);
  const { cause } = error;
  if (cause instanceof WarbleError) return cause;
  // Only an input's: any other schema that refuses something is our own mistake.
  if (cause instanceof ZodError && error.code === "BAD_REQUEST") return badInput(cause);
  return error.code === "INTERNAL_SERVER_ERROR" ? fromDatabase(cause) : fromTrpc(error);
}

function fromDatabase(error: unknown): WarbleError {
  if (!(error instanceof Error)) return new WarbleError("INTERNAL");
  const { name, code, codeName } = error as Error & { code?: unknown; codeName?: string };
  const { MongoError } = mongoose.mongo;
  const passes =
    CLOSED.has(code) ||
    UNAVAILABLE.has(name) ||
    UNAVAILABLE.has(codeName ?? "") ||
    (error instanceof MongoError && PASSES.some((label) => error.hasErrorLabel(label)));
  return passes ? new WarbleError("UNAVAILABLE", { retryAfter: 5 }) : new WarbleError("INTERNAL");
}

const badInput = (error: ZodError) =>
  new WarbleError("BAD_INPUT", { issues: error.issues.flatMap(issuesOf).slice(0, ISSUES) });

/** The refusals that tRPC makes by itself, before any procedure runs. */
function fromTrpc({ code, cause, message }: TRPCError): WarbleError {
  switch (code) {
    case "NOT_FOUND":
      return new WarbleError("NOT_FOUND", { message: "There is no such procedure." });
    case "PAYLOAD_TOO_LARGE":
      return new WarbleError("TOO_LARGE");
    case "UNAUTHORIZED":
      return new WarbleError("NOT_SIGNED_IN");
    case "PARSE_ERROR":
      return new WarbleError("BAD_REQUEST");
    case "BAD_REQUEST":
      // With a cause the text is that of whatever went wrong; without, it is one of tRPC's own.
      return new WarbleError(
        "BAD_REQUEST",
        cause ? {} : { message: `The request cannot be understood: ${message}.` },
      );
    case "METHOD_NOT_SUPPORTED":
      return new WarbleError("BAD_REQUEST", { code, message: "Queries are GET, mutations are POST." });
    case "UNSUPPORTED_MEDIA_TYPE":
      return new WarbleError("BAD_REQUEST", {
        code,
        message: "Send JSON, with content-type: application/json.",
      });
    default:
      return new WarbleError("INTERNAL");
  }
}

type Issue = ZodError["issues"][number];

/** What is wrong, and where; of alternatives the one that was missed by the least. */
function issuesOf(issue: Issue): InputIssue[] {
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const [nearest = []] = issue.errors.toSorted((a, b) => a.length - b.length);
    return nearest.flatMap((inner) => issuesOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
  }
  return [
    {
      path: issue.path.map((part) => (typeof part === "symbol" ? String(part) : part)),
      code: issue.code,
      message: issue.message.slice(0, ISSUE_LENGTH),
    },
  ];
}

/** The body of a refused call. */
export function shapeOf(error: WarbleError, requestId: string): ErrorShape {
  return {
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    message: error.message,
    data: {
      code: error.code,
      httpStatus: getHTTPStatusCodeFromError(error),
      reason: error.reason,
      requestId,
      ...(error.issues && { issues: error.issues }),
      ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
    },
  };
}
