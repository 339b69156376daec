import { now } from "../../platform/clock";
import type { App, Viewer } from "../../platform/context";
import { NOBODY, type ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { ConversationModel, type ConversationRecord, idsOf } from "./conversation.model";
import { conversationRead } from "./mark.service";
import { leaveConversation } from "./membership.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { uncount } from "./message-delete.service";

const BATCH = 100;
const MESSAGES = 1_000;

/**
 * Takes a user out of a conversation: of a group, as if they left it; one of two people ends for the other one, too.
 * @returns whether there may be more
 */
export async function removeSomeConversations(app: App, userId: ObjectId): Promise<boolean> {
  const record = await ConversationModel.findOne({ "members.userId": userId }).lean();
  if (!record) return unsign(userId);
  if (record.kind === "direct" || record.members.length === 1) await removeConversation(app, record, userId);
  else await leaveConversation({ ...app, viewer: asViewer(userId) }, String(record._id));
  return true;
}

const asViewer = (userId: ObjectId): Viewer => ({
  id: String(userId),
  username: "",
  sessionId: "",
  role: "user",
  emailVerified: true,
});

/** A group bears its maker's id, so that it is made once. */
async function unsign(userId: ObjectId): Promise<false> {
  const madeAs = { $gte: `${userId}:`, $lt: `${userId};` };
  await ConversationModel.updateMany({ madeAs }, { $unset: { madeAs: 1 } });
  return false;
}

async function removeConversation(app: App, record: ConversationRecord, userId: ObjectId): Promise<void> {
  const { _id } = record;
  if (await removeMessages(_id)) return;
  const conversationId = String(_id);
  const others = idsOf(record).filter((id) => id !== String(userId));
  await inTurn(idsOf(record), () =>
    transaction(async () => {
      // What was written meanwhile goes first.
      if (await MessageModel.exists({ conversationId: _id })) return;
      await ConversationModel.deleteOne({ _id });
      await app.events.append(others, "left", { conversationId });
      for (const other of others) await app.jobs.emit(conversationRead, { conversationId, userId: other });
    }),
  );
}

/** @returns whether there were any */
async function removeMessages(conversationId: ObjectId): Promise<boolean> {
  const messages = await MessageModel.find({ conversationId }, { _id: 1 }).limit(MESSAGES).lean();
  await MessageModel.deleteMany({ _id: { $in: messages.map(({ _id }) => _id) } });
  return messages.length > 0;
}

/** Empties some of a user's messages in groups: nobody has still to read them, and nobody is shown them. @returns whether there may be more */
export async function removeSomeMessages(_app: App, senderId: ObjectId): Promise<boolean> {
  const messages = await MessageModel.find({ senderId }).limit(BATCH).lean();
  const [first] = messages;
  if (!first) return forgetSomeReaders(senderId);
  const { conversationId } = first;
  const together = messages.filter((each) => each.conversationId.equals(conversationId));
  const record = await ConversationModel.findById(conversationId, { members: 1 }).lean();
  await inTurn(record ? idsOf(record) : [], () => transaction(() => emptyMessages(conversationId, together)));
  return true;
}

async function emptyMessages(conversationId: ObjectId, messages: MessageRecord[]): Promise<void> {
  const record = await ConversationModel.findById(conversationId).lean();
  for (const { _id } of messages) {
    const message = await MessageModel.findById(_id).lean();
    if (!message) continue;
    if (record && !message.deletedAt) await uncount({ message, record }, idsOf(record));
    await MessageModel.updateOne({ _id }, { $set: nothingOf(message) });
  }
}

/** Its number stays, for there are no gaps. */
const nothingOf = ({ _id, deletedAt }: MessageRecord): Partial<MessageRecord> => ({
  senderId: NOBODY,
  clientId: String(_id),
  content: "",
  terms: [],
  earlier: [],
  replyTo: null,
  reactions: [],
  editedAt: null,
  deletedAt: deletedAt ?? now(),
  removedAt: null,
});

/** Takes a user from some of the messages that they reacted to or deleted from their view. */
async function forgetSomeReaders(userId: ObjectId): Promise<boolean> {
  const touched = {
    $or: [
      { "reactions.0": { $exists: true }, "reactions.userIds": userId },
      { "hiddenFor.0": { $exists: true }, hiddenFor: userId },
    ],
  };
  const messages = await MessageModel.find(touched, { _id: 1 }).limit(BATCH).lean();
  const these = { _id: { $in: messages.map(({ _id }) => _id) } };
  await MessageModel.updateMany(these, { $pull: { hiddenFor: userId, "reactions.$[].userIds": userId } });
  await MessageModel.updateMany(these, { $pull: { reactions: { userIds: { $size: 0 } } } });
  return messages.length > 0;
}
