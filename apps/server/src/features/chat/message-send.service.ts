import { type Message, type SendMessage, searchTerms } from "@warble/contracts";
import { batch } from "../../platform/batch";
import { now, nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { inGroups } from "../../platform/group";
import { newId, type ObjectId, oid } from "../../platform/id";
import { isDuplicate } from "../../platform/mongo";
import {
  ConversationModel,
  type ConversationRecord,
  type MemberRecord,
  memberOf,
} from "./conversation.model";
import {
  findConversationWith,
  newConversation,
  requireConversation,
  requireRecipient,
  withConversation,
} from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage } from "./message.view";
import { requireShown } from "./message-change.service";
import { countRequest, noticing, whoAccept } from "./request.service";
import { requireWelcome } from "./welcome.service";

/** Messages were stored in a conversation; of many at once only one says so. */
export const messageSent = defineEvent<{ conversationId: string }>("message.sent");

const MOST_ASKED = 100;

/** A message that may be stored. */
interface Draft {
  ctx: ViewerContext;
  input: SendMessage;
  conversation: ConversationRecord;
  /** The members who accept the conversation by it. */
  accepting: MemberRecord[];
  replyTo: ObjectId | null;
}

/**
 * Stores a message. The same `clientId` again answers the message that it stored, whatever has changed since.
 * @throws WarbleError SELF_TARGET, USER_NOT_FOUND, FORBIDDEN, CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND for
 * what it answers, RATE_LIMITED for too many conversations with strangers, BAD_INPUT for a `clientId` of another message
 */
export async function sendMessage(ctx: ViewerContext, input: SendMessage): Promise<Message> {
  const asked = { senderId: oid(ctx.viewer.id), clientId: input.clientId };
  const sent = await findSent(asked);
  if (sent) return repeated(ctx, sent, input);
  try {
    return await showMessage(ctx, await store(await draft(ctx, input)));
  } catch (error) {
    const meanwhile = isDuplicate(error) ? await findSent(asked) : null;
    if (meanwhile) return repeated(ctx, meanwhile, input);
    throw error;
  }
}

/** Whatever can be refused is refused here: nothing is stored yet, and nobody shares the transaction. */
async function draft(ctx: ViewerContext, input: SendMessage): Promise<Draft> {
  const { known, recipientId } = await placeOf(ctx, input);
  await requireWelcome(ctx, recipientId);
  const before = known ?? newConversation(ctx, recipientId);
  const accepting = await whoAccept(ctx, before);
  const replyTo = await findAnswered(ctx, before, input.replyTo);
  await countRequest(ctx, before, accepting);
  const isIn = known && !memberOf(known, ctx.viewer.id)?.leftAt;
  const conversation = isIn ? known : await withConversation(ctx, recipientId);
  return { ctx, input, conversation, accepting, replyTo };
}

/** To whom a message goes, and their conversation if there is one. */
async function placeOf(ctx: ViewerContext, { to, conversationId }: SendMessage) {
  if (to !== undefined) {
    const [known] = await Promise.all([findConversationWith(ctx, to), requireRecipient(ctx, to)]);
    return { known, recipientId: to };
  }
  const known = await requireConversation(ctx, conversationId ?? "");
  const other = known.members.find(({ userId }) => String(userId) !== ctx.viewer.id);
  if (!other) throw new WarbleError("CONVERSATION_NOT_FOUND");
  return { known, recipientId: String(other.userId) };
}

const findSent = batch<Pick<MessageRecord, "senderId" | "clientId">, MessageRecord | null>(async (all) => {
  const found = await MessageModel.find({
    $or: all.map(({ senderId, clientId }) => ({ senderId, clientId })),
  }).lean();
  const byKey = new Map(found.map((message) => [`${message.senderId}:${message.clientId}`, message]));
  return all.map(({ senderId, clientId }) => byKey.get(`${senderId}:${clientId}`) ?? null);
}, MOST_ASKED);

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
const store = inGroups<Draft, MessageRecord>({
  turnsOf: ({ conversation }) => conversation.members.map(({ userId }) => String(userId)),
  write: async (drafts) => {
    const ids = drafts.map(({ conversation }) => conversation._id);
    const found: ConversationRecord[] = await ConversationModel.find({ _id: { $in: ids } }).lean();
    const conversations = new Map(found.map((each) => [String(each._id), each]));
    const stored: MessageRecord[] = [];
    const changes: ReturnType<typeof changeOf>[] = [];
    for (const each of drafts) {
      const conversation = conversations.get(String(each.conversation._id));
      if (!conversation || !memberOf(conversation, each.ctx.viewer.id))
        throw new WarbleError("CONVERSATION_NOT_FOUND");
      const message = messageOf(each, conversation.lastNumber + 1);
      stored.push(message);
      changes.push(changeOf(each, message));
      await tell(each, conversation, message);
      conversations.set(String(conversation._id), after(conversation, each, message));
    }
    await ConversationModel.bulkWrite(changes);
    await MessageModel.insertMany(stored, { lean: true });
    return stored;
  },
});

const messageOf = ({ ctx, input, conversation, replyTo }: Draft, number: number): MessageRecord => ({
  _id: newId(),
  conversationId: conversation._id,
  number,
  senderId: oid(ctx.viewer.id),
  clientId: input.clientId,
  content: input.content,
  terms: searchTerms(input.content),
  replyTo,
  reactions: [],
  createdAt: now(),
  editedAt: null,
  earlier: [],
  deletedAt: null,
  hiddenFor: [],
});

/** What a message changes in its conversation. */
const changeOf = (
  { accepting }: Draft,
  { _id, conversationId, number, senderId, createdAt }: MessageRecord,
) => ({
  updateOne: {
    filter: { _id: conversationId },
    update: {
      $inc: { "members.$[other].unread": 1 },
      $set: {
        lastNumber: number,
        lastMessageId: _id,
        lastMessageAt: createdAt,
        "members.$[].leftAt": null,
        "members.$[me].hasWritten": true,
        "members.$[accepting].accepted": true,
      },
    },
    arrayFilters: [
      { "other.userId": { $ne: senderId } },
      { "me.userId": senderId },
      { "accepting.userId": { $in: accepting.map(({ userId }) => userId) } },
    ],
  },
});

/** The conversation as the next message of the same transaction finds it. */
const after = (
  conversation: ConversationRecord,
  { accepting }: Draft,
  { number, createdAt }: MessageRecord,
): ConversationRecord => ({
  ...conversation,
  lastNumber: number,
  lastMessageAt: createdAt,
  members: conversation.members.map((member) => ({
    ...member,
    leftAt: null,
    accepted: member.accepted || accepting.some(({ userId }) => userId.equals(member.userId)),
  })),
});

/** Has the members told: those who are there at once; the others now and then while much is said. */
async function tell(
  { ctx, accepting }: Draft,
  conversation: ConversationRecord,
  { _id }: MessageRecord,
): Promise<void> {
  const { members, lastNumber, lastMessageAt } = conversation;
  const conversationId = String(conversation._id);
  const back = members.filter(({ leftAt }) => leftAt !== null).map(({ userId }) => String(userId));
  // As they are by now: they may have read since.
  const opening = members.filter(
    (each) => !each.accepted && accepting.some(({ userId }) => userId.equals(each.userId)),
  );
  await ctx.events.append([...back, ...noticing(conversation, opening)], "conversation", { conversationId });
  const memberIds = members.map(({ userId }) => String(userId));
  await ctx.events.append(memberIds, "message", { messageId: String(_id), conversationId });
  const pause = ctx.config.policy.messageNotices * 1000;
  const talking = lastNumber > 0 && nowMs() - lastMessageAt.getTime() < pause;
  const runAt = new Date(nowMs() + (talking ? pause : 0));
  await ctx.jobs.emit(messageSent, { conversationId }, { key: conversationId, runAt });
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
