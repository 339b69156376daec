import { LIMITS, type Message, type QuotedMessage } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { ConversationModel, type ConversationRecord, memberOf } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";

type Asker = Pick<ViewerContext, "viewer">;

/** Whether a message is gone from the viewer's own view: deleted from it, or left behind with its conversation. */
export function isHiddenFrom(
  { viewer }: Asker,
  { number, hiddenFor }: MessageRecord,
  conversation: ConversationRecord | undefined,
): boolean {
  const member = conversation && memberOf(conversation, viewer.id);
  return !member || number <= member.clearedNumber || hiddenFor.some((id) => String(id) === viewer.id);
}

/** Messages of these conversations as the viewer sees them, in order; null where they are gone from their view. */
export async function showMessages(
  ctx: Asker,
  records: MessageRecord[],
  conversations: ConversationRecord[],
): Promise<(Message | null)[]> {
  const places = new Map(conversations.map((each) => [String(each._id), each]));
  const isHidden = (record: MessageRecord) =>
    isHiddenFrom(ctx, record, places.get(String(record.conversationId)));
  const quoted = await loadQuoted(
    ctx,
    records.filter((record) => !isHidden(record)),
  );
  return records.map((record) => (isHidden(record) ? null : show(record, quoted)));
}

/** A message as its conversation's members see it. */
export const showMessage = async (ctx: Asker, record: MessageRecord): Promise<Message> =>
  show(record, await loadQuoted(ctx, [record]));

function show(record: MessageRecord, quoted: Map<string, QuotedMessage>): Message {
  const deleted = record.deletedAt !== null;
  return {
    id: String(record._id),
    conversationId: String(record.conversationId),
    number: record.number,
    clientId: record.clientId,
    senderId: String(record.senderId),
    content: deleted ? "" : record.content,
    createdAt: record.createdAt.toISOString(),
    editedAt: record.editedAt?.toISOString() ?? null,
    deleted,
    replyTo: quoted.get(String(record.replyTo)) ?? null,
    reactions: deleted
      ? []
      : record.reactions.map(({ emoji, userIds }) => ({ emoji, userIds: userIds.map(String) })),
  };
}

async function loadQuoted(ctx: Asker, records: MessageRecord[]): Promise<Map<string, QuotedMessage>> {
  const ids = records.flatMap(({ replyTo }) => replyTo ?? []);
  if (ids.length === 0) return new Map();
  const quoted = await MessageModel.find({ _id: { $in: ids } }).lean();
  const conversations = await ConversationModel.find({
    _id: { $in: quoted.map(({ conversationId }) => conversationId) },
  }).lean();
  const places = new Map(conversations.map((each) => [String(each._id), each]));
  return new Map(
    quoted
      .filter((each) => !isHiddenFrom(ctx, each, places.get(String(each.conversationId))))
      .map((each) => [String(each._id), showQuoted(each)]),
  );
}

const showQuoted = ({ _id, number, senderId, content, deletedAt }: MessageRecord): QuotedMessage => ({
  id: String(_id),
  number,
  senderId: String(senderId),
  content: deletedAt ? "" : [...content].slice(0, LIMITS.quotedMessage).join(""),
});
