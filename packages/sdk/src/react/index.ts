export { type SwitchTo, useFollow, useLike, useRetweet } from "./actions";
export { type ConversationState, useConversation } from "./conversation";
export { type NotificationsState, useNotifications } from "./notifications";
export type { PendingMessage } from "./outbox";
export { useWarble, useWarbleQueries, WarbleProvider } from "./provider";
export {
  type WarbleMutation,
  type WarblePages,
  type WarbleQueries,
  type WarbleQuery,
  warbleQueries,
} from "./queries";
export { type SessionState, useSession } from "./session";
