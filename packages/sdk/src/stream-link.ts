import { httpSubscriptionLink, type TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { Api } from "@warble/server/api";
import { EventSource } from "eventsource";
import { isWarbleError } from "./error";
import type { Session } from "./session";
import { type Fetch, refusedBy, renewed, signed } from "./signed-fetch";

interface StreamOptions {
  url: string;
  session: Session;
  fetch: Fetch;
}

/** Carries subscriptions. It is a module of its own, which is loaded when the first stream is wanted. */
export const streamLink =
  ({ url, session, fetch }: StreamOptions): TRPCLink<Api> =>
  (runtime) => {
    const subscriptions: TRPCLink<Api> = httpSubscriptionLink({
      url,
      EventSource,
      eventSourceOptions: ({ op }) => ({ fetch: streamFetch({ fetch, session, context: op.context }) }),
    });
    const stream = subscriptions(runtime);
    return (options) =>
      observable((observer) =>
        stream(options).subscribe({
          next: (value) => observer.next(value),
          error: (error) =>
            observer.error((options.op.context[REFUSED] as TRPCClientError<Api> | undefined) ?? error),
          complete: () => observer.complete(),
        }),
      );
  };

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
    const refused = response.ok ? undefined : await refusedBy(response.clone());
    if (refused) context[REFUSED] = refused;
    return response;
  };
