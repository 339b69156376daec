import type { ListById, Page, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { listCards } from "../users/user.view";
import { LikeModel, type LikeRecord } from "./like.model";
import { countsOf, moveCount, type PostCounts, type PostKey, postLiked, postUnliked } from "./post.service";

/**
 * Makes the viewer like a post, whether or not they do already; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted meanwhile
 */
export function likePost(ctx: ViewerContext, post: PostKey): Promise<PostCounts> {
  const edge = { userId: oid(ctx.viewer.id), postId: oid(post.id) };
  return inTransactionOn(post, async () => {
    if (await LikeModel.exists(edge)) return countsOf(post);
    const counts = await moveCount(post, "likes", 1);
    await LikeModel.insertMany([{ _id: newId(), ...edge, kind: post.kind }]);
    await ctx.jobs.emit(postLiked, { postId: post.id, userId: ctx.viewer.id });
    return counts;
  });
}

/**
 * Makes the viewer not like a post, whether or not they do; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted meanwhile
 */
export function unlikePost(ctx: ViewerContext, post: PostKey): Promise<PostCounts> {
  const edge = { userId: oid(ctx.viewer.id), postId: oid(post.id) };
  return inTransactionOn(post, async () => {
    const { deletedCount } = await LikeModel.deleteOne(edge);
    if (deletedCount === 0) return countsOf(post);
    const counts = await moveCount(post, "likes", -1);
    await ctx.jobs.emit(postUnliked, { postId: post.id, userId: ctx.viewer.id });
    return counts;
  });
}

// All who like one post move its counter: on one node in turn, rather than in conflict and over again.
const inTransactionOn = <T>({ id }: PostKey, work: () => Promise<T>): Promise<T> =>
  inTurn([id], () => transaction(work));

/** Whether this user likes this post. */
export const hasLiked = async (userId: ObjectId, postId: ObjectId): Promise<boolean> =>
  (await LikeModel.exists({ userId, postId })) !== null;

/** Who likes a post, the latest first. */
export function listLikers(
  ctx: Pick<Context, "viewer">,
  { id, cursor, limit }: ListById,
): Promise<Page<UserCard>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<LikeRecord, UserCard>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return LikeModel.find({ postId: oid(id), ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: (likes) =>
      listCards(
        ctx,
        likes.map((like) => like.userId),
      ),
    cursorOf: (like) => encodeCursor({ id: String(like._id) }),
  });
}
