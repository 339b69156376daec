import type {
  Comment,
  CommentCounts,
  Flag,
  Tombstone,
  Tweet,
  TweetCounts,
  UserCard,
} from "@warble/contracts";
import type { Context } from "../../platform/context";
import { distinct, type ObjectId, oid } from "../../platform/id";
import { loadMutes } from "../mutes/mute.service";
import { blocksAmong } from "../relationships/relationship.service";
import { loadSights, showSight } from "../users/user.view";
import { judge, type Sight, type Surface } from "../visibility/visibility.service";
import { retweetedBy } from "./entry.service";
import { LikeModel } from "./like.model";
import type { CommentRecord, PostCounts, PostRecord, TweetRecord } from "./post.model";

type Asker = Pick<Context, "viewer">;

/**
 * Tweets as the viewer may see them, in order; null for what is deleted or hidden.
 * @param from the surface that they are shown on, or, for feeds, the authors where they have been loaded already
 */
export async function showTweets(
  ctx: Asker,
  records: TweetRecord[],
  from: "posts" | "feeds" | Map<string, Sight> = "posts",
): Promise<(Tweet | null)[]> {
  const around = await loadAround(ctx, records, typeof from === "string" ? undefined : from);
  const surface = typeof from === "string" ? from : "feeds";
  return records.map((tweet) => {
    const id = String(tweet._id);
    const seen = look(tweet, around, surface);
    return (
      seen && {
        ...shared(tweet, seen),
        counts: showTweetCounts(tweet.counts),
        viewer: ctx.viewer ? { liked: around.liked.has(id), retweeted: around.retweeted.has(id) } : null,
      }
    );
  });
}

/** Comments as the viewer may see them, in order; a tombstone for what is deleted or hidden. */
export async function showComments(
  ctx: Asker,
  records: CommentRecord[],
  surface: "posts" | "feeds" = "posts",
): Promise<(Comment | Tombstone)[]> {
  const around = await loadAround(ctx, records);
  return records.map((comment) => {
    const id = String(comment._id);
    const seen = look(comment, around, surface);
    if (!seen) return { id, unavailable: comment.deletedAt ? "deleted" : "hidden" };
    return {
      ...shared(comment, seen),
      tweetId: String(comment.tweetId),
      parentId: comment.parentId && String(comment.parentId),
      counts: showCommentCounts(comment.counts),
      viewer: ctx.viewer ? { liked: around.liked.has(id) } : null,
    };
  });
}

export const showTweetCounts = ({ likes, retweets, replies }: PostCounts): TweetCounts => ({
  likes,
  retweets,
  comments: replies,
});

export const showCommentCounts = ({ likes, replies }: PostCounts): CommentCounts => ({ likes, replies });

/** All that showing posts to a viewer needs beside the posts, one batch a collection. */
async function loadAround(ctx: Asker, records: PostRecord[], authors?: Map<string, Sight>) {
  const comments = records.filter(isComment);
  const tweets = records.filter((post): post is TweetRecord => !isComment(post));
  const [sights, mutes, blocked, liked, retweeted] = await Promise.all([
    authors ??
      loadSights(
        ctx,
        records.map((post) => post.authorId),
      ),
    loadMutes(ctx),
    blocksAmong(talking(comments)),
    ctx.viewer ? likedBy(oid(ctx.viewer.id), records) : NONE,
    ctx.viewer ? retweetedBy(oid(ctx.viewer.id), tweets) : NONE,
  ]);
  return { sights, mutes, blocked, liked, retweeted };
}

const isComment = (post: PostRecord): post is CommentRecord => post.kind === "comment";

const threadOf = (post: PostRecord): ObjectId => (isComment(post) ? post.tweetId : post._id);

/** Those who answer others, and those whom they answer. */
const talking = (comments: CommentRecord[]): ObjectId[] =>
  distinct(
    comments
      .filter(({ own }) => !own)
      .flatMap(({ authorId, answeredAuthorId }) => [authorId, answeredAuthorId]),
  );

const NONE: Set<string> = new Set();

/** Which of these posts a user likes, by their ids. */
async function likedBy(userId: ObjectId, posts: PostRecord[]): Promise<Set<string>> {
  const postIds = posts.filter(({ counts }) => counts.likes > 0).map(({ _id }) => _id);
  if (postIds.length === 0) return NONE;
  // By the driver: nothing is to be made of what comes back.
  const likes = await LikeModel.collection
    .find({ userId, postId: { $in: postIds } }, { projection: { _id: 0, postId: 1 } })
    .toArray();
  return new Set(likes.map(({ postId }) => String(postId)));
}

type Around = Awaited<ReturnType<typeof loadAround>>;

interface Seen {
  author: UserCard;
  flags: Flag[];
}

/** The author and flags of a post that the viewer may see on a surface; else null. */
function look(post: PostRecord, { sights, mutes, blocked }: Around, surface: Surface): Seen | null {
  const author = sights.get(String(post.authorId));
  if (!author) return null;
  const thing = {
    deleted: post.deletedAt !== null,
    ...mutes({ content: post.content, terms: post.terms, threadId: threadOf(post) }),
    ...(isComment(post) && {
      withheld: post.hiddenAt !== null,
      acrossBlock: blocked(post.authorId, post.answeredAuthorId),
    }),
  };
  const { shown, flags } = judge({ ...author, thing }, surface);
  return shown === "hidden" ? null : { author: showSight(author), flags };
}

const shared = (post: PostRecord, { author, flags }: Seen) => ({
  id: String(post._id),
  author,
  content: post.content,
  entities: post.entities,
  createdAt: post.createdAt.toISOString(),
  editedAt: post.editedAt?.toISOString() ?? null,
  flags,
});
