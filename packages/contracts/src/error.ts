import { z } from "zod";

/** Why a call failed: the closed set that clients switch on. */
export const ErrorReason = z.enum([
  "BAD_INPUT",
  "BAD_CURSOR",
  "BAD_REQUEST",
  "VERSION_SKEW",
  "NOT_SIGNED_IN",
  "BAD_CREDENTIALS",
  "BAD_TOKEN",
  "BAD_CODE",
  "SECOND_FACTOR_REQUIRED",
  "BAD_PASSKEY",
  "FORBIDDEN",
  "EMAIL_NOT_VERIFIED",
  "REAUTH_REQUIRED",
  "ACCOUNT_SUSPENDED",
  "USERNAME_TAKEN",
  "WEAK_PASSWORD",
  "SELF_TARGET",
  "NO_CHANGE",
  "LAST_ADMIN",
  "BLOCKING",
  "ALREADY_SETTLED",
  "CONTENT_REFUSED",
  "ADDRESS_REFUSED",
  "NOT_FOUND",
  "USER_NOT_FOUND",
  "TWEET_NOT_FOUND",
  "COMMENT_NOT_FOUND",
  "SESSION_NOT_FOUND",
  "PASSKEY_NOT_FOUND",
  "CONVERSATION_NOT_FOUND",
  "MESSAGE_NOT_FOUND",
  "REPORT_NOT_FOUND",
  "STRIKE_NOT_FOUND",
  "CONFLICT",
  "IDEMPOTENCY_MISMATCH",
  "TOO_LARGE",
  "RATE_LIMITED",
  "BUSY",
  "RESYNC",
  "UNAVAILABLE",
  "INTERNAL",
]);
export type ErrorReason = z.infer<typeof ErrorReason>;

/** Why each call may fail, by its name. */
export type ReasonTable = Record<string, readonly ErrorReason[]>;

/** One thing that is wrong with an input: where, and what. */
export interface InputIssue {
  path: (string | number)[];
  code: string;
  message: string;
}
export const InputIssue: z.ZodType<InputIssue> = z.strictObject({
  path: z.array(z.union([z.string(), z.int()])),
  code: z.string(),
  message: z.string(),
});

/** What `error` holds in every refused call. */
export interface ErrorShape {
  code: number;
  message: string;
  data: {
    /** tRPC's name for the kind of failure, such as `NOT_FOUND`. */
    code: string;
    httpStatus: number;
    reason: ErrorReason;
    /** Quote it to the operator: the logs know it. */
    requestId: string;
    /** What is wrong with the input, for `BAD_INPUT`. */
    issues?: InputIssue[];
    /** Seconds to wait before the next try. */
    retryAfter?: number;
  };
}
export const ErrorShape: z.ZodType<ErrorShape> = z.strictObject({
  code: z.int(),
  message: z.string(),
  data: z.strictObject({
    code: z.string(),
    httpStatus: z.int(),
    reason: ErrorReason,
    requestId: z.string(),
    issues: z.array(InputIssue).exactOptional(),
    retryAfter: z.int().min(1).exactOptional(),
  }),
});

/** The windows that calls are counted in; the server's configuration holds their numbers. */
export type LimitName =
  | "login"
  | "register"
  | "mail"
  | "guess"
  | "tweet"
  | "comment"
  | "follow"
  | "delete"
  | "search"
  | "message"
  | "request"
  | "group"
  | "member"
  | "typing"
  | "presence"
  | "socket"
  | "report"
  | "appeal";

/** Who may call: anybody, who is signed in, whose e-mail address is verified, too, or who has one of these roles, too. */
export type Access = "anyone" | "signedIn" | "verified" | readonly string[];

/** What a procedure says of itself. */
export interface ProcedureMeta {
  access?: Access;
  /** Further windows that a call counts in, beside the general one. */
  limit?: LimitName;
  /**
   * Twice is not the same as once: under one idempotency key it is done once, and answered again for a day. What it
   * answers is stored for that, so it is nothing secret.
   */
  once?: true;
  /** It hashes a password: where too many such calls are under way, it is refused with BUSY before it does anything. */
  hashes?: true;
  /** What a subscription sends. */
  sends?: z.ZodType;
}
