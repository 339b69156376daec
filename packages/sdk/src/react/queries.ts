import type {
  InfiniteData,
  QueryKey,
  QueryKeyWithDataTag,
  UnusedSkipTokenInfiniteOptions,
  UnusedSkipTokenOptions,
  UseMutationOptions,
} from "@tanstack/react-query";
import type { ApiClient } from "../client";
import type { WarbleError } from "../error";
import type { Warble } from "../index";
import type { CallName, Refusal } from "../refusal";
import { ROOT } from "./cache";
import { reapplied } from "./switches";

type Signal = { signal?: AbortSignal };
type Call = (input: unknown, options?: Signal) => Promise<unknown>;

/** Nothing where a procedure takes none, else its input, optional where it is to the procedure. */
type Args<Input> = undefined extends Input ? [input?: Given<Input>] : [input: Input];
type Given<Input> = Extract<Input, object>;
// biome-ignore lint/suspicious/noConfusingVoidType: what a mutation without input is called with.
type Variables<Input> = undefined extends Input ? Given<Input> | void : Input;

type FailureOf<Path> = Path extends CallName ? Refusal<Path> : WarbleError;

type QueryOptions<Output, Failure> = UnusedSkipTokenOptions<Output, Failure, Output, QueryKey> &
  QueryKeyWithDataTag<QueryKey, Output, Failure>;
type PagesOptions<Page, Failure> = UnusedSkipTokenInfiniteOptions<
  Page,
  Failure,
  InfiniteData<Page, string | null>,
  QueryKey,
  string | null
> &
  QueryKeyWithDataTag<QueryKey, InfiniteData<Page, string | null>, Failure>;

/** What TanStack Query needs of a query. */
export interface WarbleQuery<Input, Output, Failure> {
  /** For `useQuery`, `prefetchQuery` and the like. */
  queryOptions(...input: Args<Input>): QueryOptions<Output, Failure>;
  /** Under which its answer is kept: for `setQueryData` with the input, to invalidate all its answers without. */
  queryKey(input?: Given<Input>): QueryOptions<Output, Failure>["queryKey"];
}

/** What TanStack Query needs of a list. */
export interface WarblePages<Input, Page, Failure> extends WarbleQuery<Input, Page, Failure> {
  /** For `useInfiniteQuery`: page after page, by their cursors; the input is without. */
  infiniteOptions(...input: Args<WithoutCursor<Input>>): PagesOptions<Page, Failure>;
  infiniteKey(input?: Given<WithoutCursor<Input>>): PagesOptions<Page, Failure>["queryKey"];
}

type WithoutCursor<Input> = Input extends object ? Omit<Input, "cursor"> : Input;

/** What TanStack Query needs of a mutation. */
export interface WarbleMutation<Input, Output, Failure> {
  /** For `useMutation`. */
  mutationOptions(): Omit<UseMutationOptions<Output, Failure, Variables<Input>>, "mutationKey"> & {
    mutationKey: QueryKey;
  };
}

type QueryOf<Input, Output, Failure> = Output extends { nextCursor: string | null }
  ? WarblePages<Input, Output, Failure>
  : WarbleQuery<Input, Output, Failure>;

/** A router's queries and mutations, under the names that they have in the API; `Path` is how theirs begin. */
type Router<Api, Path extends string = ""> = {
  [Name in keyof Api & string as Api[Name] extends { subscribe: unknown } ? never : Name]: Api[Name] extends {
    query: (input: infer Input, options?: never) => PromiseLike<infer Output>;
  }
    ? QueryOf<Input, Output, FailureOf<`${Path}${Name}`>>
    : Api[Name] extends { mutate: (input: infer Input, options?: never) => PromiseLike<infer Output> }
      ? WarbleMutation<Input, Output, FailureOf<`${Path}${Name}`>>
      : Router<Api[Name], `${Path}${Name}.`>;
} & {
  /** The beginning of all keys in it, to invalidate them. */
  pathKey(): QueryKey;
};

/** Every query and mutation of the API. */
export type WarbleQueries = Router<Pick<ApiClient, keyof ApiClient & string>>;

const known = new WeakMap<Warble, WarbleQueries>();

/**
 * Options for TanStack Query, for every procedure: keys stay the same for the same input, answers and errors have their
 * types, and `signal` ends what nobody waits for any more. The SDK tries again by itself, so the options do not.
 * @example
 * const queries = warbleQueries(warble);
 * const { data } = useQuery(queries.tweets.get.queryOptions({ id }));
 * const home = useInfiniteQuery(queries.timelines.home.infiniteOptions());
 * const create = useMutation(queries.tweets.create.mutationOptions());
 * await queryClient.invalidateQueries({ queryKey: queries.timelines.pathKey() });
 */
export function warbleQueries(warble: Warble): WarbleQueries {
  const queries = known.get(warble) ?? (nodeOf(warble, []) as WarbleQueries);
  known.set(warble, queries);
  return queries;
}

function nodeOf(warble: Warble, path: string[]): object {
  const children = new Map<string, object>();
  const own: Record<string, unknown> = optionsOf(warble, path);
  return new Proxy(own, {
    get: (_, name) => {
      if (typeof name !== "string" || name === "then") return undefined;
      if (Object.hasOwn(own, name)) return own[name];
      const child = children.get(name) ?? nodeOf(warble, [...path, name]);
      children.set(name, child);
      return child;
    },
  });
}

function optionsOf(warble: Warble, path: string[]) {
  const key = (input: unknown, type?: "pages") => [
    ROOT,
    ...path,
    ...(input === undefined && !type
      ? []
      : [{ ...(input !== undefined && { input }), ...(type && { type }) }]),
  ];
  const call = (name: "query" | "mutate"): Call => {
    type Node = Record<string, unknown>;
    const procedure = path.reduce<Node>((at, part) => at[part] as Node, warble.api as unknown as Node);
    return (input, options) => (procedure[name] as Call)(input, options);
  };
  const ask = async (input: unknown, { signal }: { signal: AbortSignal }) => {
    const since = Date.now();
    return reapplied(warble, await call("query")(input, { signal }), since);
  };
  return {
    pathKey: () => key(undefined),
    queryKey: (input?: unknown) => key(input),
    queryOptions: (input?: unknown) => ({
      queryKey: key(input),
      queryFn: (context: { signal: AbortSignal }) => ask(input, context),
      retry: false,
    }),
    infiniteKey: (input?: unknown) => key(input, "pages"),
    infiniteOptions: (input?: object) => ({
      queryKey: key(input, "pages"),
      queryFn: (context: { signal: AbortSignal; pageParam: string | null }) => {
        const { pageParam: cursor } = context;
        return ask(cursor === null ? (input ?? {}) : { ...input, cursor }, context);
      },
      initialPageParam: null,
      getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor,
      retry: false,
    }),
    mutationOptions: () => ({
      mutationKey: key(undefined),
      mutationFn: (input: unknown) => call("mutate")(input),
      retry: false,
    }),
  };
}
