import {
  createTRPCClient,
  type HTTPLinkOptions,
  httpBatchLink,
  httpLink,
  type TRPCClient,
  TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { type ErrorShape, LIMITS } from "@warble/contracts";
import type { Api } from "@warble/server/api";
import { aborted, fromShape, fromTrpc, isWarbleError } from "./error";
import type { Session } from "./session";
import { type Fetch, renewed } from "./signed-fetch";

const RETRIES = 2;
const RETRY_MS = 400;
const MAX_URL = 8_000;

/** The typed client: `api.tweets.create.mutate({ content })`. */
export type ApiClient = TRPCClient<Api>;

/** tRPC's own idea of fetch, which is wider in what it passes and the same in what it does. */
type TrpcFetch = NonNullable<HTTPLinkOptions<Api["_def"]["_config"]["$types"]>["fetch"]>;

interface ClientOptions {
  url: string;
  session: Session;
  fetch: Fetch;
}

/** A client that signs its calls with the session. */
export function createClient({ url, session, fetch }: ClientOptions): ApiClient {
  const trpc = `${url}/trpc`;
  const headers = async () => {
    const token = await session.accessToken();
    return token ? { authorization: `Bearer ${token}` } : {};
  };
  return createTRPCClient<Api>({
    links: [
      warbleErrors(url),
      retryQueries,
      branch(
        lazyLink(async () => (await import("./stream-link")).streamLink({ url: trpc, session, fetch })),
        httpBatchLink({
          url: trpc,
          fetch: renewed(fetch, session) as TrpcFetch,
          headers,
          maxItems: LIMITS.batch,
          maxURLLength: MAX_URL,
        }),
      ),
    ],
  });
}

/** A client without a session, for the calls that make or renew one. */
export const createAnonymousClient = (url: string, fetch: ClientOptions["fetch"]): ApiClient =>
  createTRPCClient<Api>({
    links: [warbleErrors(url), httpLink({ url: `${url}/trpc`, fetch: fetch as TrpcFetch })],
  });

/** Fetches what no procedure answers, signed with the session. @throws WarbleError */
export const createDownload =
  ({ url, session, fetch }: ClientOptions) =>
  async (path: string): Promise<Response> => {
    const token = await session.accessToken();
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const unreachable = (error: unknown) => Promise.reject(fromTrpc(error, url));
    const response = await renewed(fetch, session)(`${url}${path}`, { headers }).catch(unreachable);
    if (response.ok) return response;
    const body: { error?: ErrorShape } | null = await response.json().catch(() => null);
    if (body?.error?.data?.reason) throw fromShape(body.error);
    return unreachable(new Error(`status ${response.status}`));
  };

const branch =
  (subscriptions: TRPCLink<Api>, calls: TRPCLink<Api>): TRPCLink<Api> =>
  (runtime) => {
    const [subscribe, call] = [subscriptions(runtime), calls(runtime)];
    return (options) => (options.op.type === "subscription" ? subscribe(options) : call(options));
  };

/** A link that is fetched when it is first used. */
const lazyLink =
  (load: () => Promise<TRPCLink<Api>>): TRPCLink<Api> =>
  (runtime) =>
  (options) =>
    observable((observer) => {
      let stopped = false;
      let current: { unsubscribe: () => void } | undefined;
      load().then(
        (link) => {
          if (!stopped) current = link(runtime)(options).subscribe(observer);
        },
        (error) => observer.error(TRPCClientError.from(error)),
      );
      return () => {
        stopped = true;
        current?.unsubscribe();
      };
    });

/** Every failure becomes a WarbleError. */
const warbleErrors =
  (url: string): TRPCLink<Api> =>
  () =>
  ({ next, op }) =>
    observable((observer) =>
      next(op).subscribe({
        next: (value) => observer.next(value),
        error: (error) => {
          const refused = op.signal?.aborted ? aborted(error) : fromTrpc(error, url);
          observer.error(refused as TRPCClientError<Api>);
        },
        complete: () => observer.complete(),
      }),
    );

/** Tries a query again when the server could not be reached or asked for patience. Mutations are left alone. */
const retryQueries: TRPCLink<Api> =
  () =>
  ({ next, op }) =>
    observable((observer) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let current: { unsubscribe: () => void } | undefined;
      const attempt = (count: number) => {
        current = next(op).subscribe({
          next: (value) => observer.next(value),
          complete: () => observer.complete(),
          error: (error) => {
            const wait = op.type === "query" && count < RETRIES ? waitAfter(error, count) : null;
            if (wait === null || op.signal?.aborted) observer.error(error);
            else timer = setTimeout(() => attempt(count + 1), wait);
          },
        });
      };
      attempt(0);
      return () => {
        clearTimeout(timer);
        current?.unsubscribe();
      };
    });

/** Milliseconds to wait before the next try, full jitter; null when trying again will not help. */
function waitAfter(error: unknown, count: number): number | null {
  const refusal = fromTrpc(error, "");
  const isPassing = isWarbleError(refusal, "UNREACHABLE") || isWarbleError(refusal, "UNAVAILABLE");
  return isPassing ? Math.random() * RETRY_MS * 2 ** (count + 1) : null;
}
