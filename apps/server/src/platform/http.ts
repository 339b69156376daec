import type { Server } from "node:http";
import type { AnyRouter } from "@trpc/server";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { LIMITS } from "@warble/contracts";
import cors from "cors";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import helmet from "helmet";
import { addressOf, type Trusts, trustsOf } from "./address";
import { readBody, rightMethod } from "./body";
import { createBoundedServer } from "./connections";
import { type App, type Authenticate, bearerOf, type Context } from "./context";
import { withContract } from "./contract";
import { within } from "./deadline";
import { toWarbleError, WarbleError } from "./error";
import { remembering } from "./memory";
import { canWrite } from "./mongo";
import { headersOf, plainCalls } from "./plain-calls";
import { keepRequestId, refuse, requestIdOf, withRequestId } from "./reply";

const ALLOWED = [
  "authorization",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "trpc-accept",
  "warble-contract",
];
const EXPOSED = [
  "x-request-id",
  "retry-after",
  "ratelimit",
  "ratelimit-policy",
  "idempotency-replayed",
  "warble-contract",
];
const READY_SECONDS = 2;

interface HttpOptions {
  app: App;
  router: AnyRouter;
  authenticate: Authenticate;
  /** Further pages, by path: the development inbox, the page behind a mail's link. */
  pages: Record<string, express.Router>;
}

/** The HTTP side of the server, not yet listening. */
export function createHttp({ app, router, authenticate, pages }: HttpOptions): Server {
  const web = express();
  web.disable("x-powered-by");
  const trusts = trustsOf(app.config.trustProxy);
  const isProxy = (address: string) => trusts(address, 0);
  const server = createBoundedServer(web, app.config.policy.connections, isProxy);
  web.use(
    withRequestId,
    headers(),
    cors({
      origin: app.config.corsOrigins,
      methods: ["GET", "POST"],
      allowedHeaders: ALLOWED,
      exposedHeaders: EXPOSED,
      maxAge: 600,
    }),
    withContract,
  );
  health(web);
  for (const [path, page] of Object.entries(pages)) web.use(path, page);
  const contextFor = (request: Request, response: Response) =>
    contextOf({ app, authenticate, trusts }, request, response);
  web.use(
    "/trpc",
    rightMethod(router),
    readBody,
    plainCalls({
      router,
      contextOf: contextFor,
      failed: (error, response) => logFault(app, error, response),
    }),
    keepRequestId,
    createExpressMiddleware({
      router,
      maxBatchSize: LIMITS.batch,
      createContext: ({ req, res }) => contextFor(req, res),
      // What is streamed has its own type, and no errors yet.
      responseMeta: ({ errors, eagerGeneration }) =>
        eagerGeneration ? {} : { headers: headersOf(errors.map(toWarbleError)) },
      // What fails before a procedure runs; procedures log by themselves.
      onError: ({ error, ctx, req }) => void (ctx || logFault(app, error, req.res)),
    }),
  );
  web.use((_request, response) => refuse(response, new WarbleError("NOT_FOUND")));
  web.use(lastResort(app));
  return server;
}

function headers(): RequestHandler {
  const secure = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    referrerPolicy: { policy: "no-referrer" },
    crossOriginResourcePolicy: { policy: "cross-origin" },
  });
  return (request, response, next) => {
    response.setHeader("cache-control", "no-store");
    secure(request, response, next);
  };
}

function health(web: Express): void {
  web.get("/livez", (_request, response) => void response.json({ ok: true }));
  web.get("/readyz", async (_request, response) => {
    const ready = await within(READY_SECONDS, canWrite()).catch(() => false);
    response.status(ready ? 200 : 503).json({ ok: ready });
  });
}

async function contextOf(
  { app, authenticate, trusts }: Pick<HttpOptions, "app" | "authenticate"> & { trusts: Trusts },
  request: Request,
  response: Response,
): Promise<Context> {
  const token = bearerOf(request.headers.authorization);
  const bearer = token
    ? await identify(
        app,
        remembering(() => authenticate(token)),
      )
    : null;
  return {
    ...app,
    requestId: requestIdOf(response),
    ip: addressOf(request, trusts),
    userAgent: (request.headers["user-agent"] ?? "").slice(0, 200),
    viewer: bearer?.viewer ?? null,
    expiresAt: bearer?.expiresAt ?? null,
    badToken: token !== undefined && bearer === null,
    keys: keysOf(request),
    setHeader: (name, value) => {
      if (!response.headersSent) response.setHeader(name, value);
    },
  };
}

/** One for each call: in a batch there are commas between. */
function keysOf({ headers, query }: Request): string[] | undefined {
  const keys = headers["idempotency-key"];
  if (typeof keys !== "string") return undefined;
  return query.batch === "1" ? keys.split(",").map((key) => key.trim()) : [keys];
}

/** A refusal as it is, so that a database that cannot be reached is not our mistake. */
async function identify<T>(app: App, viewer: Promise<T>): Promise<T> {
  try {
    return await within(app.config.policy.deadline, viewer);
  } catch (error) {
    const refusal = toWarbleError(error);
    throw refusal.reason === "INTERNAL" ? error : refusal;
  }
}

function logFault(app: App, error: unknown, response: Response | undefined): WarbleError {
  const refusal = toWarbleError(error);
  const requestId = response && requestIdOf(response);
  if (refusal.reason === "INTERNAL") app.log.error({ err: error, requestId }, "request failed");
  else app.log.info({ reason: refusal.reason, requestId }, "request refused");
  return refusal;
}

const lastResort =
  (app: App): ErrorRequestHandler =>
  // biome-ignore lint/complexity/useMaxParams: Express knows an error handler by its four parameters.
  (error, _request, response, _next) => {
    const isClients = error instanceof URIError || (error as { status?: number }).status === 400;
    const refusal = logFault(app, isClients ? new WarbleError("BAD_REQUEST") : error, response);
    if (response.headersSent) response.end();
    else refuse(response, refusal);
  };
