// What clients can call: one line a router.
export { auth } from "./features/auth/auth.procedures";
export { chat } from "./features/chat/chat.procedures";
export { comments } from "./features/comments/comment.procedures";
export { moderation } from "./features/moderation/moderation.procedures";
export { notifications } from "./features/notifications/notification.procedures";
export { search } from "./features/search/search.procedures";
export { timelines } from "./features/timelines/timeline.procedures";
export { tweets } from "./features/tweets/tweet.procedures";
export { users } from "./features/users/user.procedures";
