import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { startTestApp } from "@warble/server/test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { cookieJar, cookieStorage, createWarble, memoryStorage, type Warble } from "../src/index";
import {
  useNotifications,
  useSession,
  useWarbleQueries,
  WarbleProvider,
  warbleQueries,
} from "../src/react/index";
import { clientOf, comeIn, eventually } from "./people";

const app = startTestApp();

function Page() {
  const { status, user } = useSession();
  const { unread } = useNotifications();
  const tweets = useQuery(useWarbleQueries().search.tweets.queryOptions({ query: "ssr" })).data;
  const seen = tweets?.items.map(({ content }) => content).join(" ") ?? "";
  return createElement("p", null, `${status} ${user?.username} ${unread?.count} ${seen}`);
}

const render = (warble: Warble, client: QueryClient) =>
  renderToString(
    createElement(
      QueryClientProvider,
      { client },
      createElement(WarbleProvider, { warble }, createElement(Page)),
    ),
  ).replace(/<\/?p>/g, "");

/** A page as a server renders it: a client and a cache for each request. */
async function respond(cookie: string, meanwhile: Promise<unknown>): Promise<string> {
  const warble = clientOf(app, cookieStorage(cookieJar(cookie)));
  const client = new QueryClient();
  const queries = warbleQueries(warble);
  await client.prefetchQuery(queries.auth.me.queryOptions());
  await meanwhile;
  await client.prefetchQuery(queries.notifications.unreadCount.queryOptions());
  return render(warble, client);
}

async function visitor(role: string) {
  let cookie = "";
  const jar = cookieJar("", (line) => {
    cookie = line.split(";")[0] ?? "";
  });
  const person = await comeIn(app, role, cookieStorage(jar));
  return { person, cookie };
}

describe("a page that a server renders", () => {
  it("is each visitor's own, side by side", async () => {
    const [alice, bob] = [await visitor("alice"), await visitor("bob")];
    await alice.person.api.tweets.create.mutate({ content: `@${bob.person.name} hello` });
    await app.settled();
    let go: (value?: unknown) => void = () => {};
    const meanwhile = new Promise((resolve) => {
      go = resolve;
    });
    const pages = Promise.all([alice.cookie, bob.cookie, ""].map((cookie) => respond(cookie, meanwhile)));
    go();
    expect((await pages).map((text) => text.trim())).toEqual([
      `signedIn ${alice.person.name} 0`,
      `signedIn ${bob.person.name} 1`,
      "loading undefined undefined",
    ]);
  });

  it("waits for the page where nothing was asked for before, and opens nothing", async () => {
    const { person } = await visitor("alice");
    expect(render(person, new QueryClient()).trim()).toBe("loading undefined undefined");
    expect(app.running.app.channels.countOf(person.id, "stream")).toBe(0);
  });

  it("says what is missing around it", () => {
    const client = new QueryClient();
    expect(() => renderToString(createElement(QueryClientProvider, { client }, createElement(Page)))).toThrow(
      "WarbleProvider",
    );
  });
});

describe("options for TanStack Query", () => {
  it("have the same key for the same input, and one that begins all of its kind", async () => {
    const { person } = await visitor("alice");
    const queries = warbleQueries(person);
    expect(warbleQueries(person)).toBe(queries);
    const { queryKey } = queries.tweets.get.queryOptions({ id: "1" });
    expect(queryKey).toEqual(queries.tweets.get.queryKey({ id: "1" }));
    expect(queryKey).toEqual(["warble", "tweets", "get", { input: { id: "1" } }]);
    expect(queries.timelines.home.infiniteOptions({}).queryKey).toEqual(
      queries.timelines.home.infiniteKey({}),
    );
    expect(queries.timelines.home.infiniteKey({})).not.toEqual(queries.timelines.home.queryKey({}));
    for (const start of [queries.tweets.get.queryKey(), queries.tweets.pathKey(), queries.pathKey()]) {
      expect(queryKey.slice(0, start.length)).toEqual(start);
    }
  });

  it("ask the server, page after page, and fail with why", async () => {
    const { person } = await visitor("alice");
    const { id } = await person.api.tweets.create.mutate({ content: "kept" });
    const queries = warbleQueries(person);
    const client = new QueryClient();
    expect((await client.fetchQuery(queries.tweets.get.queryOptions({ id }))).content).toBe("kept");
    expect(client.getQueryData(queries.tweets.get.queryKey({ id }))?.content).toBe("kept");
    const missing = client.fetchQuery(queries.tweets.get.queryOptions({ id: "0".repeat(24) }));
    await expect(missing).rejects.toMatchObject({ reason: "TWEET_NOT_FOUND" });
    const list = queries.timelines.user.infiniteOptions({ username: person.name, limit: 1 });
    await person.api.tweets.create.mutate({ content: "newer" });
    const { pages } = await client.fetchInfiniteQuery({ ...list, pages: 3 });
    expect(pages.flatMap(({ items }) => items.map(({ tweet }) => tweet.content))).toEqual(["newer", "kept"]);
  });

  it("end the call that nobody waits for any more", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const warble = createWarble({
      url: app.running.url,
      storage: memoryStorage(),
      fetch: async (input, init) => {
        signals.push(init?.signal);
        await held;
        return fetch(input, init);
      },
    });
    const queries = warbleQueries(warble);
    const client = new QueryClient();
    const ended = client.fetchQuery(queries.users.get.queryOptions({ username: "nobody" }));
    const failed = expect(ended).rejects.toThrow("CancelledError");
    await eventually(() => signals.length === 1 || undefined, "the call");
    await client.cancelQueries({ queryKey: queries.pathKey() });
    await failed;
    expect(signals[0]?.aborted).toBe(true);
    answer();
  });
});
