// A page that is rendered on the server, without any scripts: sign in, read home, write a tweet. The visitor's session is
// in a cookie, and each request has a client of its own.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createWarble, type FeedItem, isWarbleError, type SessionStorage, type Tokens } from "@warble/sdk";
import { escaped, html, loginForm } from "./page.layout";

const { WARBLE_URL = "http://localhost:4000", PORT = "3000", NODE_ENV } = process.env;
const COOKIE = "warble.session";
// `Lax` keeps forms of other sites from doing anything here.
const FLAGS = `Path=/; HttpOnly; SameSite=Lax${NODE_ENV === "production" ? "; Secure" : ""}`;

/** The session in the visitor's cookie. */
function cookieOf(request: IncomingMessage, response: ServerResponse): SessionStorage {
  const found = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? "")?.[1];
  let tokens: Tokens | null = null;
  try {
    tokens = found ? JSON.parse(decodeURIComponent(found)) : null;
  } catch {
    // A cookie that cannot be read is none.
  }
  return {
    load: () => tokens,
    save: (next) => {
      tokens = next;
      const seconds = next ? Math.floor((Date.parse(next.refreshExpiresAt) - Date.now()) / 1000) : 0;
      const value = next ? encodeURIComponent(JSON.stringify(next)) : "";
      response.setHeader("set-cookie", `${COOKIE}=${value}; Max-Age=${seconds}; ${FLAGS}`);
    },
  };
}

const itemOf = ({ tweet, retweetedBy }: FeedItem): string => `<article class="card">
  ${retweetedBy ? `<p class="quiet">${escaped(retweetedBy.displayName)} retweeted</p>` : ""}
  <p><b>${escaped(tweet.author.displayName)}</b> <span class="quiet">@${tweet.author.username} ·
    <time datetime="${tweet.createdAt}">${tweet.createdAt.slice(0, 16).replace("T", " ")}</time></span></p>
  <p class="content">${escaped(tweet.content)}</p>
  <p class="quiet">${tweet.counts.likes} likes · ${tweet.counts.retweets} retweets · ${tweet.counts.comments} comments</p>
</article>`;

async function home(warble: ReturnType<typeof createWarble>, url: URL): Promise<string> {
  const me = await warble.auth.me();
  if (!me) return loginForm();
  const cursor = url.searchParams.get("cursor");
  const { items, nextCursor } = await warble.api.timelines.home.query(cursor ? { cursor } : {});
  const older = nextCursor ? `<p><a href="/?cursor=${encodeURIComponent(nextCursor)}">Older</a></p>` : "";
  return `<header><h1>Warble</h1><form method="post" action="/logout">
    <span class="quiet">@${me.username}</span> <button class="plain">Sign out</button></form></header>
  <form class="card" method="post" action="/tweet">
    <label>What happens? <textarea name="content" rows="3" required></textarea></label><button>Tweet</button></form>
  ${items.map(itemOf).join("\n") || `<p class="quiet">Nothing here yet.</p>`}${older}`;
}

/** What the forms do. */
const ACTIONS: Record<
  string,
  (warble: ReturnType<typeof createWarble>, form: Record<string, string>) => Promise<unknown>
> = {
  "/login": (warble, { identifier = "", password = "" }) =>
    warble.auth.login({ identifier, password, device: "page" }),
  "/logout": (warble) => warble.auth.logout(),
  "/tweet": (warble, { content = "" }) => warble.api.tweets.create.mutate({ content }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://page");
  const warble = createWarble({ url: WARBLE_URL, storage: cookieOf(request, response) });
  response.setHeader("content-type", "text/html; charset=utf-8");
  try {
    const action = request.method === "POST" ? ACTIONS[url.pathname] : undefined;
    if (!action) return void response.end(html(await home(warble, url)));
    await action(warble, Object.fromEntries(new URLSearchParams(await text(request))));
    response.writeHead(303, { location: "/" }).end();
  } catch (error) {
    if (!isWarbleError(error)) throw error;
    response.statusCode = error.reason === "UNREACHABLE" ? 502 : 400;
    response.end(
      html(
        url.pathname === "/login"
          ? loginForm(error.message)
          : `<p>${escaped(error.message)}</p><a href="/">Back</a>`,
      ),
    );
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(PORT), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : PORT}`);
});
