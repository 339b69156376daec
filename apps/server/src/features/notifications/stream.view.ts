import { StreamEvent, type UserCard } from "@warble/contracts";
import { z } from "zod";
import type { ViewerContext } from "../../platform/context";
import type { LoggedEvent } from "../../platform/event-log";
import { oid } from "../../platform/id";
import { answer } from "../../platform/trpc";
import { RELATIONSHIP } from "../relationships/relationship.service";
import { loadCards } from "../users/user.view";
import { findNotifications } from "./notification.service";
import { NOTIFICATION } from "./notify.service";

const Told = z.object({ notificationId: z.string() });
const Related = z.object({ between: z.array(z.string()) });

const check = answer(StreamEvent);

/** Whether an event of the log is for streams. */
export const isStreamed = ({ type }: LoggedEvent): boolean => type === NOTIFICATION || type === RELATIONSHIP;

/** Logged events as the viewer may see them now, in order; null where the cause is gone or hidden. */
export async function showStreamed(
  ctx: ViewerContext,
  events: LoggedEvent[],
): Promise<(StreamEvent | null)[]> {
  const ids = events.map((event) => idOf(ctx, event));
  const idsOf = (type: string) => ids.filter((_id, index) => events[index]?.type === type);
  const [notifications, cards] = await Promise.all([
    findNotifications(ctx, idsOf(NOTIFICATION)),
    loadCards(ctx, idsOf(RELATIONSHIP).map(oid), "profile"),
  ]);
  return ids.map((id, index) => {
    const isNotification = events[index]?.type === NOTIFICATION;
    const shown = isNotification ? notifications.get(id) : showChange(cards.get(id));
    return shown ? check(shown) : null;
  });
}

const showChange = (user: UserCard | undefined): StreamEvent | undefined =>
  user && { type: "relationship", user };

/** The notification, or the other one of the two. */
function idOf({ viewer }: ViewerContext, { type, data }: LoggedEvent): string {
  if (type === NOTIFICATION) return Told.parse(data).notificationId;
  return Related.parse(data).between.find((id) => id !== viewer.id) ?? viewer.id;
}
