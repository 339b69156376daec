import type { QueryClient, QueryKey } from "@tanstack/react-query";
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

/** Changes things in all answers that are kept. */
export function rewriteCache(queryClient: QueryClient, change: (thing: Thing) => Thing): void {
  for (const query of queryClient.getQueryCache().findAll({ queryKey: [ROOT] })) {
    const data = rewrite(query.state.data, change);
    // Neither newer nor less stale than it was.
    if (data !== query.state.data) query.setState({ ...query.state, data });
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
  for (const query of queryClient.getQueryCache().findAll({ queryKey })) {
    const kept = query.state.data as { pages: Listed<Item>[] } | Listed<Item> | undefined;
    if (!kept) continue;
    const data = "pages" in kept ? { ...kept, pages: kept.pages.map(changed) } : changed(kept, 0);
    query.setState({ ...query.state, data });
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
