import type { Conversation, Message } from "@warble/contracts";
import { now } from "../../platform/clock";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { type ConversationRecord, type MemberRecord, memberOf } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessages } from "./message.view";
import { type Asker, loadSeen, type Seen } from "./seen.view";
import { loadUnread } from "./unread.view";

/** For somebody's newest message that is shown, so many of people whom they may not see are passed over. */
const PASSED_OVER = 10;

/** Whether a member does not want to be told of it at this moment. */
export const isMuted = ({ muted, mutedUntil }: Pick<MemberRecord, "muted" | "mutedUntil">): boolean =>
  muted && (mutedUntil === null || mutedUntil > now());

/** Conversations as the viewer sees them, in order; null for those that they may not see or are no member of. */
export async function showConversations(
  ctx: Asker,
  records: ConversationRecord[],
): Promise<(Conversation | null)[]> {
  const all = await loadSeen(ctx, records);
  if (all.length === 0) return records.map(() => null);
  const last = await loadLast(ctx, all);
  const unread = await loadUnread(ctx, all);
  const places = new Map(all.map((seen) => [seen.record, seen]));
  return records.map((record) => {
    const seen = places.get(record);
    if (!seen) return null;
    const lastMessage = last.get(String(record._id)) ?? null;
    return { ...showRecord(ctx, seen), members: seen.cards, lastMessage, unread: unread.get(record) ?? 0 };
  });
}

/** A conversation as the viewer, who is a member of it, sees it. @throws WarbleError CONVERSATION_NOT_FOUND */
export async function showConversation(ctx: Asker, record: ConversationRecord): Promise<Conversation> {
  const [conversation] = await showConversations(ctx, [record]);
  if (!conversation) throw new WarbleError("CONVERSATION_NOT_FOUND");
  return conversation;
}

/** The newest message that the viewer is shown, by conversation. */
async function loadLast(ctx: Asker, all: Seen[]): Promise<Map<string, Message>> {
  const newest = await MessageModel.find({
    _id: { $in: all.flatMap(({ record }) => record.lastMessageId ?? []) },
  }).lean();
  const shown = await showMessages(ctx, newest, all);
  const last = new Map(shown.flatMap((message) => (message ? [[message.conversationId, message]] : [])));
  const places = new Map(all.map((seen) => [String(seen.record._id), seen]));
  for (const message of newest) {
    const id = String(message.conversationId);
    const seen = places.get(id);
    const before = seen && !last.has(id) ? await findBefore(ctx, message, seen) : null;
    if (before) last.set(id, before);
  }
  return last;
}

async function findBefore(ctx: Asker, newest: MessageRecord, seen: Seen): Promise<Message | null> {
  const { record, hidden } = seen;
  const cleared = memberOf(record, ctx.viewer.id)?.clearedNumber ?? 0;
  const unseen = hidden.map(oid);
  let { number } = newest;
  for (let round = 0; round < PASSED_OVER && number > cleared; round++) {
    const message = await MessageModel.findOne({
      conversationId: record._id,
      number: { $lt: number, $gt: cleared },
      hiddenFor: { $ne: oid(ctx.viewer.id) },
      ...(unseen.length > 0 && { senderId: { $nin: unseen } }),
    })
      .sort({ number: -1 })
      .lean();
    const [shown] = message ? await showMessages(ctx, [message], [seen]) : [];
    if (shown || !message) return shown ?? null;
    // Of somebody whom the viewer may not see, and who has left the group.
    unseen.push(message.senderId);
    number = message.number;
  }
  return null;
}

function showRecord(
  ctx: Asker,
  { record, hidden }: Seen,
): Omit<Conversation, "members" | "lastMessage" | "unread"> {
  const id = String(record._id);
  const member = memberOf(record, ctx.viewer.id);
  const muted = member !== undefined && isMuted(member);
  const others = record.members.filter(({ userId }) => !hidden.includes(String(userId)));
  // Of those who have not accepted it, the others are shown nothing, and not even that.
  const markOf = (each: MemberRecord, number: number) => ({
    conversationId: id,
    userId: String(each.userId),
    number: each.accepted || each === member ? number : 0,
  });
  return {
    id,
    kind: record.kind,
    title: record.title,
    roles:
      record.kind === "group" ? others.map(({ userId, role }) => ({ userId: String(userId), role })) : [],
    state: member?.accepted ? "active" : "request",
    muted,
    mutedUntil: (muted && member?.mutedUntil?.toISOString()) || null,
    reads: others.map((each) => markOf(each, each.readNumber)),
    delivered: others.map((each) => markOf(each, Math.max(each.readNumber, each.deliveredNumber))),
  };
}
