import type { TRPCRouterRecord } from "@trpc/server";
import {
  MarkRead,
  Notification,
  PageInput,
  pageOf,
  StreamEvent,
  StreamInput,
  UnreadNotifications,
} from "@warble/contracts";
import { answer, signedIn } from "../../platform/trpc";
import { countUnread, listNotifications, markAllRead, markRead } from "./notification.service";
import { streamNotifications } from "./stream.service";

export const notifications = {
  /** What the viewer was told, the latest first. Fails with BAD_CURSOR. */
  list: signedIn
    .input(PageInput)
    .output(answer(pageOf(Notification)))
    .query(({ ctx, input }) => listNotifications(ctx, input)),

  /** How many notifications the viewer has not read. */
  unreadCount: signedIn.output(answer(UnreadNotifications)).query(({ ctx }) => countUnread(ctx)),

  /** Marks a notification and all older ones as read; answers how many are left. */
  markRead: signedIn
    .input(MarkRead)
    .output(answer(UnreadNotifications))
    .mutation(({ ctx, input }) => markRead(ctx, input)),

  /** Marks all as read; answers how many have come meanwhile. */
  markAllRead: signedIn.output(answer(UnreadNotifications)).mutation(({ ctx }) => markAllRead(ctx)),

  /**
   * Each notification as it comes, and each change between the viewer and another user, told apart by `type`; after
   * event `lastEventId` where it is given. Fails with RESYNC when too much has happened since (ask unreadCount, load
   * the lists, start from its lastEventId), RATE_LIMITED, and NOT_SIGNED_IN when the session ends or the access
   * token expires: with a fresh one go on.
   */
  stream: signedIn
    .meta({ sends: StreamEvent })
    .input(StreamInput.default({}))
    .subscription(({ ctx, input, signal }) =>
      streamNotifications(ctx, input, signal ?? new AbortController().signal),
    ),
} satisfies TRPCRouterRecord;
