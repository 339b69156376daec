import { appRouter } from "../src/app";
import type { App, Context, Viewer } from "../src/platform/context";
import { createCaller } from "../src/platform/trpc";

const callerOf = createCaller(appRouter);

/** Calls procedures in the process, as one person or as nobody. */
export type Caller = ReturnType<typeof callerOf>;

/** What a call knows that no request brought. */
export const contextOf = <Who extends Viewer | null>(app: App, viewer: Who): Context & { viewer: Who } => ({
  ...app,
  requestId: "in-process",
  ip: "127.0.0.1",
  userAgent: "in-process",
  viewer: viewer && { ...viewer },
  expiresAt: null,
  badToken: false,
  setHeader: () => undefined,
});

/** The caller of a person or of nobody; each call sees the viewer as they are then. */
export const callAs = (app: App, viewer: Viewer | null): Caller => callerOf(() => contextOf(app, viewer));
