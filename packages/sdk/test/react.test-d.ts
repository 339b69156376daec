// What the compiler has to know of the React package: `npm run check` compiles this, and nothing runs it.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FeedItem, Me, Tweet, WarbleError } from "../src/index";
import {
  type ConversationState,
  type useConversation,
  useLike,
  useSession,
  useWarbleQueries,
} from "../src/react/index";

/** Whether two types are the same one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Whether an error may have this reason. */
const failsWith = <R extends string>(_error: { reason: R } | null, _reason: NoInfer<R>): void => undefined;
const is = <T extends true>(_?: T): void => undefined;

export function Queries() {
  const queries = useWarbleQueries();
  const tweet = useQuery(queries.tweets.get.queryOptions({ id: "1" }));
  is<Same<typeof tweet.data, Tweet | undefined>>();
  is<Same<typeof tweet.error extends WarbleError | null ? true : false, true>>();
  failsWith(tweet.error, "TWEET_NOT_FOUND");
  failsWith(tweet.error, "UNREACHABLE");
  // @ts-expect-error a tweet is not refused for a passkey
  failsWith(tweet.error, "BAD_PASSKEY");
  const content = useQuery({ ...queries.tweets.get.queryOptions({ id: "1" }), select: (one) => one.content });
  is<Same<typeof content.data, string | undefined>>();
  const me = useQuery(queries.auth.me.queryOptions());
  is<Same<typeof me.data, Me | undefined>>();

  // @ts-expect-error the input has no such field
  queries.tweets.get.queryOptions({ username: "alice" });
  // @ts-expect-error the input is needed
  queries.tweets.get.queryOptions();
  // @ts-expect-error there is no such procedure
  queries.tweets.shout;
  // @ts-expect-error a mutation has no answer to keep
  queries.tweets.create.queryOptions;
  // @ts-expect-error a query changes nothing
  queries.tweets.get.mutationOptions;
  // @ts-expect-error one tweet is no list
  queries.tweets.get.infiniteOptions;
  // @ts-expect-error streams are followed by useNotifications
  queries.notifications.stream;
}

export function Keys() {
  const queries = useWarbleQueries();
  const cache = useQueryClient();
  const kept = cache.getQueryData(queries.tweets.get.queryKey({ id: "1" }));
  is<Same<typeof kept, Tweet | undefined>>();
  const home = cache.getQueryData(queries.timelines.home.infiniteKey({}));
  is<Same<NonNullable<typeof home>["pages"][number]["items"][number], FeedItem>>();
  void cache.invalidateQueries({ queryKey: queries.tweets.get.queryKey() });
  void cache.invalidateQueries({ queryKey: queries.timelines.pathKey() });
  // @ts-expect-error the input has no such field
  queries.tweets.get.queryKey({ username: "alice" });
}

export function Lists() {
  const queries = useWarbleQueries();
  const home = useInfiniteQuery(queries.timelines.home.infiniteOptions({ limit: 50 }));
  is<Same<NonNullable<typeof home.data>["pages"][number]["items"], FeedItem[]>>();
  failsWith(home.error, "BAD_CURSOR");
  // @ts-expect-error home is nobody else's
  failsWith(home.error, "USER_NOT_FOUND");
  queries.users.suggestions.infiniteOptions();
  // @ts-expect-error whose timeline
  queries.timelines.user.infiniteOptions({ limit: 50 });
  // @ts-expect-error the cursor is TanStack's business
  queries.timelines.user.infiniteOptions({ username: "alice", cursor: "x" });
}

export function Mutations() {
  const queries = useWarbleQueries();
  const create = useMutation(queries.tweets.create.mutationOptions());
  create.mutate({ content: "hello" });
  is<Same<typeof create.data, Tweet | undefined>>();
  failsWith(create.error, "CONFLICT");
  // @ts-expect-error who writes needs no code
  failsWith(create.error, "BAD_CODE");
  // @ts-expect-error what is said is needed
  create.mutate({});
  const readAll = useMutation(queries.notifications.markAllRead.mutationOptions());
  readAll.mutate();
}

export function Session() {
  const session = useSession();
  is<Same<typeof session.status, "loading" | "signedOut" | "signedIn">>();
  if (session.status === "signedIn") is<Same<typeof session.userId, string>>();
  else is<Same<typeof session.user, null>>();
}

export function Hooks({ tweet, item }: { tweet: Tweet; item: FeedItem }) {
  const like = useLike();
  is<Same<ReturnType<typeof useConversation>, ConversationState>>();
  void like(tweet, true);
  if (item.comment) void like(item.comment, true);
  // @ts-expect-error a user is not liked
  void like(tweet.author, true);
}
