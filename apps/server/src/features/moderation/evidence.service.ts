import type { CreateReport, Evidence, ReportedMessage } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import type { MessageRecord } from "../chat/message.service";
import { readAround } from "../chat/message-restore.service";
import {
  findComment,
  findTweet,
  notFound,
  type PostRecord,
  requireComment,
  requireTweet,
} from "../posts/post.service";
import { requireThere } from "../relationships/block.service";
import { tiesBetween } from "../relationships/relationship.service";
import type { UserRecord } from "../users/user.service";

/** Whose the reported thing is, and how it looks at this moment. */
export interface Found {
  userId: ObjectId;
  evidence: Evidence;
}

type Target = Pick<CreateReport, "targetType" | "targetId">;

/** Refuses a post that the viewer may not see. @throws WarbleError TWEET_NOT_FOUND, COMMENT_NOT_FOUND */
export async function requireSeenPost(ctx: ViewerContext, { targetType, targetId }: Target): Promise<void> {
  if (targetType === "tweet") await requireTweet(ctx, targetId);
  if (targetType === "comment") await requireComment(ctx, targetId);
}

/**
 * What the viewer reports, as it is at this moment; in the transaction that stores it. Of a post it is not looked
 * whether they may see it: that takes several reads at once, and goes before.
 * @throws WarbleError USER_NOT_FOUND, TWEET_NOT_FOUND, COMMENT_NOT_FOUND or MESSAGE_NOT_FOUND
 */
export async function readEvidence(ctx: ViewerContext, { targetType, targetId }: Target): Promise<Found> {
  if (targetType === "user") {
    const ties = await tiesBetween(ctx.viewer.id, targetId);
    return evidenceOfUser(await requireThere(ctx, targetId, ties));
  }
  if (targetType !== "message") return evidenceOfPost(await requirePost(targetType, targetId));
  const { message, around } = await readAround(ctx, targetId);
  const messages = around.map((each) => showInEvidence(each, each._id.equals(message._id)));
  return { userId: message.senderId, evidence: { type: "message", messages } };
}

/** The record of a post that is not deleted. @throws WarbleError TWEET_NOT_FOUND, COMMENT_NOT_FOUND */
export async function requirePost(kind: "tweet" | "comment", id: string): Promise<PostRecord> {
  const post = kind === "tweet" ? await findTweet(id) : await findComment(id);
  if (!post || post.deletedAt) throw notFound(kind);
  return post;
}

/** A user's profile at this moment. */
export const evidenceOfUser = (user: UserRecord): Found => ({
  userId: user._id,
  evidence: {
    type: "user",
    username: user.username,
    displayName: user.displayName,
    bio: user.bio,
    location: user.location,
    website: user.website,
    avatarUrl: user.avatarUrl,
    bannerUrl: user.bannerUrl,
  },
});

/** A post at this moment. */
export const evidenceOfPost = (post: PostRecord): Found => ({
  userId: post.authorId,
  evidence: {
    type: "post",
    content: post.content,
    entities: post.entities,
    version: post.version,
    createdAt: post.createdAt.toISOString(),
    editedAt: post.editedAt?.toISOString() ?? null,
  },
});

/** People report what was then deleted: of the reported message what it said is shown all the same. */
const showInEvidence = (
  { _id, number, senderId, content, earlier, createdAt, deletedAt }: MessageRecord,
  reported: boolean,
): ReportedMessage => ({
  id: String(_id),
  number,
  senderId: String(senderId),
  content: deletedAt && !reported ? "" : content,
  earlier: reported ? earlier : [],
  createdAt: createdAt.toISOString(),
  reported,
});
