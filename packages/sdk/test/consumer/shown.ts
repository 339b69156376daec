// A component of somebody who has installed the package beside React and TanStack Query.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createWarble, memoryStorage } from "@warble/sdk";
import { useSession, useWarbleQueries, WarbleProvider } from "@warble/sdk/react";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";

function Viewer() {
  const { status } = useSession();
  const { queryKey } = useWarbleQueries().tweets.get.queryOptions({ id: "1" });
  return createElement("p", { title: JSON.stringify(queryKey) }, status);
}

/** What the server renders of it. */
export function shown(): string {
  const warble = createWarble({ url: "http://localhost:4000", storage: memoryStorage() });
  const page = createElement(WarbleProvider, { warble }, createElement(Viewer));
  return renderToStaticMarkup(createElement(QueryClientProvider, { client: new QueryClient() }, page));
}

/** What the compiler has to refuse. */
export const Refused = () =>
  // @ts-expect-error: an id is text.
  useWarbleQueries().tweets.get.queryOptions({ id: 7 });
