import type { Conversation, Message, UserCard } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { loadCards } from "../users/user.view";
import { type ConversationRecord, type MemberRecord, memberOf } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";
import { isHiddenFrom, showMessages } from "./message.view";

type Asker = Pick<ViewerContext, "viewer">;

/** Whether a member does not want to be told of it at this moment. */
export const isMuted = ({ muted, mutedUntil }: Pick<MemberRecord, "muted" | "mutedUntil">): boolean =>
  muted && (mutedUntil === null || mutedUntil > now());

/** Conversations as the viewer sees them, in order; null where a member is hidden, or the viewer is none. */
export async function showConversations(
  ctx: Asker,
  records: ConversationRecord[],
): Promise<(Conversation | null)[]> {
  const visible = await loadVisible(ctx, records);
  if (visible.size === 0) return records.map(() => null);
  const last = await loadLast(ctx, [...visible.keys()]);
  return records.map((record) => {
    const members = visible.get(record);
    return members
      ? { ...showRecord(ctx, record), members, lastMessage: last.get(String(record._id)) ?? null }
      : null;
  });
}

/** A conversation as the viewer, who is a member of it, sees it. @throws WarbleError CONVERSATION_NOT_FOUND */
export async function showConversation(ctx: Asker, record: ConversationRecord): Promise<Conversation> {
  const [conversation] = await showConversations(ctx, [record]);
  if (!conversation) throw new WarbleError("CONVERSATION_NOT_FOUND");
  return conversation;
}

/** The newest message that the viewer has not deleted from their view, by conversation. */
async function loadLast(ctx: Asker, records: ConversationRecord[]): Promise<Map<string, Message>> {
  const newest = await MessageModel.find({
    _id: { $in: records.flatMap(({ lastMessageId }) => lastMessageId ?? []) },
  }).lean();
  const last: MessageRecord[] = [];
  const places = new Map(records.map((record) => [String(record._id), record]));
  for (const message of newest) {
    const place = places.get(String(message.conversationId));
    const shown = isHiddenFrom(ctx, message, place) ? await findBefore(ctx, message, place) : message;
    if (shown) last.push(shown);
  }
  const shown = await showMessages(ctx, last, records);
  return new Map(shown.flatMap((message) => (message ? [[message.conversationId, message]] : [])));
}

async function findBefore(
  { viewer }: Asker,
  { conversationId, number }: MessageRecord,
  place: ConversationRecord | undefined,
): Promise<MessageRecord | null> {
  const cleared = (place && memberOf(place, viewer.id)?.clearedNumber) ?? 0;
  if (number <= cleared) return null;
  return MessageModel.findOne({
    conversationId,
    number: { $lt: number, $gt: cleared },
    hiddenFor: { $ne: oid(viewer.id) },
  })
    .sort({ number: -1 })
    .lean();
}

/** Those of the conversations that the viewer is a member of and may see, each with its members' cards. */
export async function loadVisible(
  ctx: Asker,
  records: ConversationRecord[],
): Promise<Map<ConversationRecord, UserCard[]>> {
  const mine = records.filter(({ members }) => members.some(({ userId }) => isViewer(ctx, userId)));
  if (mine.length === 0) return new Map();
  const cards = await loadCards(
    ctx,
    mine.flatMap(({ members }) => members.map(({ userId }) => userId)),
  );
  return new Map(
    mine.flatMap((record) => {
      const members = record.members.flatMap(({ userId }) => cards.get(String(userId)) ?? []);
      return members.length === record.members.length ? [[record, members]] : [];
    }),
  );
}

const isViewer = ({ viewer }: Asker, userId: object): boolean => String(userId) === viewer.id;

function showRecord(ctx: Asker, record: ConversationRecord): Omit<Conversation, "members" | "lastMessage"> {
  const id = String(record._id);
  const member = memberOf(record, ctx.viewer.id);
  const muted = member !== undefined && isMuted(member);
  // Of those who have not accepted it, the others are shown nothing, and not even that.
  const markOf = (each: MemberRecord, number: number) => ({
    conversationId: id,
    userId: String(each.userId),
    number: each.accepted || each === member ? number : 0,
  });
  return {
    id,
    unread: member?.unread ?? 0,
    state: member?.accepted ? "active" : "request",
    muted,
    mutedUntil: (muted && member?.mutedUntil?.toISOString()) || null,
    reads: record.members.map((each) => markOf(each, each.readNumber)),
    delivered: record.members.map((each) => markOf(each, Math.max(each.readNumber, each.deliveredNumber))),
  };
}
