import { searchTerms } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { findUser } from "../users/user.service";
import { ConversationModel, idsOf, memberOf } from "./conversation.model";
import { findConversations, findVisible } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { filterShown } from "./message.view";
import { type Located, markDeleted, unreadBy } from "./message-delete.service";

/** So many messages before a reported one, and after it, are evidence with it. */
const CONTEXT = 5;

/**
 * A message that the viewer is shown, if only as a tombstone, with what they are shown around it: what they may report.
 * @throws WarbleError MESSAGE_NOT_FOUND
 */
export async function readAround(
  ctx: ViewerContext,
  messageId: string,
): Promise<{ message: MessageRecord; around: MessageRecord[] }> {
  const message = await MessageModel.findById(oid(messageId)).lean();
  const seen =
    message && (await findVisible(ctx, [message.conversationId])).get(String(message.conversationId));
  const [shown] = message && seen ? await filterShown(ctx, [message], [seen]) : [];
  if (!shown || !seen) throw new WarbleError("MESSAGE_NOT_FOUND");
  const cleared = memberOf(seen.record, ctx.viewer.id)?.clearedNumber ?? 0;
  const read = (number: object, direction: 1 | -1): Promise<MessageRecord[]> =>
    MessageModel.find({
      conversationId: shown.conversationId,
      $and: [{ number }, { number: { $gt: cleared } }],
      hiddenFor: { $ne: oid(ctx.viewer.id) },
    })
      .sort({ number: direction })
      .limit(CONTEXT)
      .lean();
  const near = [...(await read({ $lt: shown.number }, -1)), shown, ...(await read({ $gt: shown.number }, 1))];
  const around = await filterShown(ctx, near, [seen]);
  return { message: shown, around: around.sort((a, b) => a.number - b.number) };
}

/**
 * Leaves a tombstone of a message to all members until it is restored; in a transaction.
 * @throws WarbleError MESSAGE_NOT_FOUND when it is deleted already
 */
export async function takeDownMessage(app: App, id: ObjectId): Promise<MessageRecord> {
  const located = await locate(id);
  if (located.message.deletedAt) throw new WarbleError("MESSAGE_NOT_FOUND");
  const at = now();
  await markDeleted(app, located, { deletedAt: at, removedAt: at });
  return located.message;
}

/**
 * Brings a message back that was taken down; in a transaction.
 * @throws WarbleError MESSAGE_NOT_FOUND when it is not, or its sender has deleted it or their account
 */
export async function restoreMessage({ events }: App, id: ObjectId): Promise<void> {
  const { message, record } = await locate(id);
  const sender = await findUser({ id: String(message.senderId) });
  if (!message.removedAt || !sender || sender.deletedAt) throw new WarbleError("MESSAGE_NOT_FOUND");
  await MessageModel.updateOne(
    { _id: id },
    { $set: { deletedAt: null, removedAt: null, terms: searchTerms(message.content) } },
  );
  const unread = unreadBy({ message, record });
  if (unread.length > 0) {
    await ConversationModel.updateOne(
      { _id: record._id },
      { $inc: { "members.$[each].unread": 1 } },
      { arrayFilters: [{ "each.userId": { $in: unread } }] },
    );
  }
  await events.append(idsOf(record), "updated", {
    messageId: String(id),
    conversationId: String(message.conversationId),
  });
}

async function locate(id: ObjectId): Promise<Located> {
  const message = await MessageModel.findById(id).lean();
  const [record] = message ? await findConversations([message.conversationId]) : [];
  if (!message || !record) throw new WarbleError("MESSAGE_NOT_FOUND");
  return { message, record };
}
