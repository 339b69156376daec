import type { Message, SendMessage } from "@warble/contracts";
import { batch } from "../../platform/batch";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ConversationRecord, idsOf } from "./conversation.model";
import { findConversations, findVisible } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage } from "./message.view";
import { type Seen, wholly } from "./seen.view";

const MOST_ASKED = 100;

/** The message that a sender stored under an id of theirs, if there is one. */
export const findSent = batch<Pick<MessageRecord, "senderId" | "clientId">, MessageRecord | null>(
  async (all) => {
    const found = await MessageModel.find({
      senderId: { $in: all.map(({ senderId }) => senderId) },
      clientId: { $in: all.map(({ clientId }) => clientId) },
    }).lean();
    const byKey = new Map(found.map((message) => [`${message.senderId}:${message.clientId}`, message]));
    return all.map(({ senderId, clientId }) => byKey.get(`${senderId}:${clientId}`) ?? null);
  },
  MOST_ASKED,
);

/** The stored message as the answer to `input`, which must have asked for just that. */
export async function repeated(
  ctx: ViewerContext,
  sent: MessageRecord,
  input: SendMessage,
): Promise<Message> {
  const [record] = await findConversations([sent.conversationId]);
  if (!record) throw new Error("the conversation is gone");
  const there = input.conversationId === String(record._id) || isWith(ctx, record, input.to);
  const unchanged = sent.editedAt !== null || sent.deletedAt !== null || sent.content === input.content;
  const answers = String(sent.replyTo ?? "") === (input.replyTo ?? "");
  if (there && unchanged && answers) return showMessage(ctx, sent, await placeOf(ctx, record));
  throw new WarbleError("BAD_INPUT", {
    issues: [{ path: ["clientId"], code: "custom", message: "was used for another message" }],
  });
}

const isWith = ({ viewer }: ViewerContext, record: ConversationRecord, userId: string | undefined): boolean =>
  record.kind === "direct" && userId !== viewer.id && idsOf(record).some((id) => id === userId);

async function placeOf(ctx: ViewerContext, record: ConversationRecord): Promise<Seen> {
  if (record.kind === "direct") return wholly(record);
  const seen = (await findVisible(ctx, [record._id])).get(String(record._id));
  if (!seen) throw new WarbleError("CONVERSATION_NOT_FOUND");
  return seen;
}
