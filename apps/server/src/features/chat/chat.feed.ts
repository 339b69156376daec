import { Conversation, Message } from "@warble/contracts";
import { z } from "zod";
import type { LoggedEvent } from "../../platform/event-log";
import { oid } from "../../platform/id";
import type { SocketContext } from "../../platform/socket-call";
import type { Push } from "../../platform/socket-feed";
import { answer } from "../../platform/trpc";
import { showConversations } from "./chat.view";
import { findVisible } from "./conversation.service";
import { findMessages } from "./message.service";
import { showMessages } from "./message.view";

const Ids = z.object({ conversationId: z.string(), messageId: z.string().optional() });

interface Shown {
  messages: Map<string, Message>;
  conversations: Map<string, Conversation>;
}

type Show = (shown: Shown, ids: z.infer<typeof Ids>, data: unknown) => object | undefined;

const checkMessage = answer(Message);
const checkConversation = answer(Conversation);

const showTheMessage: Show = ({ messages }, { messageId = "" }) => {
  const message = messages.get(messageId);
  return message && { message: checkMessage(message) };
};

const showTheConversation: Show = ({ conversations }, { conversationId }) => {
  const conversation = conversations.get(conversationId);
  return conversation && { conversation: checkConversation(conversation) };
};

/** What was logged is what is said. */
const asLogged =
  (schema: z.ZodType<object>): Show =>
  (_shown, _ids, data) =>
    schema.safeParse(data).data;

const Mark = z.object({ conversationId: z.string(), userId: z.string(), number: z.number() });
const Deleted = z.object({
  conversationId: z.string(),
  messageId: z.string(),
  number: z.number(),
  for: z.enum(["me", "all"]),
});

/** What of a user's log is the chat's, and how it is shown; an event's name is `chat:` and its type. */
const SHOWS = new Map<string, Show>([
  ["message", showTheMessage],
  ["updated", showTheMessage],
  ["deleted", asLogged(Deleted)],
  ["read", asLogged(Mark)],
  ["delivered", asLogged(Mark)],
  ["left", asLogged(z.object({ conversationId: z.string() }))],
  ["conversation", showTheConversation],
]);

/** Logged events as the viewer may see them at this moment. */
export async function showEvents(ctx: SocketContext, events: LoggedEvent[]): Promise<(Push | null)[]> {
  const ids = events.map(({ type, data }) => (SHOWS.has(type) ? Ids.safeParse(data).data : undefined));
  const visible = await findVisible(ctx, unique(ids.map((each) => each?.conversationId)));
  const told = events.flatMap(({ type }, index) => {
    const record = type === "conversation" && visible.get(ids[index]?.conversationId ?? "");
    return record ? [record] : [];
  });
  const messages = await findMessages(
    unique(events.map(({ type }, index) => (type === "deleted" ? undefined : ids[index]?.messageId))),
  );
  const shown: Shown = {
    messages: byId(
      (await showMessages(ctx, messages, [...visible.values()])).filter((each) => each !== null),
    ),
    conversations: byId((await showConversations(ctx, told)).filter((each) => each !== null)),
  };
  return events.map(({ type, data }, index) => {
    const each = ids[index];
    const pushed = each && visible.has(each.conversationId) && SHOWS.get(type)?.(shown, each, data);
    return pushed ? { name: `chat:${type}`, data: pushed } : null;
  });
}

const unique = (ids: (string | undefined)[]) => [...new Set(ids.filter((id) => id !== undefined))].map(oid);

const byId = <T extends { id: string }>(things: T[]) => new Map(things.map((thing) => [thing.id, thing]));
