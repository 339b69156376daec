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
import { LIMITS } from "@warble/contracts";
import type { Api } from "@warble/server/api";
import { type CallOptions, dependable, headersOf } from "./calls";
import { aborted, fromTrpc } from "./error";
import type { Session } from "./session";
import { type Fetch, refusedBy, renewed, signed } from "./signed-fetch";

const MAX_URL = 8_000;

/** The typed client: `api.tweets.create.mutate({ content })`. */
export type ApiClient = TRPCClient<Api>;

/** tRPC's own idea of fetch, which is wider in what it passes and the same in what it does. */
type TrpcFetch = NonNullable<HTTPLinkOptions<Api["_def"]["_config"]["$types"]>["fetch"]>;

interface ClientOptions {
  url: string;
  session: Session;
  fetch: Fetch;
  calls: CallOptions;
}

/** A client that signs its calls with the session. */
export function createClient({ url, session, fetch, calls }: ClientOptions): ApiClient {
  const trpc = `${url}/trpc`;
  return createTRPCClient<Api>({
    links: [
      warbleErrors(url),
      dependable({ ...calls, url, user: () => session.user() }),
      branch(
        lazyLink(async () => (await import("./stream-link")).streamLink({ url: trpc, session, fetch })),
        httpBatchLink({
          url: trpc,
          fetch: renewed(fetch, session) as TrpcFetch,
          headers: async ({ opList }) => ({ ...headersOf(opList), ...(await signed(session)) }),
          maxItems: LIMITS.batch,
          maxURLLength: MAX_URL,
        }),
      ),
    ],
  });
}

/** A client without a session, for the calls that make or renew one. */
export const createAnonymousClient = ({ url, fetch, calls }: Omit<ClientOptions, "session">): ApiClient =>
  createTRPCClient<Api>({
    links: [
      warbleErrors(url),
      dependable({ ...calls, url }),
      httpLink({
        url: `${url}/trpc`,
        fetch: fetch as TrpcFetch,
        headers: ({ op }) => headersOf([op]),
      }),
    ],
  });

/** Fetches what no procedure answers, signed with the session. @throws WarbleError */
export const createDownload =
  ({ url, session, fetch }: Omit<ClientOptions, "calls">) =>
  async (path: string): Promise<Response> => {
    const headers = await signed(session);
    const unreachable = (error: unknown) => Promise.reject(fromTrpc(error, url));
    const response = await renewed(fetch, session)(`${url}${path}`, { headers }).catch(unreachable);
    if (response.ok) return response;
    const refused = await refusedBy(response);
    if (refused) throw refused;
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
