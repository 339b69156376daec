import type { ListMessages, Message, Page, SendMessage } from "@warble/contracts";
import { z } from "zod";
import { batchById } from "../../platform/batch";
import { now, nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { newId, type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { ConversationModel, type ConversationRecord, type MemberRecord } from "./conversation.model";
import {
  openConversation,
  otherMembers,
  requireConversation,
  requireRecipient,
  transactionOnce,
} from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage, showMessages } from "./message.view";
import { requireShown } from "./message-change.service";
import { countRequest, noticing, whoAccept } from "./request.service";
import { requireWelcome } from "./welcome.service";

/** Messages were stored in a conversation; of many at once only one says so. */
export const messageSent = defineEvent<{ conversationId: string }>("message.sent");

const Position = z.strictObject({ number: z.int().min(1) });

/**
 * Stores a message. The same `clientId` again answers the message that it stored, whatever has changed since.
 * @throws WarbleError SELF_TARGET, USER_NOT_FOUND, FORBIDDEN, CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND for
 * what it answers, BAD_INPUT for a `clientId` of another message
 */
export async function sendMessage(ctx: ViewerContext, input: SendMessage): Promise<Message> {
  const sent = await findSent(ctx, input.clientId);
  if (sent) return repeated(ctx, sent, input);
  const recipientId = await recipientOf(ctx, input);
  await requireWelcome(ctx, recipientId);
  return inTurn([ctx.viewer.id, recipientId], () =>
    transactionOnce(async () => {
      const meanwhile = await findSent(ctx, input.clientId);
      return meanwhile
        ? repeated(ctx, meanwhile, input)
        : showMessage(ctx, await store(ctx, input, recipientId));
    }),
  );
}

async function recipientOf(ctx: ViewerContext, { to, conversationId }: SendMessage): Promise<string> {
  if (conversationId !== undefined) {
    const [other] = await otherMembers(ctx, conversationId);
    if (other !== undefined) return other;
  }
  if (to === undefined) throw new WarbleError("CONVERSATION_NOT_FOUND");
  await requireRecipient(ctx, to);
  return to;
}

const findSent = (ctx: ViewerContext, clientId: string): Promise<MessageRecord | null> =>
  MessageModel.findOne({ senderId: oid(ctx.viewer.id), clientId }).lean();

/** The stored message as the answer to `input`, which must have asked for just that. */
async function repeated(ctx: ViewerContext, sent: MessageRecord, input: SendMessage): Promise<Message> {
  const there = input.conversationId === String(sent.conversationId) || (await isWith(sent, input.to));
  const unchanged = sent.editedAt !== null || sent.deletedAt !== null || sent.content === input.content;
  const answers = String(sent.replyTo ?? "") === (input.replyTo ?? "");
  if (there && unchanged && answers) return showMessage(ctx, sent);
  throw new WarbleError("BAD_INPUT", {
    issues: [{ path: ["clientId"], code: "custom", message: "was used for another message" }],
  });
}

async function isWith(sent: MessageRecord, userId: string | undefined): Promise<boolean> {
  if (userId === undefined || sent.senderId.equals(userId)) return false;
  const found = await ConversationModel.exists({ _id: sent.conversationId, "members.userId": oid(userId) });
  return found !== null;
}

/** The number is taken in the transaction that stores the message: none is left out, none comes too late. */
async function store(ctx: ViewerContext, input: SendMessage, recipientId: string): Promise<MessageRecord> {
  const senderId = oid(ctx.viewer.id);
  const before = await openConversation(ctx, recipientId);
  const { _id } = before;
  const replyTo = await findAnswered(ctx, before, input.replyTo);
  const accepting = await whoAccept(ctx, before);
  await countRequest(ctx, before, accepting);
  const messageId = newId();
  const createdAt = now();
  const conversation = await ConversationModel.findOneAndUpdate(
    { _id },
    {
      $inc: { lastNumber: 1, "members.$[other].unread": 1 },
      $set: {
        lastMessageId: messageId,
        lastMessageAt: createdAt,
        "members.$[].leftAt": null,
        "members.$[me].hasWritten": true,
        "members.$[accepting].accepted": true,
      },
    },
    {
      arrayFilters: [
        { "other.userId": { $ne: senderId } },
        { "me.userId": senderId },
        { "accepting.userId": { $in: accepting.map(({ userId }) => userId) } },
      ],
      returnDocument: "after",
    },
  ).lean();
  if (!conversation) throw new Error("the conversation is gone");
  const [message] = await MessageModel.insertMany([
    {
      _id: messageId,
      conversationId: _id,
      number: conversation.lastNumber,
      senderId,
      clientId: input.clientId,
      content: input.content,
      replyTo,
      createdAt,
    },
  ]);
  if (!message) throw new Error("the message was not stored");
  const back = before.members.filter(({ leftAt }) => leftAt !== null).map(({ userId }) => String(userId));
  await ctx.events.append([...back, ...noticing(before, accepting)], "conversation", {
    conversationId: String(_id),
  });
  const ids = { messageId: String(messageId), conversationId: String(_id) };
  await ctx.events.append([ctx.viewer.id, recipientId], "message", ids);
  await announce(ctx, before);
  return message.toObject();
}

/** Has those who are not there told of what was said; while much is said, now and then. */
function announce(ctx: ViewerContext, { _id, lastMessageAt, lastNumber }: ConversationRecord): Promise<void> {
  const conversationId = String(_id);
  const pause = ctx.config.policy.messageNotices * 1000;
  const talking = lastNumber > 0 && nowMs() - lastMessageAt.getTime() < pause;
  const runAt = new Date(nowMs() + (talking ? pause : 0));
  return ctx.jobs.emit(messageSent, { conversationId }, { key: conversationId, runAt });
}

/** What a message answers, which is in the same conversation and still to be seen. */
async function findAnswered(
  ctx: ViewerContext,
  conversation: ConversationRecord,
  messageId: string | undefined,
): Promise<ObjectId | null> {
  if (messageId === undefined) return null;
  const message = await MessageModel.findOne({
    _id: oid(messageId),
    conversationId: conversation._id,
  }).lean();
  if (!message) throw new WarbleError("MESSAGE_NOT_FOUND");
  requireShown(ctx, { message, conversation });
  return message._id;
}

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
