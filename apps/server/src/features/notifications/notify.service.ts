import { now } from "../../platform/clock";
import type { App, Viewer } from "../../platform/context";
import { inGroups } from "../../platform/group";
import { newId, type ObjectId } from "../../platform/id";
import { remembering } from "../../platform/memory";
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
 * Has recipients told what is true, and what is not taken back. All who are to be told at once share a transaction; while
 * it lasts nobody else tells them, or of the same posts. None is told what they did themselves, what they may not see, or
 * what they have been told: a notification that was gone comes back to its place, without another event.
 * @param areTrue which of these are true at this moment
 */
export function teller(areTrue: (all: News[]) => Promise<boolean[]>): Teller {
  const ask = inGroups<{ app: App; news: News }, undefined>({
    turnsOf: ({ news }) => [String(news.recipientId), ...postsOf(news).map(turnOfPost)],
    write: async (all) => {
      const [[first], news] = [all, all.map((each) => each.news)];
      const truths = await areTrue(news);
      const isTrue = new Set(news.filter((_, index) => truths[index]));
      if (first) await tellAll(first.app, news, isTrue);
      return all.map(() => undefined);
    },
  });
  return async (app, news) => {
    if (!news.recipientId.equals(news.actorId)) await ask({ app, news });
  };
}

/** Tells one recipient, or takes back what they were told. */
type Teller = (app: App, news: News) => Promise<void>;

/** The turn of whoever tells of a post, or takes back what was told of it: what is deleted meanwhile is taken back afterwards. */
export const turnOfPost = (id: ObjectId): string => `told of ${id}`;

/** The post that it is about, if it is about one. */
export const postsOf = ({ commentId, tweetId }: News): ObjectId[] => [commentId ?? tweetId ?? []].flat();

async function tellAll(app: App, all: News[], isTrue: Set<News>): Promise<void> {
  const [shown, known] = await Promise.all([
    findShown(all.filter((news) => isTrue.has(news))),
    findTold(all),
  ]);
  const fresh = [...shown.values()].filter((record) => !known.has(nameOf(record)));
  const back = [...shown.keys()].flatMap((name) => known.get(name) ?? []).filter(({ goneAt }) => goneAt);
  const untrue = all.filter((news) => !isTrue.has(news)).flatMap((news) => known.get(nameOf(news)) ?? []);
  await transaction(async () => {
    await insert(app, fresh);
    await setGone(back, null);
    await setGone(
      untrue.filter(({ goneAt }) => !goneAt),
      now(),
    );
  });
}

/** What has been told of these, by name. */
async function findTold(all: News[]): Promise<Map<string, NotificationRecord>> {
  const found = await NotificationModel.find({
    recipientId: { $in: all.map(({ recipientId }) => recipientId) },
    key: { $in: all.map(({ key }) => key) },
  }).lean();
  return new Map(found.map((record) => [nameOf(record), record]));
}

const nameOf = ({ recipientId, key }: Pick<News, "recipientId" | "key">): string => `${recipientId} ${key}`;

async function setGone(records: NotificationRecord[], goneAt: Date | null): Promise<void> {
  if (records.length === 0) return;
  await NotificationModel.updateMany({ _id: { $in: records.map(({ _id }) => _id) } }, { goneAt });
}

/** Tells of a message, in place of an earlier one of its conversation that is unread. While nobody else tells this recipient. */
export async function notifyOfMessage(app: App, news: News & { conversationId: ObjectId }): Promise<void> {
  const { recipientId, conversationId, key } = news;
  const shown = await findShown([news]);
  if (shown.size === 0) return;
  await transaction(async () => {
    const latest = await NotificationModel.findOne({ recipientId, conversationId, type: "message" })
      .sort({ _id: -1 })
      .lean();
    if (latest && latest.key >= key) return;
    if (latest && !latest.readAt) await NotificationModel.deleteOne({ _id: latest._id });
    await insert(app, [...shown.values()]);
  }).catch((error: unknown) => {
    // Another node was quicker.
    if (!isDuplicate(error)) throw error;
  });
}

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

/**
 * What these recipients may see of what they would be told, as it is to be stored, by name; by the memory of this node, for
 * it is looked at again whenever it is read.
 */
async function findShown(all: News[]): Promise<Map<string, NotificationRecord>> {
  const records = new Map(all.map((news) => [nameOf(news), recordOf(news)]));
  const recipients = new Set(all.map(({ recipientId }) => String(recipientId)));
  const shown = await remembering(() =>
    Promise.all(
      [...recipients].map(async (id) => {
        const viewer = await asViewer(id);
        const told = [...records.values()].filter(({ recipientId }) => recipientId.equals(id));
        const seen = viewer ? await showNotifications({ viewer }, told) : [];
        return told.filter((_, index) => seen[index]);
      }),
    ),
  );
  return new Map(shown.flat().map((record) => [nameOf(record), record]));
}

const recordOf = (news: News): NotificationRecord => ({
  _id: newId(),
  tweetId: null,
  commentId: null,
  conversationId: null,
  ...news,
  createdAt: now(),
  readAt: null,
  goneAt: null,
});

async function insert({ events }: App, records: NotificationRecord[]): Promise<void> {
  if (records.length === 0) return;
  await NotificationModel.insertMany(records, { lean: true });
  for (const { _id, recipientId } of records)
    await events.append([String(recipientId)], NOTIFICATION, { notificationId: String(_id) });
}
