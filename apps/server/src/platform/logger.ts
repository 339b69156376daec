import { type Logger, pino } from "pino";

export type { Logger };

const SECRET_FIELDS = [
  "password",
  "token",
  "accessToken",
  "refreshToken",
  "authorization",
  "ticket",
  "content",
];

/** JSON lines in production, readable ones at a terminal; fields that hold secrets are never written. */
export function createLogger(level: string, pretty: boolean): Logger {
  return pino({
    level,
    base: null,
    serializers: { err: describeError },
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
    ...(pretty && {
      transport: { target: "pino-pretty", options: { ignore: "pid,hostname", translateTime: "HH:MM:ss" } },
    }),
  });
}

/** An error without what hangs on it: the database's carry whole records and the keys that clashed. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, stack = error.message, code, cause } = error as Error & { code?: unknown };
  return {
    type: name,
    ...(code !== undefined && { code }),
    stack: stack.replace(/dup key: .*/g, "dup key"),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
