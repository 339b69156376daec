import type { Comment, CommentCounts, Tombstone, Tweet, TweetCounts, UserCard } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { loadCards } from "../users/user.view";
import type { Surface } from "../visibility/visibility.service";
import { EntryModel } from "./entry.model";
import { LikeModel } from "./like.model";
import type { CommentRecord, PostCounts, PostRecord, TweetRecord } from "./post.model";

type Asker = Pick<Context, "viewer">;

/**
 * Tweets as the viewer may see them, in order; null for what is deleted or hidden.
 * @param from the surface that they are shown on, or the authors' cards where they have been loaded for it already
 */
export async function showTweets(
  ctx: Asker,
  records: TweetRecord[],
  from: "posts" | "feeds" | Map<string, UserCard> = "posts",
): Promise<(Tweet | null)[]> {
  const { cards, liked, retweeted } = await loadAround(ctx, records, from);
  return records.map((tweet) => {
    const author = cards.get(String(tweet.authorId));
    if (!author || tweet.deletedAt) return null;
    const id = String(tweet._id);
    return {
      ...shared(tweet),
      author,
      counts: showTweetCounts(tweet.counts),
      viewer: ctx.viewer ? { liked: liked.has(id), retweeted: retweeted.has(id) } : null,
    };
  });
}

/** Comments as the viewer may see them, in order; a tombstone for what is deleted or hidden. */
export async function showComments(ctx: Asker, records: CommentRecord[]): Promise<(Comment | Tombstone)[]> {
  const { cards, liked } = await loadAround(ctx, records, "posts");
  return records.map((comment) => {
    const id = String(comment._id);
    if (comment.deletedAt) return { id, unavailable: "deleted" };
    const author = cards.get(String(comment.authorId));
    const mine = ctx.viewer?.id === String(comment.authorId);
    if (!author || (comment.hiddenAt && !mine)) return { id, unavailable: "hidden" };
    return {
      ...shared(comment),
      tweetId: String(comment.tweetId),
      parentId: comment.parentId && String(comment.parentId),
      author,
      counts: showCommentCounts(comment.counts),
      viewer: ctx.viewer ? { liked: liked.has(id) } : null,
    };
  });
}

export const showTweetCounts = ({ likes, retweets, replies }: PostCounts): TweetCounts => ({
  likes,
  retweets,
  comments: replies,
});

export const showCommentCounts = ({ likes, replies }: PostCounts): CommentCounts => ({ likes, replies });

async function loadAround(ctx: Asker, records: PostRecord[], from: Surface | Map<string, UserCard>) {
  const postIds = records.map((post) => post._id);
  const [cards, liked, retweeted] = await Promise.all([
    typeof from !== "string"
      ? from
      : loadCards(
          ctx,
          records.map((post) => post.authorId),
          from,
        ),
    ctx.viewer
      ? LikeModel.find({ userId: oid(ctx.viewer.id), postId: { $in: postIds } }, { postId: 1 }).lean()
      : [],
    ctx.viewer && records.some((post) => post.kind === "tweet")
      ? EntryModel.find(
          { tweetId: { $in: postIds }, actorId: oid(ctx.viewer.id), kind: "retweet" },
          { tweetId: 1 },
        ).lean()
      : [],
  ]);
  return {
    cards,
    liked: new Set(liked.map((like) => String(like.postId))),
    retweeted: new Set(retweeted.map((entry) => String(entry.tweetId))),
  };
}

const shared = (post: PostRecord) => ({
  id: String(post._id),
  content: post.content,
  entities: post.entities,
  createdAt: post.createdAt.toISOString(),
  editedAt: post.editedAt?.toISOString() ?? null,
});
