import type { ListMessages, Message, Page } from "@warble/contracts";
import { z } from "zod";
import { batchById } from "../../platform/batch";
import type { ViewerContext } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import type { MemberRecord } from "./conversation.model";
import { requireConversation } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessages } from "./message.view";

const Position = z.strictObject({ number: z.int().min(1) });

/**
 * The messages of a conversation: newest first, or, with `after`, oldest first.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export async function listMessages(ctx: ViewerContext, input: ListMessages): Promise<Page<Message>> {
  const conversation = await requireConversation(ctx, input.conversationId);
  const upwards = input.after !== undefined;
  const from = decodeCursor(input.cursor, Position)?.number;
  const range = {
    ...(input.before !== undefined && { $lt: input.before }),
    ...(input.after !== undefined && { $gt: input.after }),
  };
  return fillPage({
    limit: input.limit,
    read: (last, count) => {
      const behind = last?.number ?? from;
      const and = behind === undefined ? [range] : [range, upwards ? { $gt: behind } : { $lt: behind }];
      return readMessages(conversation._id, { and, upwards, count });
    },
    show: (records: MessageRecord[]) => showMessages(ctx, records, [conversation]),
    cursorOf: ({ number }) => encodeCursor({ number }),
  });
}

function readMessages(
  conversationId: ObjectId,
  { and, upwards, count }: { and: object[]; upwards: boolean; count: number },
): Promise<MessageRecord[]> {
  const ranges = and.filter((range) => Object.keys(range).length > 0).map((number) => ({ number }));
  return MessageModel.find({ conversationId, ...(ranges.length > 0 && { $and: ranges }) })
    .sort({ number: upwards ? 1 : -1 })
    .limit(count)
    .lean();
}

export type { MessageRecord };

/** The records of these messages, in any order; the rules are not applied. */
export const findMessages = batchById<MessageRecord>((ids) =>
  MessageModel.find({ _id: { $in: ids } }).lean(),
);

/** The newest message of others that a member has not read and may see. */
export const findLatestUnread = (
  conversationId: ObjectId,
  { userId, readNumber, clearedNumber }: Pick<MemberRecord, "userId" | "readNumber" | "clearedNumber">,
): Promise<MessageRecord | null> =>
  MessageModel.findOne({
    conversationId,
    number: { $gt: Math.max(readNumber, clearedNumber) },
    senderId: { $ne: userId },
    deletedAt: null,
    hiddenFor: { $ne: userId },
  })
    .sort({ number: -1 })
    .lean();
