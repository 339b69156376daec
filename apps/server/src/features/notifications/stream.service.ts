import { type TrackedEnvelope, tracked } from "@trpc/server";
import type { StreamEvent, StreamInput } from "@warble/contracts";
import { nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import type { LoggedEvent } from "../../platform/event-log";
import { remembering } from "../../platform/memory";
import { recheck } from "../auth/session.service";
import { isStreamed, showStreamed } from "./stream.view";

/** What was looked up longer ago than this is looked up again before it is sent to a slow client. */
const FRESH_MS = 1_000;

type Stream = AsyncGenerator<TrackedEnvelope<StreamEvent>, void, unknown>;

/**
 * The viewer's notifications and relationships as they come, after event `lastEventId` or from now on, until `signal`,
 * until the session ends, or until the token expires that the stream was opened with.
 * @throws WarbleError RESYNC when not all is kept that came after `lastEventId`; RATE_LIMITED; NOT_SIGNED_IN
 */
export async function streamNotifications(
  ctx: ViewerContext,
  { lastEventId }: StreamInput,
  signal: AbortSignal,
): Promise<Stream> {
  const life = await open(ctx, signal);
  try {
    const after = lastEventId == null ? undefined : Number(lastEventId);
    const newest =
      after === undefined
        ? await ctx.events.lastNumber(ctx.viewer.id)
        : await ctx.events.requireKept(ctx.viewer.id, after);
    // The session may have ended before its channel was known.
    await current(ctx);
    return deliver(ctx, after ?? newest, life);
  } catch (error) {
    life.abort();
    throw error;
  }
}

/** Counts the stream and lets it be closed; it is forgotten when it is aborted, by whomever. */
async function open(
  { channels, viewer, expiresAt }: ViewerContext,
  signal: AbortSignal,
): Promise<AbortController> {
  const life = new AbortController();
  // Clients come back by themselves after UNAVAILABLE, and after NOT_SIGNED_IN with another token.
  const channel = await channels.open(
    { viewer, expiresAt },
    (why) => life.abort(new WarbleError(why === "stopping" ? "UNAVAILABLE" : "NOT_SIGNED_IN")),
    "stream",
  );
  life.signal.addEventListener("abort", channel.ended, { once: true });
  signal.addEventListener("abort", () => life.abort(), { once: true });
  if (signal.aborted) life.abort();
  return life;
}

async function* deliver(ctx: ViewerContext, after: number, life: AbortController): Stream {
  try {
    for await (const events of ctx.events.follow(ctx.viewer.id, after, life.signal)) {
      yield* show(ctx, events.filter(isStreamed), life.signal);
    }
    if (life.signal.reason instanceof WarbleError) throw life.signal.reason;
  } finally {
    life.abort();
  }
}

/** Shows each event as the viewer may see it when it is sent; what has gone since is left out. */
async function* show(ctx: ViewerContext, events: LoggedEvent[], signal: AbortSignal): Stream {
  let next = 0;
  while (next < events.length) {
    const rest = events.slice(next);
    const shown = await remembering(async () => showStreamed(await current(ctx), rest));
    const stale = nowMs() + FRESH_MS;
    for (const [index, { number }] of rest.entries()) {
      if (signal.aborted) return;
      if (nowMs() > stale) break;
      next++;
      const event = shown[index];
      if (event) yield tracked(String(number), event);
    }
  }
}

/** The call with the viewer's rights of this moment. @throws WarbleError NOT_SIGNED_IN */
async function current(ctx: ViewerContext): Promise<ViewerContext> {
  const viewer = await recheck(ctx.viewer);
  if (!viewer) throw new WarbleError("NOT_SIGNED_IN");
  return { ...ctx, viewer };
}
