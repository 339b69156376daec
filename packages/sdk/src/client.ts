import {
  createTRPCClient,
  type HTTPLinkOptions,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  type TRPCClient,
  type TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { type ErrorShape, LIMITS } from "@warble/contracts";
import type { Api } from "@warble/server/api";
import { EventSource } from "eventsource";
import { type CallOptions, dependable, headersOf } from "./calls";
import { aborted, fromShape, fromTrpc, isWarbleError } from "./error";
import type { Session } from "./session";

const MAX_URL = 8_000;

/** The typed client: `api.tweets.create.mutate({ content })`. */
export type ApiClient = TRPCClient<Api>;

type Fetch = typeof globalThis.fetch;
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
        httpSubscriptionLink({
          url: trpc,
          EventSource,
          eventSourceOptions: ({ op }) => ({ fetch: streamFetch({ fetch, session, context: op.context }) }),
        }),
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

const signed = async (session: Session): Promise<Record<string, string>> => {
  const token = await session.accessToken();
  return token ? { authorization: `Bearer ${token}` } : {};
};

/** Fetches what no procedure answers, signed with the session. @throws WarbleError */
export const createDownload =
  ({ url, session, fetch }: Omit<ClientOptions, "calls">) =>
  async (path: string): Promise<Response> => {
    const headers = await signed(session);
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

/** Every failure becomes a WarbleError. */
const warbleErrors =
  (url: string): TRPCLink<Api> =>
  () =>
  ({ next, op }) =>
    observable((observer) =>
      next(op).subscribe({
        next: (value) => observer.next(value),
        error: (error) => {
          const refused = op.signal?.aborted ? aborted(error) : (op.context[REFUSED] ?? fromTrpc(error, url));
          observer.error(refused as TRPCClientError<Api>);
        },
        complete: () => observer.complete(),
      }),
    );

/** Where a stream that was refused leaves the reason: an EventSource tells the status and nothing more. */
const REFUSED = "warble.refused";

interface StreamFetch {
  fetch: Fetch;
  session: Session;
  context: Record<string, unknown>;
}

/** Signs each request by itself: a stream that reconnects does so with the token of that moment. */
const streamFetch =
  ({ fetch, session, context }: StreamFetch): Fetch =>
  async (input, init) => {
    const headers = { ...(init?.headers as Record<string, string>), ...(await signed(session)) };
    const response = await renewed(fetch, session)(input, { ...init, headers }).catch((error: unknown) => {
      if (!isWarbleError(error)) throw error;
      context[REFUSED] = error;
      return new Response(null, { status: 400 });
    });
    if (!response.ok) {
      const body: { error?: ErrorShape } | null = await response
        .clone()
        .json()
        .catch(() => null);
      if (body?.error?.data?.reason) context[REFUSED] = fromShape(body.error);
    }
    return response;
  };

/** Refreshes the session once when the server says that the token is no longer good, and asks again. */
const renewed =
  (fetch: Fetch, session: Session): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const sent = new Headers(init?.headers).get("authorization")?.slice("Bearer ".length);
    if (response.status !== 401 || !sent) return response;
    const next = await session.refresh(sent);
    if (!next) return response;
    return fetch(input, {
      ...init,
      headers: { ...(init?.headers as object), authorization: `Bearer ${next.accessToken}` },
    });
  };
