import { accountInvariants } from "./features/auth/account.invariants";
import { conversationInvariants } from "./features/chat/conversation.invariants";
import { exportInvariants } from "./features/lifecycle/export.invariants";
import { auditInvariants } from "./features/moderation/audit.invariants";
import { reportInvariants } from "./features/moderation/report.invariants";
import { muteInvariants } from "./features/mutes/mute.invariants";
import { notificationInvariants } from "./features/notifications/notification.invariants";
import { postInvariants } from "./features/posts/post.invariants";
import { edgeInvariants } from "./features/relationships/edge.invariants";
import { hashtagInvariants } from "./features/search/hashtag.invariants";
import { inboxInvariants } from "./features/timelines/inbox.invariants";
import { eventInvariants } from "./platform/event-log.invariants";
import type { Invariant } from "./platform/invariant";
import { jobInvariants } from "./platform/jobs.invariants";
import { indexInvariants } from "./platform/mongo.invariants";

/** What always holds in the database. The indexes come first: what follows is read by them. */
export const invariants: Invariant[] = [
  indexInvariants,
  accountInvariants,
  edgeInvariants,
  muteInvariants,
  postInvariants,
  inboxInvariants,
  hashtagInvariants,
  notificationInvariants,
  conversationInvariants,
  eventInvariants,
  reportInvariants,
  auditInvariants,
  exportInvariants,
  jobInvariants,
].flat();
