import type { ListMessages, Message, Page } from "@warble/contracts";
import { z } from "zod";
import { batchById } from "../../platform/batch";
import type { ViewerContext } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { memberOf } from "./conversation.model";
import { requireSeen } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessages } from "./message.view";

const Position = z.strictObject({ number: z.int().min(1) });

/**
 * The messages of a conversation: newest first, or, with `after`, oldest first.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export async function listMessages(ctx: ViewerContext, input: ListMessages): Promise<Page<Message>> {
  const seen = await requireSeen(ctx, input.conversationId);
  const { _id } = seen.record;
  const cleared = memberOf(seen.record, ctx.viewer.id)?.clearedNumber ?? 0;
  const upwards = input.after !== undefined;
  const from = decodeCursor(input.cursor, Position)?.number;
  const range = {
    $gt: Math.max(input.after ?? 0, cleared),
    ...(input.before !== undefined && { $lt: input.before }),
  };
  return fillPage({
    limit: input.limit,
    read: (last, count) => {
      const behind = last?.number ?? from;
      const and = behind === undefined ? [range] : [range, upwards ? { $gt: behind } : { $lt: behind }];
      return readMessages(_id, { and, upwards, count });
    },
    show: (records: MessageRecord[]) => showMessages(ctx, records, [seen]),
    cursorOf: ({ number }) => encodeCursor({ number }),
  });
}

const readMessages = (
  conversationId: ObjectId,
  { and, upwards, count }: { and: object[]; upwards: boolean; count: number },
): Promise<MessageRecord[]> =>
  MessageModel.find({ conversationId, $and: and.map((number) => ({ number })) })
    .sort({ number: upwards ? 1 : -1 })
    .limit(count)
    .lean();

export type { MessageRecord };

/** The records of these messages, in any order; the rules are not applied. */
export const findMessages = batchById<MessageRecord>((ids) =>
  MessageModel.find({ _id: { $in: ids } }).lean(),
);
