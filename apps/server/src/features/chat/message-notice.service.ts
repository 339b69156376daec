import { type ObjectId, oid } from "../../platform/id";
import { isMuted } from "./chat.view";
import { type MemberRecord, memberOf } from "./conversation.model";
import { findConversations } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { filterShown } from "./message.view";
import type { Asker } from "./seen.view";

/** So many people are passed over whom a member may not see, and who have written last. */
const PASSED_OVER = 10;

const wantsNews = (member: MemberRecord): boolean => member.accepted && member.unread > 0 && !isMuted(member);

/** The ids of the members who have something to be told of; the rules are not applied. */
export async function membersToTell(id: ObjectId): Promise<string[]> {
  const [record] = await findConversations([id]);
  return record?.members.filter(wantsNews).map(({ userId }) => String(userId)) ?? [];
}

/** The newest message that a member is to be told of: of others whom they may see, and not read. */
export async function findNews(ctx: Asker, id: ObjectId): Promise<MessageRecord | undefined> {
  const [record] = await findConversations([id]);
  const member = record && memberOf(record, ctx.viewer.id);
  if (!member || !wantsNews(member)) return undefined;
  const unseen: ObjectId[] = [];
  while (unseen.length < PASSED_OVER) {
    const message = await MessageModel.findOne({
      conversationId: id,
      number: { $gt: Math.max(member.readNumber, member.clearedNumber) },
      senderId: { $nin: [oid(ctx.viewer.id), ...unseen] },
      deletedAt: null,
      hiddenFor: { $ne: oid(ctx.viewer.id) },
    })
      .sort({ number: -1 })
      .lean();
    // Of two, the other one is looked at with the notification itself.
    const [shown] = message ? await filterShown(ctx, [message], [{ record, cards: [], hidden: [] }]) : [];
    if (shown || !message) return shown;
    unseen.push(message.senderId);
  }
  return undefined;
}

/** Whether a user has nothing unread in a conversation, or is not in it any more. */
export async function hasRead(userId: string, id: ObjectId): Promise<boolean> {
  const [record] = await findConversations([id]);
  return !record || !memberOf(record, userId)?.unread;
}
