import { setTimeout as sleep } from "node:timers/promises";
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from "@trpc/client";
import { EventSource } from "eventsource";
import type { Api } from "../../src/api";
import { found, LINES } from "../lines";
import { type Findings, percentile } from "../report";
import type { Stage } from "../stage";

const PAUSE_MS = 20;

/** P7: from when somebody sends a tweet that mentions a follower until the follower's open stream brings it. */
export async function measureStream(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const { crowd } = town;
  const { url, idle } = await stage.warble(town);
  await idle();
  const reader = 0;
  const [token = "", authorToken = ""] = await stage.tokens(town, [reader, crowd.follows[reader]?.[0] ?? 1]);
  const author = clientOf(url, authorToken);
  let arrived = (): void => undefined;
  const stop = await listen(clientOf(url, token), () => arrived());
  const took: number[] = [];
  // One after the other, so that what comes is what was sent last.
  for (let sample = 0; sample < stage.size.samples; sample++) {
    const start = performance.now();
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await author.tweets.create.mutate({ content: `@${crowd.username(reader)} This is number ${sample}.` });
    await arrival.then(() => took.push(performance.now() - start));
    await sleep(PAUSE_MS);
  }
  stop();
  return {
    lines: [
      {
        id: "P7",
        what: "tweet that mentions somebody to their open stream, p50",
        unit: "ms",
        value: percentile(took, 50),
      },
      found(LINES.stream.p99, { value: percentile(took, 99) }),
    ],
  };
}

function clientOf(url: string, token: string): TRPCClient<Api> {
  const headers = { authorization: `Bearer ${token}` };
  const signed: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...init?.headers, ...headers } });
  const trpc = `${url}/trpc`;
  return createTRPCClient<Api>({
    links: [
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: httpSubscriptionLink({
          url: trpc,
          EventSource,
          eventSourceOptions: { fetch: signed as never },
        }),
        false: httpLink({ url: trpc, headers }),
      }),
    ],
  });
}

/** Opens a stream; comes back once it is open. @returns what ends it */
async function listen(client: TRPCClient<Api>, arrived: () => void): Promise<() => void> {
  let stop = (): void => undefined;
  await new Promise<void>((resolve, reject) => {
    const { unsubscribe } = client.notifications.stream.subscribe(
      {},
      { onStarted: () => resolve(), onData: arrived, onError: reject },
    );
    stop = unsubscribe;
  });
  return stop;
}
