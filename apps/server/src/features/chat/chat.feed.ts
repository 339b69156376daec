import type { Conversation, Message } from "@warble/contracts";
import { CHAT_EVENTS } from "@warble/contracts/socket";
import { z } from "zod";
import type { LoggedEvent } from "../../platform/event-log";
import { oid } from "../../platform/id";
import type { SocketContext } from "../../platform/socket-call";
import type { Push } from "../../platform/socket-feed";
import { answer } from "../../platform/trpc";
import { showConversations } from "./chat.view";
import { memberOf } from "./conversation.model";
import { findVisible } from "./conversation.service";
import { findMessages, type MessageRecord } from "./message.service";
import { showMessages } from "./message.view";
import type { Seen } from "./seen.view";

const Ids = z.object({ conversationId: z.string(), messageId: z.string().optional() });

interface Shown {
  viewerId: string;
  /** The conversations that the viewer is in and may see. */
  places: Map<string, Seen>;
  records: Map<string, MessageRecord>;
  messages: Map<string, Message>;
  conversations: Map<string, Conversation>;
}

type Show = (shown: Shown, ids: z.infer<typeof Ids>, data: unknown) => object | undefined;

/** What somebody wrote before a block is in the history, and no longer news. */
const showTheMessage: Show = ({ messages, places }, { messageId = "", conversationId }) => {
  const message = messages.get(messageId);
  const isNews = message && !places.get(conversationId)?.hidden.includes(message.senderId);
  return isNews ? { message: message } : undefined;
};

const showTheConversation: Show = ({ conversations }, { conversationId }) => {
  const conversation = conversations.get(conversationId);
  return conversation && { conversation: conversation };
};

const Mark = z.object({ conversationId: z.string(), userId: z.string(), number: z.number() });
const Deleted = z.object({
  conversationId: z.string(),
  messageId: z.string(),
  number: z.number(),
  for: z.enum(["me", "all"]),
});

/** A mark of somebody whom the viewer sees among the members. */
const showTheMark: Show = ({ places }, { conversationId }, data) => {
  const mark = Mark.safeParse(data).data;
  const place = places.get(conversationId);
  const seen = place?.cards.some(({ id }) => id === mark?.userId && !place.hidden.includes(id));
  return seen ? mark : undefined;
};

/** That a message is gone which the viewer was shown before. */
const showTheDeletion: Show = ({ places, records, viewerId }, { conversationId, messageId = "" }, data) => {
  const [place, message] = [places.get(conversationId), records.get(messageId)];
  const member = place && memberOf(place.record, viewerId);
  if (!member || !message || message.number <= member.clearedNumber) return undefined;
  const shown = place.record.kind === "direct" || !place.hidden.includes(String(message.senderId));
  return shown ? Deleted.safeParse(data).data : undefined;
};

/** Who has left is not in it any more, and still told. */
const showTheLeaving: Show = (_shown, { conversationId }) => ({ conversationId });

/** What of a user's log is the chat's, and how it is shown; an event's name is `chat:` and its type. */
const SHOWS = new Map<string, Show>([
  ["message", showTheMessage],
  ["updated", showTheMessage],
  ["deleted", showTheDeletion],
  ["read", showTheMark],
  ["delivered", showTheMark],
  ["left", showTheLeaving],
  ["conversation", showTheConversation],
]);

const CHECKS = new Map(Object.entries(CHAT_EVENTS).map(([name, schema]) => [name, answer<object>(schema)]));

/** Logged events as the viewer may see them at this moment. */
export async function showEvents(ctx: SocketContext, events: LoggedEvent[]): Promise<(Push | null)[]> {
  const ids = events.map(({ type, data }) => (SHOWS.has(type) ? Ids.safeParse(data).data : undefined));
  const [places, records] = await Promise.all([
    findVisible(ctx, unique(ids.map((each) => each?.conversationId))),
    findMessages(unique(ids.map((each) => each?.messageId))),
  ]);
  const told = events.flatMap(({ type }, index) => {
    const place = type === "conversation" && places.get(ids[index]?.conversationId ?? "");
    return place ? [place.record] : [];
  });
  const shown: Shown = {
    viewerId: ctx.viewer.id,
    places,
    records: new Map(records.map((record) => [String(record._id), record])),
    messages: byId(await showMessages(ctx, records, [...places.values()])),
    conversations: byId(await showConversations(ctx, told)),
  };
  return events.map(({ type, data, number }, index) => {
    const each = ids[index];
    const pushed = each && SHOWS.get(type)?.(shown, each, data);
    if (!pushed) return null;
    const name = `chat:${type}`;
    CHECKS.get(name)?.({ ...pushed, event: number });
    return { name, data: pushed };
  });
}

const unique = (ids: (string | undefined)[]) => [...new Set(ids.filter((id) => id !== undefined))].map(oid);

const byId = <T extends { id: string }>(things: (T | null)[]) =>
  new Map(things.flatMap((thing) => (thing ? [[thing.id, thing]] : [])));
