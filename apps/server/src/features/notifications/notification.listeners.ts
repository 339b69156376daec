import type { NotificationType } from "@warble/contracts";
import type { App } from "../../platform/context";
import type { Listener } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import { inTurn } from "../../platform/turn";
import { findMessages, type MessageRecord } from "../chat/message.service";
import { findNews, hasRead, membersToTell } from "../chat/message-notice.service";
import { mentionedIn } from "../posts/content.service";
import { findLikes } from "../posts/like.service";
import { type CommentRecord, findPosts, type TweetRecord } from "../posts/post.service";
import { findRetweets } from "../posts/retweet.service";
import { tiesBetween } from "../relationships/relationship.service";
import { markConversationRead } from "./notification.service";
import {
  asViewer,
  messageKey,
  type News,
  notifyOfMessage,
  postsOf,
  teller,
  turnOfPost,
  withdraw,
  withdrawAll,
} from "./notify.service";

/** So many members of a group are told at once. */
const TOLD_AT_ONCE = 10;

type Post = TweetRecord | CommentRecord;

interface Tie {
  followerId: string;
  followeeId: string;
}

const tellOfText = teller(async (all) => all.map(() => true));

/** Tells those whom a post mentions, and those whom it answers; who is both is told of the answer. */
export const tellOfPost: Listener<{ postId: string }> = async (app, { postId }) => {
  const post = await findPost(postId);
  if (!post) return;
  const reasons = new Map<string, NotificationType>();
  for (const userId of mentionedIn(post.entities)) reasons.set(userId, "mention");
  for (const userId of await answeredBy(post)) reasons.set(userId, "reply");
  await tellEach(app, post, reasons);
};

/** Tells those whom only the new text of a post mentions. */
export const tellOfEdit: Listener<{ postId: string; mentioned: string[] }> = async (
  app,
  { postId, mentioned },
) => {
  const post = await findPost(postId);
  if (!post) return;
  const still = mentionedIn(post.entities).filter((userId) => mentioned.includes(userId));
  await tellEach(app, post, new Map(still.map((userId) => [userId, "mention"])));
};

/** Takes back all that was told about a post. */
export const forgetPost: Listener<{ postId: string }> = async (_app, { postId }) => {
  const post = await findPost(postId);
  if (!post) return;
  const { tweetId, commentId } = referencesOf(post);
  await inTurn([turnOfPost(post._id)], () => withdrawAll(tweetId, commentId));
};

const tellOfLikes = teller((all) => areAmong(findLikes, all));

/** Tells the author that somebody likes their post, or takes it back: whichever is true now. */
export const tellOfLike: Listener<{ postId: string; userId: string }> = async (app, { postId, userId }) => {
  const post = await findPost(postId);
  if (post) await tellOfLikes(app, reactionTo(post, "like", userId));
};

const tellOfRetweets = teller((all) => areAmong(findRetweets, all));

/** Tells the author that somebody retweeted their tweet, or takes it back: whichever is true now. */
export const tellOfRetweet: Listener<{ tweetId: string; userId: string }> = async (
  app,
  { tweetId, userId },
) => {
  const post = await findPost(tweetId);
  if (post) await tellOfRetweets(app, reactionTo(post, "retweet", userId));
};

const tellOfFollows = teller((all) => areTied("following", all));

/** Tells a user who follows them, or takes it back: whichever is true now. */
export const tellOfFollow: Listener<Tie> = (app, tie) => tellOfFollows(app, tieNews("follow", tie));

const tellOfRequests = teller((all) => areTied("requested", all));

/** Tells a user who asks to follow them, or takes it back: whichever is true now. */
export const tellOfRequest: Listener<Tie> = (app, tie) => tellOfRequests(app, tieNews("followRequest", tie));

/** Tells each member of a conversation of the newest message of others, unless it is muted, or they have read it. */
export const tellOfMessages: Listener<{ conversationId: string }> = async (app, { conversationId }) => {
  const id = oid(conversationId);
  const userIds = await membersToTell(id);
  for (let from = 0; from < userIds.length; from += TOLD_AT_ONCE) {
    const some = userIds.slice(from, from + TOLD_AT_ONCE);
    await Promise.all(some.map((userId) => inTurn([userId], () => tellOfNews(app, userId, id))));
  }
};

async function tellOfNews(app: App, userId: string, conversationId: ObjectId): Promise<void> {
  const viewer = await asViewer(userId);
  const message = viewer && (await findNews({ viewer }, conversationId));
  if (!message) return;
  const { senderId: actorId, number } = message;
  const key = messageKey(conversationId, number);
  await notifyOfMessage(app, { recipientId: oid(userId), type: "message", actorId, conversationId, key });
}

/** Takes back what these users were told of a message that is gone from their view. */
export const forgetMessage: Listener<{ messageId: string; userIds: string[] }> = async (
  _app,
  { messageId, userIds },
) => {
  const [message] = await findMessages([oid(messageId)]);
  if (!message) return;
  const key = messageKey(message.conversationId, message.number);
  for (const userId of userIds.filter((each) => isGoneFor(message, each))) {
    await inTurn([userId], () => withdraw({ recipientId: oid(userId), key }));
  }
};

const isGoneFor = ({ deletedAt, hiddenFor }: MessageRecord, userId: string): boolean =>
  deletedAt !== null || hiddenFor.some((each) => String(each) === userId);

/** Marks what was told of a conversation as read, once nothing in it is unread. */
export const readWithConversation: Listener<{ conversationId: string; userId: string }> = async (
  _app,
  { conversationId, userId },
) => {
  await inTurn([userId], async () => {
    if (await hasRead(userId, oid(conversationId))) await markConversationRead(userId, conversationId);
  });
};

async function findPost(id: string): Promise<Post | undefined> {
  const [post] = await findPosts([oid(id)]);
  return post;
}

/** The authors of what a comment answers: the tweet's, and the comment's above it. */
async function answeredBy(post: Post): Promise<string[]> {
  if (post.kind === "tweet") return [];
  const above = await findPosts([post.tweetId, ...(post.parentId ? [post.parentId] : [])]);
  return above.map(({ authorId }) => String(authorId));
}

const referencesOf = (post: Post): { tweetId: ObjectId; commentId: ObjectId | null } =>
  post.kind === "tweet"
    ? { tweetId: post._id, commentId: null }
    : { tweetId: post.tweetId, commentId: post._id };

const tellEach = async (app: App, post: Post, reasons: Map<string, NotificationType>): Promise<void> => {
  const news = { actorId: post.authorId, key: `post:${post._id}`, ...referencesOf(post) };
  await Promise.all(
    [...reasons].map(([userId, type]) => tellOfText(app, { ...news, type, recipientId: oid(userId) })),
  );
};

const reactionTo = (post: Post, type: "like" | "retweet", userId: string): News => ({
  recipientId: post.authorId,
  type,
  actorId: oid(userId),
  key: `${type}:${post._id}:${userId}`,
  ...referencesOf(post),
});

const tieNews = (type: "follow" | "followRequest", { followerId, followeeId }: Tie): News => ({
  recipientId: oid(followeeId),
  type,
  actorId: oid(followerId),
  key: `${type}:${followerId}`,
});

/** Which of these reactions there are. */
async function areAmong(find: typeof findLikes, all: News[]): Promise<boolean[]> {
  const found = await find(
    all.map(({ actorId }) => actorId),
    all.flatMap(postsOf),
  );
  const there = new Set(found.map(({ userId, postId }) => `${userId} ${postId}`));
  return all.map((news) => there.has(`${news.actorId} ${postsOf(news)}`));
}

/** Between whom of these there is such a tie. */
const areTied = (tie: "following" | "requested", all: News[]): Promise<boolean[]> =>
  Promise.all(
    all.map(async ({ actorId, recipientId }) => {
      const ties = await tiesBetween(String(actorId), String(recipientId));
      return ties[tie];
    }),
  );
