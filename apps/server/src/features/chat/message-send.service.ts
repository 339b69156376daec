import { type Message, type SendMessage, searchTerms } from "@warble/contracts";
import { now, nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { inGroups } from "../../platform/group";
import { newId, type ObjectId, oid } from "../../platform/id";
import { remembering } from "../../platform/memory";
import { transaction } from "../../platform/mongo";
import { isBlockAmong } from "../relationships/relationship.service";
import {
  ConversationModel,
  type ConversationRecord,
  idsOf,
  type MemberRecord,
  memberOf,
} from "./conversation.model";
import {
  findConversationWith,
  newConversation,
  requireRecipient,
  requireSeen,
  withConversation,
} from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { showMessage } from "./message.view";
import { requireShown } from "./message-change.service";
import { findSent, repeated } from "./message-repeat.service";
import { countRequest, noticing, whoAccept } from "./request.service";
import { type Seen, wholly } from "./seen.view";
import { requireNoBlock, requireWelcome } from "./welcome.service";

/** Messages were stored in a conversation; of many at once only one says so. */
export const messageSent = defineEvent<{ conversationId: string }>("message.sent");

/** A message that may be stored. */
interface Draft {
  ctx: ViewerContext;
  input: SendMessage;
  /** Where it goes. */
  place: Seen;
  /** The members who accept the conversation by it. */
  accepting: MemberRecord[];
  replyTo: ObjectId | null;
}

/**
 * Stores a message. The same `clientId` again answers the message that it stored, whatever has changed since, but for
 * a group that the viewer is no longer in.
 * @throws WarbleError SELF_TARGET, USER_NOT_FOUND, BLOCKING, FORBIDDEN, CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND for
 * what it answers, RATE_LIMITED for too many conversations with strangers, BAD_INPUT for a `clientId` of another message
 */
export async function sendMessage(ctx: ViewerContext, input: SendMessage): Promise<Message> {
  const asked = { senderId: oid(ctx.viewer.id), clientId: input.clientId };
  try {
    // A block is looked for once more as it is stored.
    const target = await remembering(() => targetOf(ctx, input));
    // Nobody comes back to a conversation for what they sent before.
    const sent = isIn(ctx, target) ? null : await findSent(asked);
    if (sent) return await repeated(ctx, sent, input);
    const each = await draft(ctx, input, target);
    return await showMessage(ctx, await store(each), each.place);
  } catch (error) {
    // Few are sent twice, so else it is asked only of what is refused: the second one's id is taken.
    const sent = await findSent(asked);
    if (sent) return repeated(ctx, sent, input);
    throw error;
  }
}

/** Whether the viewer is in the conversation already. */
const isIn = ({ viewer }: ViewerContext, { known }: Target): boolean =>
  known !== null && memberOf(known.record, viewer.id)?.leftAt === null;

/** Whatever can be refused is refused here: nothing is stored yet, and nobody shares the transaction. */
async function draft(ctx: ViewerContext, input: SendMessage, target: Target): Promise<Draft> {
  const { known, recipientId } = target;
  const before = known ?? wholly(newConversation(ctx, recipientId ?? ""));
  const accepting = await whoAccept(ctx, before.record);
  const replyTo = await findAnswered(ctx, before, input.replyTo);
  await countRequest(ctx, before.record, accepting);
  const place = known && isIn(ctx, target) ? known : wholly(await withConversation(ctx, recipientId ?? ""));
  return { ctx, input, place, accepting, replyTo };
}

/** The conversation that a message goes to, if there is one; and of two people, the other one. */
interface Target {
  known: Seen | null;
  recipientId?: string;
}

async function targetOf(ctx: ViewerContext, { to, conversationId }: SendMessage): Promise<Target> {
  if (to !== undefined) {
    // All at once; that somebody is hidden goes before what they want.
    const [recipient, welcome, known] = await Promise.allSettled([
      requireRecipient(ctx, to),
      requireWelcome(ctx, to),
      findConversationWith(ctx, to),
    ]);
    for (const each of [recipient, welcome, known]) if (each.status === "rejected") throw each.reason;
    const record = known.status === "fulfilled" ? known.value : null;
    return { known: record && wholly(record), recipientId: to };
  }
  const known = await requireSeen(ctx, conversationId ?? "");
  if (known.record.kind === "group") return { known };
  const [recipientId = ""] = idsOf(known.record).filter((id) => id !== ctx.viewer.id);
  await requireWelcome(ctx, recipientId);
  return { known, recipientId };
}

/** The number is taken in the transaction that stores the message: none is left out, none comes too late. */
const store = inGroups<Draft, MessageRecord>({
  turnsOf: ({ place }) => idsOf(place.record),
  write: (drafts) => transaction(() => storeAll(drafts)),
});

async function storeAll(drafts: Draft[]): Promise<MessageRecord[]> {
  const ids = drafts.map(({ place }) => place.record._id);
  const found: ConversationRecord[] = await ConversationModel.find({ _id: { $in: ids } }).lean();
  const conversations = new Map(found.map((each) => [String(each._id), each]));
  await requireNoBlocks(drafts);
  const stored: MessageRecord[] = [];
  const changes: ReturnType<typeof changeOf>[] = [];
  for (const each of drafts) {
    const conversation = conversations.get(String(each.place.record._id));
    // A member of a group may have been removed meanwhile.
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
}

/** A block that was made meanwhile holds: it is in the logs of the same people, so one of the two sees the other. */
async function requireNoBlocks(drafts: Draft[]): Promise<void> {
  const direct = drafts.filter(({ place }) => place.record.kind === "direct");
  const userIds = direct.flatMap(({ place }) => place.record.members.map(({ userId }) => userId));
  if (userIds.length === 0 || !(await isBlockAmong(userIds))) return;
  for (const { ctx, place } of direct) {
    for (const id of idsOf(place.record)) if (id !== ctx.viewer.id) await requireNoBlock(ctx, id);
  }
}

const messageOf = ({ ctx, input, place, replyTo }: Draft, number: number): MessageRecord => ({
  _id: newId(),
  conversationId: place.record._id,
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
  removedAt: null,
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
  await ctx.events.append(idsOf(conversation), "message", { messageId: String(_id), conversationId });
  const pause = ctx.config.policy.messageNotices * 1000;
  const talking = lastNumber > 0 && nowMs() - lastMessageAt.getTime() < pause;
  const runAt = new Date(nowMs() + (talking ? pause : 0));
  await ctx.jobs.emit(messageSent, { conversationId }, { key: conversationId, runAt });
}

/** What a message answers, which is in the same conversation and still to be seen. */
async function findAnswered(
  ctx: ViewerContext,
  seen: Seen,
  messageId: string | undefined,
): Promise<ObjectId | null> {
  if (messageId === undefined) return null;
  const message = await MessageModel.findOne({
    _id: oid(messageId),
    conversationId: seen.record._id,
  }).lean();
  if (!message) throw new WarbleError("MESSAGE_NOT_FOUND");
  await requireShown(ctx, { message, seen });
  return message._id;
}
