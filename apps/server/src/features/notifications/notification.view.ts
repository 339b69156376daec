import type { Notification } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { type CommentRecord, findPosts, type TweetRecord } from "../posts/post.service";
import { showComments, showTweets } from "../posts/post.view";
import { loadCards } from "../users/user.view";
import type { NotificationRecord } from "./notification.model";

type Asker = Pick<Context, "viewer">;

/** Notifications as the viewer may see them, in order; null where the cause is gone or hidden. */
export async function showNotifications(
  ctx: Asker,
  records: NotificationRecord[],
): Promise<(Notification | null)[]> {
  const [cards, visible] = await Promise.all([
    loadCards(
      ctx,
      records.map((record) => record.actorId),
      "feeds",
    ),
    visiblePosts(ctx, records),
  ]);
  return records.map((record) => {
    const actor = cards.get(String(record.actorId));
    const postId = postOf(record);
    if (record.goneAt || !actor || (postId && !visible.has(String(postId)))) return null;
    return {
      id: String(record._id),
      type: record.type,
      actor,
      tweetId: record.tweetId && String(record.tweetId),
      commentId: record.commentId && String(record.commentId),
      conversationId: record.conversationId && String(record.conversationId),
      createdAt: record.createdAt.toISOString(),
      read: record.readAt !== null,
    };
  });
}

const postOf = (record: NotificationRecord) => record.commentId ?? record.tweetId;

async function visiblePosts(ctx: Asker, records: NotificationRecord[]): Promise<Set<string>> {
  const ids = records.flatMap((record) => postOf(record) ?? []);
  if (ids.length === 0) return new Set();
  const posts = await findPosts(ids);
  const [tweets, comments] = await Promise.all([
    showTweets(ctx, posts.filter(isTweet)),
    showComments(ctx, posts.filter(isComment)),
  ]);
  return new Set(
    [...tweets, ...comments].flatMap((post) => (post && !("unavailable" in post) ? post.id : [])),
  );
}

const isTweet = (post: TweetRecord | CommentRecord): post is TweetRecord => post.kind === "tweet";
const isComment = (post: TweetRecord | CommentRecord): post is CommentRecord => post.kind === "comment";
