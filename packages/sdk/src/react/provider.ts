import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
} from "react";
import type { Warble } from "../index";
import { emptyCache } from "./cache";
import { keepChat } from "./chat-cache";
import { type WarbleQueries, warbleQueries } from "./queries";
import { sessionStoreOf } from "./session-store";
import { switchesOf } from "./switches";

const Context = createContext<Warble | null>(null);

/**
 * Gives a client to the components in it, inside TanStack Query's own provider. When the user changes, all that the cache
 * has of Warble is forgotten, and asked for again where it is shown. On a server: a client and a QueryClient a request.
 * @example
 * <QueryClientProvider client={queryClient}>
 *   <WarbleProvider warble={warble}>
 *     <App />
 *   </WarbleProvider>
 * </QueryClientProvider>
 */
export function WarbleProvider({ warble, children }: { warble: Warble; children?: ReactNode }): ReactElement {
  const queryClient = useQueryClient();
  useEffect(() => {
    const { caches } = switchesOf(warble);
    caches.add(queryClient);
    const stops = [
      sessionStoreOf(warble).onUser(() => emptyCache(queryClient)),
      keepChat(warble, queryClient),
      () => caches.delete(queryClient),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [warble, queryClient]);
  return createElement(Context.Provider, { value: warble }, children);
}

/** The client of the provider. @throws Error outside of one */
export function useWarble(): Warble {
  const warble = useContext(Context);
  if (!warble) throw new Error("useWarble needs a <WarbleProvider> around it.");
  return warble;
}

/**
 * Options for TanStack Query, for every procedure, of the provider's client.
 * @example
 * const queries = useWarbleQueries();
 * const { data: tweet } = useQuery(queries.tweets.get.queryOptions({ id }));
 */
export const useWarbleQueries = (): WarbleQueries => warbleQueries(useWarble());
