import type { DeleteMessage } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import { ConversationModel, type ConversationRecord, idsOf } from "./conversation.model";
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
  const { message, seen } = place;
  if (String(message.senderId) !== ctx.viewer.id) {
    await requireInView(ctx, place);
    throw new WarbleError("FORBIDDEN");
  }
  // What its sender takes back too, no moderator brings back.
  if (message.removedAt) await MessageModel.updateOne({ _id: message._id }, { $set: { removedAt: null } });
  if (message.deletedAt) return;
  await markDeleted(ctx, { message, record: seen.record }, { deletedAt: now() });
}

/** A message with the conversation that it is in. */
export interface Located {
  message: MessageRecord;
  record: ConversationRecord;
}

/** Leaves a message to nobody, and has its members told; in a transaction. */
export async function markDeleted(
  app: App,
  { message, record }: Located,
  marks: Partial<Pick<MessageRecord, "deletedAt" | "removedAt">>,
): Promise<void> {
  const userIds = idsOf(record);
  await uncount({ message, record }, userIds);
  await MessageModel.updateOne({ _id: message._id }, { $set: { ...marks, terms: [] } });
  await tell(app, message, { userIds, for: "all" });
}

async function hide(ctx: ViewerContext, place: Place): Promise<void> {
  const { message, seen } = place;
  if (message.hiddenFor.some((id) => String(id) === ctx.viewer.id)) return;
  await requireInView(ctx, place);
  const located = { message, record: seen.record };
  if (!message.deletedAt) await uncount(located, [ctx.viewer.id]);
  await MessageModel.updateOne({ _id: message._id }, { $addToSet: { hiddenFor: oid(ctx.viewer.id) } });
  await tell(ctx, message, { userIds: [ctx.viewer.id], for: "me" });
}

/** Other than `requireShown`, it takes the tombstone of a deleted message, too. */
async function requireInView(ctx: ViewerContext, { message, seen }: Place): Promise<void> {
  const [shown] = await filterShown(ctx, [message], [seen]);
  if (!shown) throw new WarbleError("MESSAGE_NOT_FOUND");
}

/** Nobody has still to read what is gone. */
export async function uncount({ message, record }: Located, userIds: string[]): Promise<void> {
  const unread = unreadBy({ message, record }).filter((id) => userIds.includes(String(id)));
  if (unread.length === 0) return;
  await ConversationModel.updateOne(
    { _id: record._id },
    { $inc: { "members.$[each].unread": -1 } },
    { arrayFilters: [{ "each.userId": { $in: unread }, "each.unread": { $gt: 0 } }] },
  );
}

/** Who has not read a message of another yet, nor deleted it from their view. */
export const unreadBy = ({ message, record }: Located): ObjectId[] =>
  record.members
    .filter(
      ({ userId, readNumber, clearedNumber }) =>
        !userId.equals(message.senderId) &&
        Math.max(readNumber, clearedNumber) < message.number &&
        !message.hiddenFor.some((each) => each.equals(userId)),
    )
    .map(({ userId }) => userId);

async function tell(
  { events, jobs }: App,
  message: MessageRecord,
  gone: { userIds: string[]; for: "me" | "all" },
): Promise<void> {
  const messageId = String(message._id);
  await events.append(gone.userIds, "deleted", {
    conversationId: String(message.conversationId),
    messageId,
    number: message.number,
    for: gone.for,
  });
  await jobs.emit(messageDeleted, { messageId, userIds: gone.userIds });
}
