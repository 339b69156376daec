import { LIMITS, type Message, type ReactToMessage } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { memberOf } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage } from "./message.view";
import { changeMessage, type Place, requireOpen, requireShown } from "./message-change.service";

type Reactions = MessageRecord["reactions"];

/**
 * Sets the viewer's emoji on a message, or takes it away; where it is so already, nothing changes.
 * @throws WarbleError MESSAGE_NOT_FOUND; USER_NOT_FOUND or BLOCKING across a block; FORBIDDEN in a request; BAD_INPUT when
 * the message has too many different ones
 */
export const reactToMessage = (
  ctx: ViewerContext,
  { messageId, emoji, on }: ReactToMessage,
): Promise<Message> =>
  changeMessage(ctx, messageId, async (place) => {
    await requireShown(ctx, place);
    await requireOpen(ctx, place);
    requireAccepted(ctx, place);
    const { message, seen, memberIds } = place;
    const has = message.reactions.some((each) => each.emoji === emoji && includes(each, ctx.viewer.id));
    if (has === on) return showMessage(ctx, message, seen);
    const { reactions: before, conversationId } = message;
    const reactions = on
      ? withEmoji(before, emoji, ctx.viewer.id)
      : withoutEmoji(before, emoji, ctx.viewer.id);
    await MessageModel.updateOne({ _id: message._id }, { $set: { reactions } });
    await ctx.events.append(memberIds, "updated", { messageId, conversationId: String(conversationId) });
    return showMessage(ctx, { ...message, reactions }, seen);
  });

/** An emoji would tell the stranger that they were read. */
function requireAccepted({ viewer }: ViewerContext, { seen }: Place): void {
  if (memberOf(seen.record, viewer.id)?.accepted) return;
  throw new WarbleError("FORBIDDEN", { message: "Accept the request first, or answer it." });
}

const includes = ({ userIds }: Reactions[number], userId: string): boolean =>
  userIds.some((each) => String(each) === userId);

function withEmoji(reactions: Reactions, emoji: string, userId: string): Reactions {
  if (reactions.some((each) => each.emoji === emoji)) {
    return reactions.map((each) =>
      each.emoji === emoji ? { emoji, userIds: [...each.userIds, oid(userId)] } : each,
    );
  }
  if (reactions.length < LIMITS.reactionsPerMessage) return [...reactions, { emoji, userIds: [oid(userId)] }];
  const message = `must be one of the ${LIMITS.reactionsPerMessage} that the message has already`;
  throw new WarbleError("BAD_INPUT", { issues: [{ path: ["emoji"], code: "custom", message }] });
}

const withoutEmoji = (reactions: Reactions, emoji: string, userId: string): Reactions =>
  reactions
    .map((each) =>
      each.emoji === emoji ? { emoji, userIds: each.userIds.filter((id) => String(id) !== userId) } : each,
    )
    .filter(({ userIds }) => userIds.length > 0);
