import type { Notification } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { loadMutes } from "../mutes/mute.service";
import { type CommentRecord, findPosts, type TweetRecord } from "../posts/post.service";
import { showComments, showTweets } from "../posts/post.view";
import { loadSights, showSight } from "../users/user.view";
import { canSee } from "../visibility/visibility.service";
import type { NotificationRecord } from "./notification.model";

type Asker = Pick<Context, "viewer">;

/** Notifications as the viewer may see them, in order; null where the cause is gone or hidden. */
export async function showNotifications(
  ctx: Asker,
  records: NotificationRecord[],
): Promise<(Notification | null)[]> {
  const [sights, mutes, visible] = await Promise.all([
    loadSights(
      ctx,
      records.map((record) => record.actorId),
    ),
    loadMutes(ctx),
    visiblePosts(ctx, records),
  ]);
  return records.map((record) => {
    const { tweetId: threadId } = record;
    const actor = sights.get(String(record.actorId));
    const thing = threadId ? mutes({ content: "", terms: [], threadId }) : {};
    const postId = postOf(record);
    if (record.goneAt || !actor || !canSee({ ...actor, thing }, "news")) return null;
    if (postId && !visible.has(String(postId))) return null;
    return {
      id: String(record._id),
      type: record.type,
      actor: showSight(actor),
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
    showTweets(ctx, posts.filter(isTweet), "feeds"),
    showComments(ctx, posts.filter(isComment), "feeds"),
  ]);
  return new Set(
    [...tweets, ...comments].flatMap((post) => (post && !("unavailable" in post) ? post.id : [])),
  );
}

const isTweet = (post: TweetRecord | CommentRecord): post is TweetRecord => post.kind === "tweet";
const isComment = (post: TweetRecord | CommentRecord): post is CommentRecord => post.kind === "comment";
