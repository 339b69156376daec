import { z } from "zod";
import {
  Conversation,
  DeleteMessage,
  EditMessage,
  InConversation,
  ListMessages,
  MarkConversationRead,
  MarkDelivered,
  Message,
  MuteConversation,
  ReactToMessage,
  RenewSocket,
  Resume,
  SendMessage,
  WatchPresence,
} from "./chat";
import type { ClientToServer, ServerToClient } from "./chat.socket";
import { AddMembers, CreateGroup, RemoveMember, RenameGroup, SetMemberRole } from "./group";
import { PageInput, pageOf } from "./page";
import { Id } from "./scalar";
import { SearchMessages } from "./search";

type Ack<Event extends keyof ClientToServer> = Parameters<Parameters<ClientToServer[Event]>[1]>[0];

/** What is said with each call, and what a good answer holds beside `ok`. */
type Calls = {
  [Event in keyof ClientToServer]: {
    input: z.ZodType<unknown, Parameters<ClientToServer[Event]>[0]>;
    answer: z.ZodType<Omit<Extract<Ack<Event>, { ok: true }>, "ok">>;
  };
};

const nothing = z.strictObject({});
const message = z.strictObject({ message: Message });
const conversation = z.strictObject({ conversation: Conversation });
const number = z.strictObject({ number: z.int().min(0) });
const expiresIn = z.int();

/** The schemas of what a client may say on `/chat`. */
export const CHAT_CALLS = {
  "chat:send": { input: SendMessage, answer: message },
  "chat:history": { input: ListMessages, answer: pageOf(Message) },
  "chat:conversations": { input: PageInput, answer: pageOf(Conversation) },
  "chat:requests": { input: PageInput, answer: pageOf(Conversation) },
  "chat:search": { input: SearchMessages, answer: pageOf(Message) },
  "chat:accept": { input: InConversation, answer: conversation },
  "chat:read": { input: MarkConversationRead, answer: number },
  "chat:delivered": { input: MarkDelivered, answer: number },
  "chat:createGroup": { input: CreateGroup, answer: conversation },
  "chat:rename": { input: RenameGroup, answer: conversation },
  "chat:addMembers": { input: AddMembers, answer: conversation },
  "chat:removeMember": { input: RemoveMember, answer: conversation },
  "chat:setRole": { input: SetMemberRole, answer: conversation },
  "chat:leave": { input: InConversation, answer: nothing },
  "chat:mute": { input: MuteConversation, answer: conversation },
  "chat:unmute": { input: InConversation, answer: conversation },
  "chat:edit": { input: EditMessage, answer: message },
  "chat:react": { input: ReactToMessage, answer: message },
  "chat:delete": { input: DeleteMessage, answer: nothing },
  "chat:typing": { input: InConversation, answer: nothing },
  "chat:resume": { input: Resume, answer: z.strictObject({ lastEvent: z.int().min(0) }) },
  "chat:presence": { input: WatchPresence, answer: z.strictObject({ online: z.array(Id) }) },
  "chat:renew": { input: RenewSocket, answer: z.strictObject({ expiresIn }) },
} satisfies Calls;

const event = z.int().min(0);
const place = { conversationId: Id };
const mark = z.strictObject({ event, ...place, userId: Id, number: z.int().min(0) });

/** The schemas of what the server says on `/chat`. */
export const CHAT_EVENTS = {
  "chat:ready": z.strictObject({ event, expiresIn }),
  "chat:message": message.extend({ event }),
  "chat:updated": message.extend({ event }),
  "chat:deleted": z.strictObject({
    event,
    ...place,
    messageId: Id,
    number: z.int().min(1),
    for: z.enum(["me", "all"]),
  }),
  "chat:read": mark,
  "chat:delivered": mark,
  "chat:left": z.strictObject({ event, ...place }),
  "chat:typing": z.strictObject({ ...place, userId: Id }),
  "chat:presence": z.strictObject({ userId: Id, online: z.boolean() }),
  "chat:conversation": conversation.extend({ event }),
} satisfies { [Event in keyof ServerToClient]: z.ZodType<Parameters<ServerToClient[Event]>[0]> };
