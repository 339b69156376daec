import type { NotificationType } from "@warble/contracts";
import type { App } from "../../platform/context";
import type { Listener } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import { inTurn } from "../../platform/turn";
import { findMessages, type MessageRecord } from "../chat/message.service";
import { findNews, hasRead, membersToTell } from "../chat/message-notice.service";
import { mentionedIn } from "../posts/content.service";
import { hasLiked } from "../posts/like.service";
import { type CommentRecord, findPosts, type TweetRecord } from "../posts/post.service";
import { hasRetweeted } from "../posts/retweet.service";
import { tiesBetween } from "../relationships/relationship.service";
import { markConversationRead } from "./notification.service";
import {
  asViewer,
  messageKey,
  type News,
  notify,
  notifyOfMessage,
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

/** What has to be true between two people for one to be told of it. */
const TIES = { follow: "following", followRequest: "requested" } as const;

/**
 * Those who would tell the same person, or of the same post, wait for each other, and for whoever else writes to this
 * person's log.
 */
const telling = inTurn<void>;

/** Tells those whom a post mentions, and those whom it answers; who is both is told of the answer. */
export const tellOfPost: Listener<{ postId: string }> = async (app, { postId }) => {
  const post = await findPost(postId);
  if (!post) return;
  const reasons = new Map<string, NotificationType>();
  for (const userId of mentionedIn(post.entities)) reasons.set(userId, "mention");
  for (const userId of await answeredBy(post)) reasons.set(userId, "reply");
  for (const [userId, type] of reasons) await tell(app, post, { type, userId });
};

/** Tells those whom only the new text of a post mentions. */
export const tellOfEdit: Listener<{ postId: string; mentioned: string[] }> = async (
  app,
  { postId, mentioned },
) => {
  const post = await findPost(postId);
  if (!post) return;
  const still = mentionedIn(post.entities).filter((userId) => mentioned.includes(userId));
  for (const userId of still) await tell(app, post, { type: "mention", userId });
};

/** Takes back all that was told about a post. */
export const forgetPost: Listener<{ postId: string }> = async (_app, { postId }) => {
  const post = await findPost(postId);
  if (!post) return;
  const { tweetId, commentId } = referencesOf(post);
  await telling([postId], () => withdrawAll(tweetId, commentId));
};

/** Tells the author that somebody likes their post, or takes it back: whichever is true now. */
export const tellOfLike: Listener<{ postId: string; userId: string }> = (app, { postId, userId }) =>
  tellOfReaction(app, { type: "like", postId, userId, isTrue: hasLiked });

/** Tells the author that somebody retweeted their tweet, or takes it back: whichever is true now. */
export const tellOfRetweet: Listener<{ tweetId: string; userId: string }> = (app, { tweetId, userId }) =>
  tellOfReaction(app, { type: "retweet", postId: tweetId, userId, isTrue: hasRetweeted });

/** Tells a user who follows them, or takes it back: whichever is true now. */
export const tellOfFollow: Listener<Tie> = (app, tie) => tellOfTie(app, "follow", tie);

/** Tells a user who asks to follow them, or takes it back: whichever is true now. */
export const tellOfRequest: Listener<Tie> = (app, tie) => tellOfTie(app, "followRequest", tie);

/** Tells each member of a conversation of the newest message of others, unless it is muted, or they have read it. */
export const tellOfMessages: Listener<{ conversationId: string }> = async (app, { conversationId }) => {
  const id = oid(conversationId);
  const userIds = await membersToTell(id);
  for (let from = 0; from < userIds.length; from += TOLD_AT_ONCE) {
    const some = userIds.slice(from, from + TOLD_AT_ONCE);
    await Promise.all(some.map((userId) => telling([userId], () => tellOfNews(app, userId, id))));
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
    await telling([userId], () => withdraw({ recipientId: oid(userId), key }));
  }
};

const isGoneFor = ({ deletedAt, hiddenFor }: MessageRecord, userId: string): boolean =>
  deletedAt !== null || hiddenFor.some((each) => String(each) === userId);

/** Marks what was told of a conversation as read, once nothing in it is unread. */
export const readWithConversation: Listener<{ conversationId: string; userId: string }> = async (
  _app,
  { conversationId, userId },
) => {
  await telling([userId], async () => {
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

/** In the turn of the post too: what is deleted meanwhile is taken back afterwards, not before. */
const tell = (app: App, post: Post, to: { type: NotificationType; userId: string }): Promise<void> =>
  telling([to.userId, String(post._id)], () =>
    notify(app, {
      recipientId: oid(to.userId),
      type: to.type,
      actorId: post.authorId,
      key: `post:${post._id}`,
      ...referencesOf(post),
    }),
  );

interface Reaction {
  type: "like" | "retweet";
  postId: string;
  userId: string;
  isTrue: (userId: ObjectId, postId: ObjectId) => Promise<boolean>;
}

async function tellOfReaction(app: App, { type, postId, userId, isTrue }: Reaction): Promise<void> {
  const post = await findPost(postId);
  if (!post) return;
  const [recipientId, actorId] = [post.authorId, oid(userId)];
  const news = { recipientId, type, actorId, key: `${type}:${postId}:${userId}`, ...referencesOf(post) };
  await telling([String(recipientId), postId], async () => {
    if (await isTrue(actorId, post._id)) await notify(app, news);
    else await withdraw(news);
  });
}

async function tellOfTie(app: App, type: keyof typeof TIES, { followerId, followeeId }: Tie): Promise<void> {
  const [actorId, recipientId] = [oid(followerId), oid(followeeId)];
  const news: News = { recipientId, type, actorId, key: `${type}:${followerId}` };
  await telling([followeeId], async () => {
    if ((await tiesBetween(followerId, followeeId))[TIES[type]]) await notify(app, news);
    else await withdraw(news);
  });
}
