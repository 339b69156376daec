import { z } from "zod";
import type { ErrorReason, InputIssue } from "./error";
import { LIMITS } from "./limits";
import { type Page, PageInput } from "./page";
import { Id, Time, text } from "./scalar";
import type { SearchMessages } from "./search";
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
  /** Its place in the conversation: 1, 2, 3 ... without gaps. */
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
  members: UserCard[];
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
  members: z.array(UserCard),
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

/** A refused socket call. */
export interface Refused {
  ok: false;
  reason: ErrorReason;
  message: string;
  /** Seconds to wait before the next try. */
  retryAfter?: number;
  /** What is wrong with the input, for `BAD_INPUT`. */
  issues?: InputIssue[];
}

type Answer<T extends object> = (answer: ({ ok: true } & T) | Refused) => void;

/** What a client may say on the namespace `/chat`; each call is answered through its ack. */
export interface ClientToServer {
  "chat:send": (input: z.input<typeof SendMessage>, ack: Answer<{ message: Message }>) => void;
  "chat:history": (input: z.input<typeof ListMessages>, ack: Answer<Page<Message>>) => void;
  "chat:conversations": (input: z.input<typeof PageInput>, ack: Answer<Page<Conversation>>) => void;
  "chat:requests": (input: z.input<typeof PageInput>, ack: Answer<Page<Conversation>>) => void;
  "chat:search": (input: z.input<typeof SearchMessages>, ack: Answer<Page<Message>>) => void;
  "chat:accept": (input: InConversation, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:read": (input: MarkConversationRead, ack: Answer<{ number: number }>) => void;
  "chat:delivered": (input: MarkDelivered, ack: Answer<{ number: number }>) => void;
  "chat:leave": (input: InConversation, ack: Answer<object>) => void;
  "chat:mute": (input: MuteConversation, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:unmute": (input: InConversation, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:edit": (input: EditMessage, ack: Answer<{ message: Message }>) => void;
  "chat:react": (input: z.input<typeof ReactToMessage>, ack: Answer<{ message: Message }>) => void;
  "chat:delete": (input: DeleteMessage, ack: Answer<object>) => void;
  "chat:typing": (input: InConversation, ack: Answer<object>) => void;
  /**
   * Sends again all that came after event `lastEvent`, in order, then goes on live; what arrived before the answer comes
   * again. Answers the number of the newest event, or `RESYNC` when some of it is no longer kept: load the lists again.
   * Who comes back does better to say it in the handshake, `auth: { token, lastEvent }`: then nothing comes twice.
   */
  "chat:resume": (input: Resume, ack: Answer<{ lastEvent: number }>) => void;
  /**
   * Answers who of these is there, and tells from now on when one comes or goes: of those with whom the viewer has a
   * conversation in which both take part, as long as both show their presence. Anybody else looks like somebody who is
   * not there.
   */
  "chat:presence": (input: WatchPresence, ack: Answer<{ online: string[] }>) => void;
  /**
   * Shows a fresh access token in time: a socket is closed when its last one expires. Answers for how many seconds it is
   * good now, or `BAD_TOKEN` for a token that is not a good one of the same session, which changes nothing.
   */
  "chat:renew": (input: RenewSocket, ack: Answer<{ expiresIn: number }>) => void;
}

/**
 * What comes from the log carries `event`, its number for this user: keep the last one to resume. Numbers grow; those
 * of other things, such as notifications, are left out.
 */
export type Logged<T> = T & { event: number };

/** What the server says on the namespace `/chat`. */
export interface ServerToClient {
  /**
   * Sent once, first of all: `event` is the number of the user's newest event, to resume from later; `expiresIn` says for
   * how many seconds the socket is good, see `chat:renew`.
   */
  "chat:ready": (ready: { event: number; expiresIn: number }) => void;
  "chat:message": (message: Logged<{ message: Message }>) => void;
  /** A message as it is now, after it was changed. */
  "chat:updated": (message: Logged<{ message: Message }>) => void;
  "chat:deleted": (deleted: Logged<DeletedMessage>) => void;
  "chat:read": (mark: Logged<ReadMark>) => void;
  "chat:delivered": (mark: Logged<ReadMark>) => void;
  /** The viewer left it: it is in no list until a new message comes. */
  "chat:left": (left: Logged<InConversation>) => void;
  "chat:typing": (typing: { conversationId: string; userId: string }) => void;
  /** One of those whom `chat:presence` asked for has come, or has been gone for some seconds. */
  "chat:presence": (presence: UserPresence) => void;
  /** A conversation is new to the viewer, or is otherwise for them than it was. */
  "chat:conversation": (started: Logged<{ conversation: Conversation }>) => void;
}
