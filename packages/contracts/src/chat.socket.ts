import type { z } from "zod";
import type {
  Conversation,
  DeletedMessage,
  DeleteMessage,
  EditMessage,
  InConversation,
  ListMessages,
  MarkConversationRead,
  MarkDelivered,
  Message,
  MuteConversation,
  ReactToMessage,
  ReadMark,
  RenewSocket,
  Resume,
  SendMessage,
  UserPresence,
  WatchPresence,
} from "./chat";
import type { ErrorReason, InputIssue } from "./error";
import type { AddMembers, CreateGroup, RemoveMember, RenameGroup, SetMemberRole } from "./group";
import type { Page, PageInput } from "./page";
import type { SearchMessages } from "./search";

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
  // Of groups; each answers the group as it is then.
  "chat:createGroup": (input: CreateGroup, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:rename": (input: RenameGroup, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:addMembers": (input: AddMembers, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:removeMember": (input: RemoveMember, ack: Answer<{ conversation: Conversation }>) => void;
  "chat:setRole": (input: SetMemberRole, ack: Answer<{ conversation: Conversation }>) => void;
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
  /** The viewer left it, or was removed: it is in no list until a new message comes; a group, until they are added again. */
  "chat:left": (left: Logged<InConversation>) => void;
  "chat:typing": (typing: { conversationId: string; userId: string }) => void;
  /** One of those whom `chat:presence` asked for has come, or has been gone for some seconds. */
  "chat:presence": (presence: UserPresence) => void;
  /** A conversation is new to the viewer, or is otherwise for them than it was. */
  "chat:conversation": (started: Logged<{ conversation: Conversation }>) => void;
}
