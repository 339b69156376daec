import type { MarkConversationRead, MarkDelivered } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { defineEvent } from "../../platform/events";
import { changeConversation, changeMember, type Place } from "./conversation.service";
import { MessageModel } from "./message.model";
import { countAfter } from "./unread.view";

/** A member has nothing more to read up to some message. */
export const conversationRead = defineEvent<{ conversationId: string; userId: string }>("conversation.read");

interface Mark {
  /** Where the mark is now. */
  number: number;
}

/**
 * Moves the viewer's read mark forward, never back, and never beyond the newest message.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export const markRead = (
  ctx: ViewerContext,
  { conversationId, number }: MarkConversationRead,
): Promise<Mark> =>
  changeConversation(ctx, conversationId, async (place) => {
    const { record, member } = place;
    const mark = Math.min(number, record.lastNumber);
    if (mark <= member.readNumber) return { number: member.readNumber };
    // Whom the viewer does not see now they may see again.
    const unread = await countAfter({ record, hidden: [] }, member, mark);
    await changeMember(place, { readNumber: mark, unread });
    await ctx.events.append(toldOf(place), "read", { conversationId, userId: ctx.viewer.id, number: mark });
    await ctx.jobs.emit(conversationRead, { conversationId, userId: ctx.viewer.id });
    return { number: mark };
  });

/**
 * Moves the viewer's mark of what they received forward, to the last message of others that is not after `number`.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export const markDelivered = (ctx: ViewerContext, { conversationId, number }: MarkDelivered): Promise<Mark> =>
  changeConversation(ctx, conversationId, async (place) => {
    const { record, member } = place;
    const before = Math.max(member.deliveredNumber, member.readNumber);
    const latest = await MessageModel.findOne(
      {
        conversationId: record._id,
        number: { $gt: Math.max(before, member.clearedNumber), $lte: number },
        senderId: { $ne: member.userId },
      },
      { number: 1 },
    )
      .sort({ number: -1 })
      .lean();
    if (!latest) return { number: before };
    await changeMember(place, { deliveredNumber: latest.number });
    const mark = { conversationId, userId: ctx.viewer.id, number: latest.number };
    await ctx.events.append(toldOf(place), "delivered", mark);
    return { number: latest.number };
  });

/** Who has not accepted it moves their marks for themselves alone. */
const toldOf = ({ member, memberIds }: Place): string[] =>
  member.accepted ? memberIds : [String(member.userId)];
