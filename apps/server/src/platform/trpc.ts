import { getTRPCErrorFromUnknown, initTRPC } from "@trpc/server";
import {
  COMMON_REASONS,
  type ErrorShape,
  KEY_REASONS,
  type LimitName,
  type ProcedureMeta,
  REASONS,
  type ReasonTable,
  type Role,
} from "@warble/contracts";
import type { z } from "zod";
import { type Context, requestIds, type Viewer } from "./context";
import { within } from "./deadline";
import { shapeOf, toWarbleError, WarbleError } from "./error";
import { remembering } from "./memory";
import { claim, keyOf, settle } from "./once";

const PING_MS = 15_000;
const QUIET_MS = 40_000;

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    sse: {
      ping: { enabled: true, intervalMs: PING_MS },
      client: { reconnectAfterInactivityMs: QUIET_MS },
    },
    errorFormatter: ({ error, ctx }): ErrorShape =>
      shapeOf(toWarbleError(error), ctx?.requestId ?? requestIds.getStore() ?? ""),
  });

export const router = t.router;
export const createCaller = t.createCallerFactory;

/** A call on its way to its procedure, and what goes on with it. */
type Call = Parameters<Parameters<typeof t.middleware>[0]>[0];
type Go = () => ReturnType<Call["next"]>;

async function observed({ ctx, path, type }: Call, go: Go): ReturnType<Go> {
  const start = performance.now();
  // What a step throws is refused as what a procedure throws, which `next` answers.
  const result = await go().catch((error: unknown) => refusedBy(error));
  const line = {
    requestId: ctx.requestId,
    path,
    type,
    userId: ctx.viewer?.id,
    ms: Math.round((performance.now() - start) * 10) / 10,
  };
  if (result.ok) {
    ctx.log.debug(line, "call");
    return result;
  }
  const refusal = toWarbleError(result.error);
  if (refusal.reason === "INTERNAL")
    ctx.log.error({ ...line, err: result.error.cause ?? result.error }, "call failed");
  else ctx.log.info({ ...line, reason: refusal.reason }, "call refused");
  return { ...result, error: namedReason(path, refusal) };
}

const refusedBy = (error: unknown) =>
  ({ ok: false, error: getTRPCErrorFromUnknown(error) }) as unknown as Awaited<ReturnType<Go>>;

async function limited({ ctx, meta }: Call, go: Go): ReturnType<Go> {
  await ctx.limiter.general(ctx);
  if (ctx.badToken) throw new WarbleError("NOT_SIGNED_IN");
  if (meta?.limit) await ctx.limiter.named(meta.limit, ctx);
  return go();
}

/** What hashes a password waits for others that do; of too many, the last are refused before anything is read or counted. */
const admitted = ({ ctx, meta }: Call, go: Go): ReturnType<Go> =>
  meta?.hashes ? ctx.passwords.admit(go) : go();

/** Each in the time that there is; queries believe what is kept in memory. */
const timely = ({ ctx, type }: Call, go: Go): ReturnType<Go> =>
  type === "subscription"
    ? go()
    : within(ctx.config.policy.deadline, type === "query" ? remembering(go) : go());

/** What comes under a key, and is not the same twice as once, is done once. */
async function keyed({ ctx, meta, path, type, batchIndex, getRawInput, next }: Call): ReturnType<Go> {
  const key = type === "mutation" ? keyOf(ctx, batchIndex) : undefined;
  if (key === undefined || !meta?.once) return next();
  const claimed = await claim(ctx, { path, key, input: await getRawInput() });
  if (claimed.answered) {
    ctx.setHeader("idempotency-replayed", "true");
    // What `next` would have answered.
    return { ok: true, data: claimed.answered.data } as Awaited<ReturnType<typeof next>>;
  }
  const result = await next({ ctx: { callId: claimed._id } as object });
  await settle(ctx, claimed, result);
  return result;
}

// One step, since tRPC puts all that a call is together anew for each.
const called = t.middleware((call) =>
  observed(call, () => limited(call, () => admitted(call, () => timely(call, () => keyed(call))))),
);

/** A procedure that anybody may call; `ctx.viewer` is null when nobody is signed in. */
export const anyone = t.procedure.use(called);

/** A procedure for people who are signed in. */
export const signedIn = anyone.meta({ access: "signedIn" }).use(({ ctx, next }) => {
  if (!ctx.viewer) throw new WarbleError("NOT_SIGNED_IN");
  // The type is all that changes: a context given here would be put together anew from all that it has.
  return next<{ viewer: Viewer }>({});
});

/** A procedure for people who are signed in and have verified their e-mail address. */
export const verified = signedIn.meta({ access: "verified" }).use(({ ctx, next }) => {
  if (!ctx.viewer.emailVerified) throw new WarbleError("EMAIL_NOT_VERIFIED");
  return next();
});

/** A procedure for one of these roles. */
export const roleOf = (...roles: Role[]) =>
  verified.meta({ access: roles }).use(({ ctx, next }) => {
    if (!roles.includes(ctx.viewer.role)) throw new WarbleError("FORBIDDEN");
    return next();
  });

/** A further window that a procedure's calls count in. */
export const limit = (name: LimitName): ProcedureMeta => ({ limit: name });

/** Twice is not the same as once. */
export const once: ProcedureMeta = { once: true };

/** It hashes a password. */
export const hashes: ProcedureMeta = { hashes: true };

let checking = false;

/** Has every answer checked against its contract, so that a field that leaks fails: tests and development do. */
export function checkAnswers(on: boolean): void {
  checking = on;
}

/** What a procedure answers, and how that is checked. */
export interface Answer<T> {
  (value: unknown): T;
  schema: z.ZodType<T>;
}

/** What a procedure answers. Production does not pay for the check. */
export const answer = <T>(schema: z.ZodType<T>): Answer<T> =>
  Object.assign((value: unknown) => (checking ? schema.parse(value) : (value as T)), { schema });

/** A refusal as it is, when the contracts name its reason for this call; otherwise, where answers are checked, a fault. */
export function namedReason(call: unknown, refusal: WarbleError): WarbleError {
  const table: ReasonTable = REASONS;
  if (!checking || typeof call !== "string" || !Object.hasOwn(table, call)) return refusal;
  const named: readonly string[] = [...COMMON_REASONS, ...KEY_REASONS, ...(table[call] ?? [])];
  if (named.includes(refusal.reason)) return refusal;
  return new WarbleError("INTERNAL", {
    message: `${call} fails with ${refusal.reason}, which REASONS in @warble/contracts does not name for it.`,
  });
}
