import type { Listener } from "../../platform/events";
import { type Delivery, deliver, reconcile, withdraw } from "./delivery.service";

export { dropInbox, fillInbox } from "./inbox.service";

/** Puts what came onto somebody's timeline into the inboxes of who follows them. */
export const deliverEntry: Listener<Delivery> = deliver;

/** Takes what is gone from somebody's timeline out of them. */
export const withdrawEntry: Listener<Delivery> = withdraw;

/** Keeps an inbox with whom its user follows. */
export const reconcileInbox: Listener<{ followerId: string; followeeId: string }> = reconcile;
