import { z } from "zod";
import { MemberRole } from "./group";
import { LIMITS } from "./limits";
import { PageInput } from "./page";
import { Id, Time, text } from "./scalar";
import { isEmoji } from "./text";
import { UserCard } from "./user";

/** Who set this emoji on a message. */
export interface MessageReaction {
  emoji: string;
  userIds: string[];
}
export const MessageReaction: z.ZodType<MessageReaction> = z.strictObject({
  emoji: z.string(),
  userIds: z.array(Id),
});

/** What a message answers, as it is now: the beginning of its content, empty once it is deleted. */
export interface QuotedMessage {
  id: string;
  number: number;
  senderId: string;
  content: string;
}
export const QuotedMessage: z.ZodType<QuotedMessage> = z.strictObject({
  id: Id,
  number: z.int().min(1),
  senderId: Id,
  content: z.string(),
});

/** One message of a conversation. */
export interface Message {
  id: string;
  conversationId: string;
  /** Its place in the conversation: 1, 2, 3 ... without gaps, but for what the viewer is not shown. */
  number: number;
  /** The sender's own id of it: the same one again is the same message. */
  clientId: string;
  senderId: string;
  /** Empty once it is deleted. */
  content: string;
  createdAt: string;
  editedAt: string | null;
  /** Its sender deleted it for all: what is left says that there was one. */
  deleted: boolean;
  /** Null, too, when the viewer deleted from their view what it answers. */
  replyTo: QuotedMessage | null;
  /** In the order in which the emoji were first set. */
  reactions: MessageReaction[];
}
export const Message: z.ZodType<Message> = z.strictObject({
  id: Id,
  conversationId: Id,
  number: z.int().min(1),
  clientId: z.string(),
  senderId: Id,
  content: z.string(),
  createdAt: Time,
  editedAt: Time.nullable(),
  deleted: z.boolean(),
  replyTo: QuotedMessage.nullable(),
  reactions: z.array(MessageReaction),
});

/** Up to which message a member has read, or received. */
export interface ReadMark {
  conversationId: string;
  userId: string;
  number: number;
}
export const ReadMark: z.ZodType<ReadMark> = z.strictObject({
  conversationId: Id,
  userId: Id,
  number: z.int().min(0),
});

/** A conversation, as the viewer sees it. */
export interface Conversation {
  id: string;
  kind: "direct" | "group";
  /** Of a group; null for a direct one. */
  title: string | null;
  /** In a group without those whom the viewer may not see; those who joined first come first. */
  members: UserCard[];
  /** What each member of a group is in it; empty for a direct one. */
  roles: MemberRole[];
  lastMessage: Message | null;
  /** Messages of others after the viewer's read mark. */
  unread: number;
  /** A request until the viewer accepts it: somebody whom they do not follow wrote to them. */
  state: "active" | "request";
  /** While it is muted, its messages make no notifications and are not counted in the viewer's total. */
  muted: boolean;
  /** When that ends by itself; null is never. */
  mutedUntil: string | null;
  /** 0 for others who have not accepted it, whatever they have read. */
  reads: ReadMark[];
  /** What somebody has read has been delivered to them, too. */
  delivered: ReadMark[];
}
export const Conversation: z.ZodType<Conversation> = z.strictObject({
  id: Id,
  kind: z.enum(["direct", "group"]),
  title: z.string().nullable(),
  members: z.array(UserCard),
  roles: z.array(MemberRole),
  lastMessage: Message.nullable(),
  unread: z.int().min(0),
  state: z.enum(["active", "request"]),
  muted: z.boolean(),
  mutedUntil: Time.nullable(),
  reads: z.array(ReadMark),
  delivered: z.array(ReadMark),
});

const MessageContent = text(LIMITS.message)
  .refine((content) => content.trim().length > 0, "must not be blank")
  .refine(
    (content) => new TextEncoder().encode(content).length <= LIMITS.messageBytes,
    "is too long in bytes",
  );

export const StartConversation = z.strictObject({ userId: Id });
export type StartConversation = z.infer<typeof StartConversation>;

/** Says what and to whom: a user (`to`) or a conversation, one of them. */
export const SendMessage = z
  .strictObject({
    clientId: text(64).min(1),
    to: Id.optional(),
    conversationId: Id.optional(),
    content: MessageContent,
    /** The message of the same conversation that this one answers. */
    replyTo: Id.optional(),
  })
  .refine((message) => (message.to === undefined) !== (message.conversationId === undefined), {
    message: "needs either to or conversationId",
    path: ["to"],
  });
export type SendMessage = z.infer<typeof SendMessage>;

/** A page of messages: newest first with `before` (or neither), oldest first with `after`. */
export const ListMessages = z.strictObject({
  conversationId: Id,
  before: z.int().min(1).optional(),
  after: z.int().min(0).optional(),
  cursor: PageInput.shape.cursor,
  limit: PageInput.shape.limit,
});
export type ListMessages = z.infer<typeof ListMessages>;

export const MarkConversationRead = z.strictObject({ conversationId: Id, number: z.int().min(1) });
export type MarkConversationRead = z.infer<typeof MarkConversationRead>;
/** Says that the messages of others up to this number have arrived. */
export const MarkDelivered = z.strictObject({ conversationId: Id, number: z.int().min(1) });
export type MarkDelivered = z.infer<typeof MarkDelivered>;
/** Without `until`, for good. */
export const MuteConversation = z.strictObject({ conversationId: Id, until: Time.optional() });
export type MuteConversation = z.infer<typeof MuteConversation>;
export const InConversation = z.strictObject({ conversationId: Id });
export type InConversation = z.infer<typeof InConversation>;
export const EditMessage = z.strictObject({ messageId: Id, content: MessageContent });
export type EditMessage = z.infer<typeof EditMessage>;
/** Sets an emoji on a message, or takes it away again. */
export const ReactToMessage = z.strictObject({
  messageId: Id,
  emoji: z.string().max(64).refine(isEmoji, "must be one emoji"),
  on: z.boolean().default(true),
});
export type ReactToMessage = z.infer<typeof ReactToMessage>;
/** Deletes a message from the viewer's own view, or, by its sender, for all. */
export const DeleteMessage = z.strictObject({ messageId: Id, for: z.enum(["me", "all"]) });
export type DeleteMessage = z.infer<typeof DeleteMessage>;
export const Resume = z.strictObject({ lastEvent: z.int().min(0) });
export type Resume = z.infer<typeof Resume>;
/** Whom to be told of from now on, in place of those before. */
export const WatchPresence = z.strictObject({ userIds: z.array(Id).max(LIMITS.idsPerLookup) });
export type WatchPresence = z.infer<typeof WatchPresence>;
/** A fresh access token of the session that the socket was opened with. */
export const RenewSocket = z.strictObject({ token: text(4096).min(1) });
export type RenewSocket = z.infer<typeof RenewSocket>;

/** Whether somebody is there. */
export interface UserPresence {
  userId: string;
  online: boolean;
}

/** A message that is no longer to be shown: gone from the viewer's view (`me`), or a tombstone (`all`). */
export interface DeletedMessage {
  conversationId: string;
  messageId: string;
  number: number;
  for: "me" | "all";
}
