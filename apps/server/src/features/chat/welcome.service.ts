import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { relationshipsOf } from "../relationships/relationship.service";
import { findUser } from "../users/user.service";
import { ConversationModel, memberOf } from "./conversation.model";

/**
 * Somebody to whom the viewer may write now: their setting decides, but whoever they wrote to may always answer.
 * @throws WarbleError FORBIDDEN
 */
export async function requireWelcome(ctx: ViewerContext, userId: string): Promise<void> {
  const user = await findUser({ id: userId });
  if (!user || user.messagesFrom === "everyone") return;
  if (user.messagesFrom === "following" && (await isFollowedBy(ctx, userId))) return;
  const conversation = await ConversationModel.findOne({ pairKey: pairKeyOf(ctx.viewer.id, userId) }).lean();
  if (conversation && memberOf(conversation, userId)?.hasWritten) return;
  throw new WarbleError("FORBIDDEN", { message: "This person takes no messages from you." });
}

/** The key of the conversation of two people. */
export const pairKeyOf = (one: string, other: string): string => [one, other].sort().join(":");

async function isFollowedBy({ viewer }: ViewerContext, userId: string): Promise<boolean> {
  const relationships = await relationshipsOf(oid(viewer.id), [oid(userId)]);
  return relationships.get(userId)?.followedBy ?? false;
}
