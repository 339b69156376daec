import type { DeleteMessage } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { oid } from "../../platform/id";
import { ConversationModel, type ConversationRecord } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";
import { filterShown } from "./message.view";
import { changeMessage, type Place } from "./message-change.service";

/** A message is gone from the view of these users. */
export const messageDeleted = defineEvent<{ messageId: string; userIds: string[] }>("message.deleted");

/**
 * Deletes a message from the viewer's own view, or, by its sender, for all; again changes nothing.
 * @throws WarbleError MESSAGE_NOT_FOUND; FORBIDDEN for the message of another for all
 */
export const deleteMessage = (ctx: ViewerContext, input: DeleteMessage): Promise<void> =>
  changeMessage(ctx, input.messageId, (place) =>
    input.for === "all" ? deleteForAll(ctx, place) : hide(ctx, place),
  );

/** What it said stays stored, for people report what was then deleted; but nobody finds it any more. */
async function deleteForAll(ctx: ViewerContext, place: Place): Promise<void> {
  const { message, memberIds } = place;
  if (String(message.senderId) !== ctx.viewer.id) {
    await requireInView(ctx, place);
    throw new WarbleError("FORBIDDEN");
  }
  if (message.deletedAt) return;
  const hidden = message.hiddenFor.map(String);
  await uncount(
    place.seen.record,
    message,
    memberIds.filter((id) => !hidden.includes(id)),
  );
  await MessageModel.updateOne({ _id: message._id }, { $set: { deletedAt: now(), terms: [] } });
  await tell(ctx, place, { userIds: memberIds, for: "all" });
}

async function hide(ctx: ViewerContext, place: Place): Promise<void> {
  const { message } = place;
  if (message.hiddenFor.some((id) => String(id) === ctx.viewer.id)) return;
  await requireInView(ctx, place);
  if (!message.deletedAt) await uncount(place.seen.record, message, [ctx.viewer.id]);
  await MessageModel.updateOne({ _id: message._id }, { $addToSet: { hiddenFor: oid(ctx.viewer.id) } });
  await tell(ctx, place, { userIds: [ctx.viewer.id], for: "me" });
}

/** Other than `requireShown`, it takes the tombstone of a deleted message, too. */
async function requireInView(ctx: ViewerContext, { message, seen }: Place): Promise<void> {
  const [shown] = await filterShown(ctx, [message], [seen]);
  if (!shown) throw new WarbleError("MESSAGE_NOT_FOUND");
}

/** Nobody has still to read what is gone. */
export async function uncount(
  { _id, members }: ConversationRecord,
  message: MessageRecord,
  userIds: string[],
): Promise<void> {
  const unread = members.filter(
    ({ userId, readNumber, clearedNumber }) =>
      userIds.includes(String(userId)) &&
      !userId.equals(message.senderId) &&
      Math.max(readNumber, clearedNumber) < message.number,
  );
  if (unread.length === 0) return;
  await ConversationModel.updateOne(
    { _id },
    { $inc: { "members.$[each].unread": -1 } },
    {
      arrayFilters: [
        { "each.userId": { $in: unread.map(({ userId }) => userId) }, "each.unread": { $gt: 0 } },
      ],
    },
  );
}

async function tell(
  ctx: ViewerContext,
  { message }: Place,
  gone: { userIds: string[]; for: "me" | "all" },
): Promise<void> {
  const messageId = String(message._id);
  await ctx.events.append(gone.userIds, "deleted", {
    conversationId: String(message.conversationId),
    messageId,
    number: message.number,
    for: gone.for,
  });
  await ctx.jobs.emit(messageDeleted, { messageId, userIds: gone.userIds });
}
