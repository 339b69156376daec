import type { Message, Page, UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { type ObjectId, oid, timeOf } from "../../platform/id";
import type { Stored } from "../../platform/mongo";
import { requireHolder } from "../auth/account.service";
import { showMe } from "../auth/account.view";
import { listPasskeys } from "../auth/passkey.service";
import { listSessions } from "../auth/session.service";
import { listConversations } from "../chat/conversation.service";
import { listMessages } from "../chat/message.service";
import { listRequests } from "../chat/request.service";
import { listStrikes } from "../moderation/strike.service";
import { listMutedWords } from "../mutes/mute.service";
import { listNotifications } from "../notifications/notification.service";
import { listVersions } from "../posts/edit.service";
import { allLikesBy, entriesOf, type Piece, postsBy } from "../posts/feed.service";
import { listBlocked, listMuted } from "../relationships/block.service";
import { listFollowers, listFollowing } from "../relationships/follow.service";
import { listFollowRequests } from "../relationships/request.service";

const AT_ONCE = 100;

/** One file of the archive: a line for each thing. */
interface Content {
  name: string;
  says: string;
  lines: (ctx: ViewerContext) => AsyncIterable<object>;
}

type Paged = { limit: number; cursor?: string };

/** All that a list of the API shows, page after page: what the rules hide from its reader is not in it. */
async function* all<T>(list: (page: Paged) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | null | undefined;
  do {
    const page: Page<T> = await list({ limit: AT_ONCE, ...(cursor && { cursor }) });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor);
}

async function* records<Row extends Stored>(read: (piece: Piece) => Promise<Row[]>): AsyncGenerator<Row> {
  let below: ObjectId | undefined;
  for (;;) {
    const rows = await read({ below, count: AT_ONCE });
    yield* rows;
    below = rows.at(-1)?._id;
    if (rows.length < AT_ONCE) return;
  }
}

async function* map<From, To>(items: AsyncIterable<From>, to: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield to(item);
}

const people = (list: (page: Paged) => Promise<Page<UserCard>>) =>
  map(all(list), ({ id, username, displayName }) => ({ id, username, displayName }));

const me = ({ viewer }: ViewerContext): ObjectId => oid(viewer.id);

async function* profile(ctx: ViewerContext) {
  const { viewer: _, ...shown } = await showMe(await requireHolder(me(ctx)));
  yield shown;
}

async function* account(ctx: ViewerContext) {
  const { account } = await requireHolder(me(ctx));
  const { email, emailVerified, createdAt, signedInAt } = account;
  yield { email, emailVerified, createdAt, signedInAt };
}

const written = (ctx: ViewerContext, kind: "tweet" | "comment") =>
  map(
    records((piece) => postsBy(me(ctx), kind, piece)),
    (post) => ({
      id: post._id,
      ...("tweetId" in post && { tweetId: post.tweetId }),
      ...("parentId" in post && { parentId: post.parentId }),
      content: post.content,
      entities: post.entities,
      counts: post.counts,
      createdAt: post.createdAt,
      editedAt: post.editedAt,
    }),
  );

async function* edits(ctx: ViewerContext) {
  for (const kind of ["tweet", "comment"] as const) {
    for await (const post of records((piece) => postsBy(me(ctx), kind, piece))) {
      if (post.version === 0) continue;
      const id = String(post._id);
      yield* map(
        all((page) => listVersions(post, { id, ...page })),
        (version) => ({ id, ...version }),
      );
    }
  }
}

const at = (id: ObjectId): string => new Date(timeOf(id)).toISOString();

const likes = (ctx: ViewerContext) =>
  map(
    records((piece) => allLikesBy(me(ctx), piece)),
    ({ _id, kind, postId }) => ({ kind, id: postId, likedAt: at(_id) }),
  );

async function* retweets(ctx: ViewerContext) {
  for await (const { _id, kind, tweetId } of records((piece) => entriesOf([me(ctx)], piece)))
    if (kind === "retweet") yield { id: tweetId, retweetedAt: at(_id) };
}

async function* conversations(ctx: ViewerContext) {
  yield* all((page) => listConversations(ctx, page));
  yield* all((page) => listRequests(ctx, page));
}

async function* messages(ctx: ViewerContext): AsyncGenerator<Message> {
  for await (const { id } of conversations(ctx)) {
    for await (const message of all((page) => listMessages(ctx, { conversationId: id, ...page })))
      if (!message.deleted) yield message;
  }
}

/** What the archive has. Hashes, seeds and secrets are nowhere in it, nor what others would not show its owner. */
export const CONTENTS: Content[] = [
  { name: "profile", says: "your profile, and your settings", lines: profile },
  { name: "account", says: "what you sign in with", lines: account },
  { name: "tweets", says: "what you tweeted", lines: (ctx) => written(ctx, "tweet") },
  { name: "comments", says: "what you answered", lines: (ctx) => written(ctx, "comment") },
  { name: "edits", says: "what your edited tweets and comments say and said, by their id", lines: edits },
  { name: "likes", says: "the ids of what you like, and since when", lines: likes },
  { name: "retweets", says: "the ids of what you retweeted, and when", lines: retweets },
  {
    name: "followers",
    says: "who follows you",
    lines: (ctx) => people((page) => listFollowers(ctx, { username: ctx.viewer.username, ...page })),
  },
  {
    name: "following",
    says: "whom you follow",
    lines: (ctx) => people((page) => listFollowing(ctx, { username: ctx.viewer.username, ...page })),
  },
  {
    name: "follow-requests",
    says: "who asks to follow you",
    lines: (ctx) => people((page) => listFollowRequests(ctx, page)),
  },
  { name: "blocked", says: "whom you block", lines: (ctx) => people((page) => listBlocked(ctx, page)) },
  { name: "muted", says: "whom you mute", lines: (ctx) => people((page) => listMuted(ctx, page)) },
  {
    name: "muted-words",
    says: "the words that you mute",
    lines: (ctx) => all((page) => listMutedWords(ctx, page)),
  },
  {
    name: "sessions",
    says: "the devices that you are signed in on",
    lines: (ctx) => all((page) => listSessions(ctx, page)),
  },
  { name: "passkeys", says: "your passkeys", lines: (ctx) => all((page) => listPasskeys(ctx, page)) },
  {
    name: "notifications",
    says: "what you were told",
    lines: (ctx) => all((page) => listNotifications(ctx, page)),
  },
  {
    name: "strikes",
    says: "what moderators did to you, with your appeals",
    lines: (ctx) => all((page) => listStrikes(ctx, page)),
  },
  { name: "conversations", says: "your conversations, and the requests", lines: conversations },
  { name: "messages", says: "the messages of these conversations that you can see", lines: messages },
];
