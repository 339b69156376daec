import type { ListById, Page, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { listCards } from "../users/user.view";
import { LikeModel, type LikeRecord } from "./like.model";
import { type PostCounts, type PostKey, postLiked, postUnliked } from "./post.service";
import { type Between, reactions } from "./reaction.service";

const react = reactions({
  counter: "likes",
  find: findLikes,
  insert: (likes) =>
    LikeModel.insertMany(
      likes.map(({ _id, userId, post }) => ({ _id, userId, postId: post._id, kind: post.kind })),
      { lean: true },
    ),
  remove: (ids) => LikeModel.deleteMany({ _id: { $in: ids } }),
  tell: ({ jobs }, { userId, post }, isThere) =>
    jobs.emit(isThere ? postLiked : postUnliked, {
      postId: String(post._id),
      userId: String(userId),
      own: post.authorId.equals(userId),
    }),
});

/**
 * Makes the viewer like a post, whether or not they do already; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted meanwhile
 */
export const likePost = (ctx: ViewerContext, post: PostKey): Promise<PostCounts> =>
  react({ ctx, post, wanted: true });

/**
 * Makes the viewer not like a post, whether or not they do; answers its counters.
 * @throws WarbleError TWEET_NOT_FOUND or COMMENT_NOT_FOUND when it is deleted meanwhile
 */
export const unlikePost = (ctx: ViewerContext, post: PostKey): Promise<PostCounts> =>
  react({ ctx, post, wanted: false });

/** The likes of these people for these posts. */
export function findLikes(userIds: ObjectId[], postIds: ObjectId[]): Promise<Between[]> {
  return LikeModel.find(
    { userId: { $in: userIds }, postId: { $in: postIds } },
    { userId: 1, postId: 1 },
  ).lean();
}

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
