import { purgeUnverified } from "./features/auth/auth.listeners";
import { accountClosed } from "./features/auth/closing.service";
import { registrationLapsed } from "./features/auth/registration.service";
import { conversationRead } from "./features/chat/mark.service";
import { messageDeleted } from "./features/chat/message-delete.service";
import { messageSent } from "./features/chat/message-send.service";
import { contentFlagged } from "./features/filters/filter.service";
import { exportLapsed } from "./features/lifecycle/export.service";
import { dropExport, purge } from "./features/lifecycle/lifecycle.listeners";
import { reportContent } from "./features/moderation/moderation.listeners";
import {
  forgetMessage,
  forgetPost,
  readWithConversation,
  tellOfEdit,
  tellOfFollow,
  tellOfLike,
  tellOfMessages,
  tellOfPost,
  tellOfRequest,
  tellOfRetweet,
} from "./features/notifications/notification.listeners";
import { entryAdded, entryRemoved } from "./features/posts/entry.service";
import { removeEdges } from "./features/posts/post.listeners";
import {
  postCreated,
  postDeleted,
  postEdited,
  postLiked,
  postTakenDown,
  postUnliked,
  tweetRetweeted,
  tweetUnretweeted,
} from "./features/posts/post.service";
import { letAllFollow, letFollow } from "./features/relationships/relationship.listeners";
import { followAsked, followed, opened, unfollowed } from "./features/relationships/relationship.service";
import { countHashtags } from "./features/search/search.listeners";
import { inboxAsked, inboxLapsed } from "./features/timelines/inbox.service";
import {
  deliverEntry,
  dropInbox,
  fillInbox,
  reconcileInbox,
  withdrawEntry,
} from "./features/timelines/timeline.listeners";
import { on, type Reaction, when } from "./platform/events";

const holdsHashtags = ({ hashtags }: { hashtags: boolean }): boolean => hashtags;
const isToSomebody = ({ kind, mentions }: { kind: string; mentions: boolean }): boolean =>
  kind === "comment" || mentions;
const isByAnother = ({ own }: { own: boolean }): boolean => !own;

/** The lane of what is done for many people each time. */
const TIMELINES = "timelines";

/** What happens afterwards: who reacts to what. A listener's name is stored with its job, so it stays as it is. */
export const listeners: Reaction[] = [
  on(registrationLapsed, { purgeUnverified }),
  on(accountClosed, { purge }),
  on(exportLapsed, { dropExport }),
  on(postCreated, {
    countHashtags: when(holdsHashtags, countHashtags),
    tellOfPost: when(isToSomebody, tellOfPost),
  }),
  on(postEdited, { countHashtags, tellOfEdit }),
  on(postDeleted, { removeEdges, countHashtags, forgetPost }),
  on(postTakenDown, { countHashtags }),
  on(postLiked, { tellOfLike: when(isByAnother, tellOfLike) }),
  on(postUnliked, { tellOfLike: when(isByAnother, tellOfLike) }),
  on(tweetRetweeted, { tellOfRetweet: when(isByAnother, tellOfRetweet) }),
  on(tweetUnretweeted, { tellOfRetweet: when(isByAnother, tellOfRetweet) }),
  on(followed, { tellOfFollow }),
  on(unfollowed, { tellOfFollow }),
  on(followed, { reconcileInbox }, TIMELINES),
  on(unfollowed, { reconcileInbox }, TIMELINES),
  on(entryAdded, { deliverEntry }, TIMELINES),
  on(entryRemoved, { withdrawEntry }, TIMELINES),
  on(inboxAsked, { fillInbox }, TIMELINES),
  on(inboxLapsed, { dropInbox }, TIMELINES),
  on(followAsked, { letFollow, tellOfRequest }),
  on(opened, { letAllFollow }),
  on(messageSent, { tellOfMessages }),
  on(messageDeleted, { forgetMessage }),
  on(contentFlagged, { reportContent }),
  on(conversationRead, { readWithConversation }),
].flat();
