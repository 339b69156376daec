import type { MarkRead, Notification, Page, PageInput, UnreadNotifications } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { NotificationModel, type NotificationRecord } from "./notification.model";
import { showNotifications } from "./notification.view";

const MOST_UNREAD = 100;

/** What the viewer was told, the latest first. @throws WarbleError BAD_CURSOR */
export function listNotifications(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
): Promise<Page<Notification>> {
  return readPage(ctx, { after: decodeCursor(cursor, IdCursor)?.id, limit, where: {} });
}

/** How many of them the viewer has not read. */
export async function countUnread(ctx: ViewerContext): Promise<UnreadNotifications> {
  // First the event, then the count: what comes in between is in both, and in neither never.
  const lastEventId = String(await ctx.events.lastNumber(ctx.viewer.id));
  const { items } = await readPage(ctx, { limit: MOST_UNREAD + 1, where: { readAt: null } });
  return { count: Math.min(items.length, MOST_UNREAD), more: items.length > MOST_UNREAD, lastEventId };
}

/** Marks a notification and all older ones as read. */
export async function markRead(ctx: ViewerContext, { upTo }: MarkRead): Promise<UnreadNotifications> {
  await markWhere(ctx.viewer.id, { _id: { $lte: oid(upTo) } });
  return countUnread(ctx);
}

/** Marks all that the viewer was told until now as read. */
export async function markAllRead(ctx: ViewerContext): Promise<UnreadNotifications> {
  await markWhere(ctx.viewer.id, {});
  return countUnread(ctx);
}

/** Marks what a user was told of a conversation as read. */
export const markConversationRead = (userId: string, conversationId: string): Promise<void> =>
  markWhere(userId, { type: "message", conversationId: oid(conversationId) });

async function markWhere(userId: string, where: object): Promise<void> {
  await NotificationModel.updateMany({ recipientId: oid(userId), readAt: null, ...where }, { readAt: now() });
}

interface Reading {
  limit: number;
  after?: string | undefined;
  where: { readAt?: null };
}

function readPage(ctx: ViewerContext, { limit, after, where }: Reading): Promise<Page<Notification>> {
  return fillPage<NotificationRecord, Notification>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (after && oid(after));
      return NotificationModel.find({
        recipientId: oid(ctx.viewer.id),
        goneAt: null,
        ...where,
        ...(before && { _id: { $lt: before } }),
      })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: (records) => showNotifications(ctx, records),
    cursorOf: (record) => encodeCursor({ id: String(record._id) }),
  });
}

/** Those of these notifications that are the viewer's, as they may see them now, by id. */
export async function findNotifications(
  ctx: ViewerContext,
  ids: string[],
): Promise<Map<string, Notification>> {
  const records = await NotificationModel.find({
    _id: { $in: ids.map(oid) },
    recipientId: oid(ctx.viewer.id),
  }).lean();
  const shown = await showNotifications(ctx, records);
  return new Map(shown.flatMap((notification) => (notification ? [[notification.id, notification]] : [])));
}
