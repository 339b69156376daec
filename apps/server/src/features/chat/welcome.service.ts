import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { type Ties, tiesBetween, tiesOf } from "../relationships/relationship.service";
import { findUsers } from "../users/user.service";
import { ConversationModel, memberOf } from "./conversation.model";

/**
 * Somebody to whom the viewer may write now: their setting decides, but whoever they wrote to may always answer.
 * @throws WarbleError USER_NOT_FOUND for who blocks the viewer, BLOCKING, FORBIDDEN
 */
export async function requireWelcome(ctx: ViewerContext, userId: string): Promise<void> {
  const [, [refusing]] = await Promise.all([requireNoBlock(ctx, userId), findRefusing(ctx, [userId])]);
  if (refusing) throw new WarbleError("FORBIDDEN", { message: "This person takes no messages from you." });
}

/** The ids of those of these users who take no messages from the viewer now. */
export async function findRefusing(ctx: ViewerContext, userIds: string[]): Promise<string[]> {
  const users = await findUsers(userIds.map(oid));
  const choosy = users.filter(({ messagesFrom }) => messagesFrom !== "everyone");
  const following = choosy.filter(({ messagesFrom }) => messagesFrom === "following");
  const followers = await findFollowers(
    ctx,
    following.map(({ _id }) => String(_id)),
  );
  const strict = choosy.map(({ _id }) => String(_id)).filter((id) => !followers.has(id));
  if (strict.length === 0) return [];
  const conversations = await ConversationModel.find({
    pairKey: { $in: strict.map((id) => pairKeyOf(ctx.viewer.id, id)) },
  }).lean();
  return strict.filter((id) => !conversations.some((each) => memberOf(each, id)?.hasWritten));
}

/** The key of the conversation of two people. */
export const pairKeyOf = (one: string, other: string): string => [one, other].sort().join(":");

async function findFollowers({ viewer }: ViewerContext, userIds: string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const ties = await tiesOf(oid(viewer.id), userIds.map(oid));
  return new Set(userIds.filter((id) => ties.get(id)?.followedBy));
}

/**
 * What stands between the viewer and a user, when neither blocks the other.
 * @throws WarbleError USER_NOT_FOUND for who blocks the viewer, BLOCKING
 */
export async function requireNoBlock({ viewer }: ViewerContext, userId: string): Promise<Ties> {
  const ties = await tiesBetween(viewer.id, userId);
  if (ties.blockedBy) throw new WarbleError("USER_NOT_FOUND");
  if (ties.blocking) throw new WarbleError("BLOCKING");
  return ties;
}
