import { now } from "../../platform/clock";
import type { App, Viewer } from "../../platform/context";
import { newId, type ObjectId } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { findUser } from "../users/user.service";
import { NotificationModel, type NotificationRecord } from "./notification.model";
import { showNotifications } from "./notification.view";

/** The event in a recipient's log that says that there is a new notification. */
export const NOTIFICATION = "notification";

const BATCH = 1_000;

/** What there is to tell, and to whom. */
export type News = Pick<NotificationRecord, "recipientId" | "type" | "actorId" | "key"> &
  Partial<Pick<NotificationRecord, "tweetId" | "commentId" | "conversationId">>;

/**
 * Tells a recipient, unless they did it themselves, may not see it, or have been told: a notification that was gone
 * comes back to its place, without another event. While nobody else tells this recipient.
 */
export const notify = (app: App, news: News): Promise<void> =>
  tell(news, async (record) => {
    const { recipientId, key } = news;
    const known = await NotificationModel.findOne({ recipientId, key }).lean();
    if (!known) await insert(app, record);
    else if (known.goneAt) await NotificationModel.updateOne({ _id: known._id }, { goneAt: null });
  });

/** Tells of a message, in place of an earlier one of its conversation that is unread. While nobody else tells this recipient. */
export const notifyOfMessage = (app: App, news: News & { conversationId: ObjectId }): Promise<void> =>
  tell(news, async (record) => {
    const { recipientId, conversationId, key } = news;
    const latest = await NotificationModel.findOne({ recipientId, conversationId, type: "message" })
      .sort({ _id: -1 })
      .lean();
    if (latest && latest.key >= key) return;
    if (latest && !latest.readAt) await NotificationModel.deleteOne({ _id: latest._id });
    await insert(app, record);
  });

/** The key of what is told of a message; within a conversation, later messages have greater ones. */
export const messageKey = (conversationId: ObjectId, number: number): string =>
  `message:${conversationId}:${String(number).padStart(12, "0")}`;

/** Takes back what a recipient was told under this key. While nobody else tells this recipient. */
export async function withdraw({ recipientId, key }: Pick<News, "recipientId" | "key">): Promise<void> {
  await NotificationModel.updateOne({ recipientId, key, goneAt: null }, { goneAt: now() });
}

/** Takes back all that was told about a tweet, or about a comment of it. */
export async function withdrawAll(tweetId: ObjectId, commentId: ObjectId | null): Promise<void> {
  for (;;) {
    const told = await NotificationModel.find({ tweetId, commentId, goneAt: null }, { _id: 1 })
      .limit(BATCH)
      .lean();
    if (told.length === 0) return;
    await NotificationModel.updateMany({ _id: { $in: told.map((each) => each._id) } }, { goneAt: now() });
  }
}

/** Takes away some of what a user was told, and of what was told of them. @returns whether there may be more */
export async function removeSomeNotifications(_app: App, userId: ObjectId): Promise<boolean> {
  const theirs = { $or: [{ recipientId: userId }, { actorId: userId }] };
  const told = await NotificationModel.find(theirs, { _id: 1 }).limit(BATCH).lean();
  await NotificationModel.deleteMany({ _id: { $in: told.map((each) => each._id) } });
  return told.length > 0;
}

/** A user as the one who asks: what they are told passes the rules of what they read. */
export async function asViewer(id: string): Promise<Viewer | null> {
  const user = await findUser({ id });
  if (!user) return null;
  const { username, role, emailVerified } = user;
  return { id, username, role, emailVerified, sessionId: "" };
}

async function tell(news: News, store: (record: NotificationRecord) => Promise<void>): Promise<void> {
  if (news.recipientId.equals(news.actorId)) return;
  const viewer = await asViewer(String(news.recipientId));
  const record: NotificationRecord = {
    _id: newId(),
    tweetId: null,
    commentId: null,
    conversationId: null,
    ...news,
    createdAt: now(),
    readAt: null,
    goneAt: null,
  };
  const [shown] = viewer ? await showNotifications({ viewer }, [record]) : [];
  if (!shown) return;
  await transaction(() => store(record)).catch((error: unknown) => {
    // Another node was quicker.
    if (!isDuplicate(error)) throw error;
  });
}

async function insert({ events }: App, record: NotificationRecord): Promise<void> {
  await NotificationModel.insertMany([record]);
  await events.append([String(record.recipientId)], NOTIFICATION, { notificationId: String(record._id) });
}
