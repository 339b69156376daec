// A page that is rendered on the server, without any scripts: sign in, read home, write a tweet. The visitor's session is
// in a cookie, and each request has a client of its own.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import {
  cookieJar,
  cookieStorage,
  createWarble,
  type FeedItem,
  isWarbleError,
  type Warble,
} from "@warble/sdk";
import { escaped, html, loginForm } from "./page.layout";

const { WARBLE_URL = "http://localhost:4000", PORT = "3000", NODE_ENV } = process.env;

/** A client for one request, with the session of who asks. */
function clientOf(request: IncomingMessage, response: ServerResponse): Warble {
  const jar = cookieJar(request.headers.cookie, (line) => response.appendHeader("set-cookie", line));
  const storage = cookieStorage(jar, { secure: NODE_ENV === "production" });
  return createWarble({ url: WARBLE_URL, storage });
}

const itemOf = ({ tweet, retweetedBy }: FeedItem): string => `<article class="card">
  ${retweetedBy ? `<p class="quiet">${escaped(retweetedBy.displayName)} retweeted</p>` : ""}
  <p><b>${escaped(tweet.author.displayName)}</b> <span class="quiet">@${tweet.author.username} ·
    <time datetime="${tweet.createdAt}">${tweet.createdAt.slice(0, 16).replace("T", " ")}</time></span></p>
  <p class="content">${escaped(tweet.content)}</p>
  <p class="quiet">${tweet.counts.likes} likes · ${tweet.counts.retweets} retweets · ${tweet.counts.comments} comments</p>
</article>`;

async function home(warble: Warble, url: URL): Promise<string> {
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
const ACTIONS: Record<string, (warble: Warble, form: Record<string, string>) => Promise<unknown>> = {
  "/login": (warble, { identifier = "", password = "" }) =>
    warble.auth.login({ identifier, password, device: "page" }),
  "/logout": (warble) => warble.auth.logout(),
  "/tweet": (warble, { content = "" }) => warble.api.tweets.create.mutate({ content }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://page");
  const warble = clientOf(request, response);
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
