import { oid } from "../../platform/id";
import { type ConversationRecord, type MemberRecord, memberOf } from "./conversation.model";
import { MessageModel } from "./message.model";
import type { Asker, Seen } from "./seen.view";

/** How many messages of others, of those whom the member may see, come after message `after`. */
export const countAfter = (
  { record, hidden }: Pick<Seen, "record" | "hidden">,
  { userId, clearedNumber }: MemberRecord,
  after: number,
): Promise<number> =>
  MessageModel.countDocuments({
    conversationId: record._id,
    number: { $gt: Math.max(after, clearedNumber) },
    senderId: { $nin: [userId, ...hidden.map(oid)] },
    deletedAt: null,
    hiddenFor: { $ne: userId },
  });

/** How much the viewer has still to read in each of these. What is stored counts those whom they may not see, too. */
export async function loadUnread({ viewer }: Asker, all: Seen[]): Promise<Map<ConversationRecord, number>> {
  const counts = new Map<ConversationRecord, number>();
  for (const seen of all) {
    const member = memberOf(seen.record, viewer.id);
    const recount = member && member.unread > 0 && seen.hidden.length > 0;
    counts.set(
      seen.record,
      recount ? await countAfter(seen, member, member.readNumber) : (member?.unread ?? 0),
    );
  }
  return counts;
}
