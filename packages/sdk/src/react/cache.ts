import type { Query, QueryCache, QueryClient, QueryKey } from "@tanstack/react-query";
import type { Warble } from "../index";

/** The first part of every key: what this client asked for, and nothing else of the cache. */
export const ROOT = "warble";

/** Whatever an answer is made of. */
export type Thing = Record<string, unknown>;

/**
 * The value with each object in it as `change` has it, from the inside out. What does not change stays the same object,
 * so that nobody renders who has nothing new to show.
 */
export function rewrite<T>(value: T, change: (thing: Thing) => Thing): T;
export function rewrite(value: unknown, change: (thing: Thing) => Thing): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => rewrite(item, change));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== "object" || value === null) return value;
  let changed: Thing | undefined;
  for (const [name, part] of Object.entries(value)) {
    const next = rewrite(part, change);
    if (next !== part) {
      changed ??= { ...value };
      changed[name] = next;
    }
  }
  return change(changed ?? (value as Thing));
}

type Change = (data: unknown) => unknown;

/** What was changed while an answer was under way, which may not know of it. */
const meanwhile = new WeakMap<Query, Change[]>();

/** Changes what is kept of a query, and again what comes of an answer that was asked for before. */
function changeQuery(queries: QueryCache, query: Query, change: Change): void {
  if (query.state.fetchStatus !== "idle") changeLater(queries, query, change);
  if (query.state.data === undefined) return;
  const data = change(query.state.data);
  // Neither newer nor less stale than it was.
  if (data !== query.state.data) query.setState({ ...query.state, data });
}

function changeLater(queries: QueryCache, query: Query, change: Change): void {
  const waiting = meanwhile.get(query);
  if (waiting) return void waiting.push(change);
  meanwhile.set(query, [change]);
  const stop = queries.subscribe((event) => {
    if (event.query !== query || (query.state.fetchStatus !== "idle" && event.type !== "removed")) return;
    stop();
    const changes = meanwhile.get(query) ?? [];
    meanwhile.delete(query);
    for (const again of changes) changeQuery(queries, query, again);
  });
}

/** Changes things in all answers that are kept. */
export function rewriteCache(queryClient: QueryClient, change: (thing: Thing) => Thing): void {
  const queries = queryClient.getQueryCache();
  for (const query of queries.findAll({ queryKey: [ROOT] })) {
    changeQuery(queries, query, (data) => rewrite(data, change));
  }
}

/** Forgets all that was asked for, as it was another user's, and asks again for what is still shown after that. */
export function emptyCache(queryClient: QueryClient): void {
  const [queries, mutations] = [queryClient.getQueryCache(), queryClient.getMutationCache()];
  for (const mutation of mutations.findAll({ mutationKey: [ROOT] })) mutations.remove(mutation);
  for (const query of queries.findAll({ queryKey: [ROOT] })) {
    if (query.isActive()) query.reset();
    else queries.remove(query);
  }
  setTimeout(() => void queryClient.refetchQueries({ queryKey: [ROOT], type: "active" }));
}

interface Listed<Item> {
  items: Item[];
}

/** Changes the items of lists, whether they were loaded page after page or not; `index` is that of the page. */
export function changePages<Item>(
  queryClient: QueryClient,
  queryKey: QueryKey,
  change: (items: Item[], index: number) => Item[],
): void {
  const changed = (page: Listed<Item>, index: number) => ({ ...page, items: change(page.items, index) });
  const queries = queryClient.getQueryCache();
  for (const query of queries.findAll({ queryKey })) {
    changeQuery(queries, query, (data) => {
      const kept = data as { pages: Listed<Item>[] } | Listed<Item>;
      return "pages" in kept ? { ...kept, pages: kept.pages.map(changed) } : changed(kept, 0);
    });
  }
}

/** One of its kind for each client and cache. */
export function perCache<T>(make: (warble: Warble, queryClient: QueryClient) => T) {
  const known = new WeakMap<Warble, WeakMap<QueryClient, T>>();
  return (warble: Warble, queryClient: QueryClient): T => {
    const ofClient = known.get(warble) ?? new WeakMap<QueryClient, T>();
    known.set(warble, ofClient);
    const one = ofClient.get(queryClient) ?? make(warble, queryClient);
    ofClient.set(queryClient, one);
    return one;
  };
}

/** Calls `act` once, `ms` after the first of many calls. */
export function soon(ms: number, act: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      act();
    }, ms);
  };
}
