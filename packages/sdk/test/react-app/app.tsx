// A small page over the React package, for the browser's tests: home, notifications and one conversation.
import {
  QueryClient,
  QueryClientProvider,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { type FormEvent, StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import {
  browserStorage,
  cookieStorage,
  createWarble,
  documentCookies,
  isWarbleError,
  type Tweet,
} from "../../src/index";
import {
  useConversation,
  useFollow,
  useLike,
  useNotifications,
  useSession,
  useWarble,
  useWarbleQueries,
  WarbleProvider,
} from "../../src/react/index";

const here = new URLSearchParams(location.search);
const storage = here.has("cookie") ? cookieStorage(documentCookies()) : browserStorage();
const warble = createWarble({ url: here.get("server") ?? "", storage });
const queryClient = new QueryClient();
Object.assign(window, { warble, queryClient });

const textOf = (event: FormEvent<HTMLFormElement>): string => {
  event.preventDefault();
  const text = String(new FormData(event.currentTarget).get("text"));
  event.currentTarget.reset();
  return text;
};

function Page() {
  const { status, user } = useSession();
  const warble = useWarble();
  const [refused, setRefused] = useState("");
  const signIn = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const login = { identifier: String(form.get("name")), password: String(form.get("password")) };
    warble.auth.login(login).catch((error) => setRefused(isWarbleError(error) ? error.reason : "?"));
  };
  if (status === "loading") return <p>One moment …</p>;
  if (status === "signedOut") {
    return (
      <form id="login" onSubmit={signIn}>
        <h1>Warble</h1>
        <input name="name" placeholder="Name" aria-label="Name" />
        <input name="password" type="password" placeholder="Password" aria-label="Password" />
        <button type="submit">Sign in</button>
        {refused && <p role="alert">{refused}</p>}
      </form>
    );
  }
  const conversation = here.get("conversation");
  return (
    <>
      <header>
        <h1>Warble</h1>
        <span id="me">{user ? `@${user.username}` : ""}</span>
        <Bell />
        <button type="button" id="out" onClick={() => warble.auth.logout()}>
          Sign out
        </button>
      </header>
      <main>
        <Home />
        <aside>
          <Notices />
          <Inbox />
          {conversation && <Chat id={conversation} />}
        </aside>
      </main>
    </>
  );
}

function Home() {
  const queries = useWarbleQueries();
  const cache = useQueryClient();
  const home = useInfiniteQuery(queries.timelines.home.infiniteOptions({ limit: 5 }));
  const create = useMutation({
    ...queries.tweets.create.mutationOptions(),
    onSuccess: () => cache.invalidateQueries({ queryKey: queries.timelines.pathKey() }),
  });
  return (
    <section id="home">
      <form onSubmit={(event) => create.mutate({ content: textOf(event) })}>
        <input name="text" placeholder="What is going on?" aria-label="Tweet" />
        <button type="submit" disabled={create.isPending}>
          Tweet
        </button>
      </form>
      {create.error && <p role="alert">{create.error.reason}</p>}
      {home.data?.pages
        .flatMap(({ items }) => items)
        .map(({ tweet }) => (
          <Card key={tweet.id} tweet={tweet} />
        ))}
      {home.hasNextPage && (
        <button
          type="button"
          className="more"
          disabled={home.isFetching}
          onClick={() => home.fetchNextPage()}
        >
          More
        </button>
      )}
    </section>
  );
}

function Card({ tweet }: { tweet: Tweet }) {
  const [like, follow] = [useLike(), useFollow()];
  const [refused, setRefused] = useState("");
  const { author, viewer, counts } = tweet;
  const show = (error: unknown) => setRefused(isWarbleError(error) ? error.reason : "?");
  return (
    <article data-id={tweet.id}>
      <b>{author.displayName}</b> <small>@{author.username}</small>
      <p>{tweet.content}</p>
      <button
        type="button"
        className="like"
        aria-pressed={viewer?.liked ?? false}
        onClick={() => like(tweet, !viewer?.liked).catch(show)}
      >
        {viewer?.liked ? "♥" : "♡"} {counts.likes}
      </button>
      <button
        type="button"
        className="follow"
        onClick={() => follow(author, !author.viewer?.following).catch(show)}
      >
        {author.viewer?.following ? "Following" : "Follow"}
      </button>
      {refused && <em role="alert">{refused}</em>}
    </article>
  );
}

function Bell() {
  const { unread } = useNotifications();
  return <span id="unread">{unread?.count ?? "…"}</span>;
}

function Notices() {
  const { items, markAllRead, hasMore, loadMore } = useNotifications();
  return (
    <section id="notices">
      <h2>
        Notifications{" "}
        <button type="button" id="read" onClick={() => markAllRead()}>
          All read
        </button>
      </h2>
      {items.map(({ id, type, actor, read }) => (
        <p key={id} className={read ? "" : "unread"}>
          {type} by @{actor.username}
        </p>
      ))}
      {hasMore && (
        <button type="button" onClick={loadMore}>
          Older
        </button>
      )}
    </section>
  );
}

function Inbox() {
  const list = useInfiniteQuery(useWarbleQueries().chat.conversations.infiniteOptions({}));
  return (
    <section id="inbox">
      <h2>Conversations</h2>
      {list.data?.pages
        .flatMap(({ items }) => items)
        .map(({ id, lastMessage, unread }) => (
          <p key={id} className={unread > 0 ? "unread" : ""}>
            {lastMessage?.content} ({unread})
          </p>
        ))}
    </section>
  );
}

function Chat({ id }: { id: string }) {
  const { userId } = useSession();
  const chat = useConversation(id);
  const { conversation, messages, pending, typing, markRead } = chat;
  const newest = messages.at(-1)?.id;
  useEffect(() => {
    if (newest) void markRead();
  }, [newest, markRead]);
  const others = conversation?.reads.filter((mark) => mark.userId !== userId) ?? [];
  const seen = Math.max(0, ...others.map(({ number }) => number));
  return (
    <section id="chat">
      <h2>{conversation?.members.map(({ username }) => `@${username}`).join(", ") ?? "Messages"}</h2>
      {chat.hasOlder && (
        <button type="button" className="older" onClick={chat.loadOlder}>
          Older
        </button>
      )}
      <ol>
        {messages.map((message) => (
          <li key={message.clientId} className={message.senderId === userId ? "mine" : ""}>
            {message.content} {message.senderId === userId && message.number <= seen && <small>seen</small>}
          </li>
        ))}
        {pending.map((message) => (
          <li key={message.clientId} className={`mine ${message.status}`}>
            {message.content} <small>{message.error?.reason ?? "…"}</small>
          </li>
        ))}
      </ol>
      <p id="typing">{typing.length > 0 && "is typing …"}</p>
      <form onSubmit={(event) => chat.send(textOf(event))}>
        <input name="text" placeholder="Message" aria-label="Message" onInput={chat.sendTyping} />
        <button type="submit">Send</button>
      </form>
    </section>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <WarbleProvider warble={warble}>
        <Page />
      </WarbleProvider>
    </QueryClientProvider>
  </StrictMode>,
);
