import type { Notification } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { loadMutes } from "../mutes/mute.service";
import { type CommentRecord, findPosts, type TweetRecord } from "../posts/post.service";
import { showComments, showTweets } from "../posts/post.view";
import { loadSights, showSight } from "../users/user.view";
import { canSee, type Sight } from "../visibility/visibility.service";
import type { NotificationRecord } from "./notification.model";

type Asker = Pick<Context, "viewer">;

/** Notifications as the viewer may see them, in order; null where the cause is gone or hidden. */
export async function showNotifications(
  ctx: Asker,
  records: NotificationRecord[],
): Promise<(Notification | null)[]> {
  const self = ctx.viewer ? [oid(ctx.viewer.id)] : [];
  const loading = loadSights(ctx, [...records.map((record) => record.actorId), ...self]);
  const [sights, mutes, visible] = await Promise.all([
    loading,
    loadMutes(ctx),
    visiblePosts(ctx, records, loading),
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

async function visiblePosts(
  ctx: Asker,
  records: NotificationRecord[],
  sights: Promise<Map<string, Sight>>,
): Promise<Set<string>> {
  const ids = records.flatMap((record) => postOf(record) ?? []);
  if (ids.length === 0) return new Set();
  const posts = await findPosts(ids);
  // Most of what people are told is about what they wrote: that need not be shown to see whether it would be.
  const self = (await sights).get(ctx.viewer?.id ?? "");
  const [own, others] = [posts.filter(isBy(self)), posts.filter((post) => !isBy(self)(post))];
  const [tweets, comments] =
    others.length === 0
      ? [[], []]
      : await Promise.all([
          showTweets(ctx, others.filter(isTweet), "feeds"),
          showComments(ctx, others.filter(isComment), "feeds"),
        ]);
  const shown = [...tweets, ...comments].flatMap((post) => (post && !("unavailable" in post) ? post.id : []));
  const seen = own.filter(
    ({ deletedAt }) => self && canSee({ ...self, thing: { deleted: deletedAt !== null } }, "feeds"),
  );
  return new Set([...shown, ...seen.map(({ _id }) => String(_id))]);
}

const isBy =
  (sight: Sight | undefined) =>
  ({ authorId }: Post): boolean =>
    sight?.owner._id.equals(authorId) === true;

type Post = TweetRecord | CommentRecord;

const isTweet = (post: Post): post is TweetRecord => post.kind === "tweet";
const isComment = (post: Post): post is CommentRecord => post.kind === "comment";
