import { type EditMessage, type Message, searchTerms } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage } from "./message.view";
import { changeMessage, requireOpen, requireShown } from "./message-change.service";

const KEPT = 10;

/**
 * Changes what the viewer's own message says, while it is young enough; the same words again change nothing.
 * @throws WarbleError MESSAGE_NOT_FOUND; USER_NOT_FOUND or BLOCKING across a block; FORBIDDEN for the message of another, or after the time for it
 */
export const editMessage = (ctx: ViewerContext, { messageId, content }: EditMessage): Promise<Message> =>
  changeMessage(ctx, messageId, async (place) => {
    await requireShown(ctx, place);
    await requireOpen(ctx, place);
    const { message, seen, memberIds } = place;
    if (String(message.senderId) !== ctx.viewer.id) throw new WarbleError("FORBIDDEN");
    if (message.content === content) return showMessage(ctx, message, seen);
    requireYoung(ctx, message);
    const changes = { content, terms: searchTerms(content), editedAt: now() };
    await MessageModel.updateOne(
      { _id: message._id },
      // The first words stay, however often it is edited.
      { $set: changes, $push: { earlier: { $each: [message.content], $slice: KEPT } } },
    );
    const conversationId = String(message.conversationId);
    await ctx.events.append(memberIds, "updated", { messageId, conversationId });
    return showMessage(ctx, { ...message, ...changes }, seen);
  });

function requireYoung({ config }: ViewerContext, { createdAt }: MessageRecord): void {
  const { messageEditing } = config.policy;
  if (now().getTime() - createdAt.getTime() <= messageEditing * 1000) return;
  throw new WarbleError("FORBIDDEN", {
    message: `A message can be edited for ${Math.round(messageEditing / 3600)} hours after it was sent.`,
  });
}
