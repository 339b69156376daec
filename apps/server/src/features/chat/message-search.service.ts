import { type Message, type Page, phraseText, type SearchMessages, searchTerms } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { idAt, type ObjectId, oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { ConversationModel, type ConversationRecord, LIST_INDEX } from "./conversation.model";
import { findVisible, requireSeen } from "./conversation.service";
import { MessageModel, type MessageRecord, TERM_INDEX } from "./message.model";
import { showMessages } from "./message.view";

/** Of somebody's conversations, so many of those that were last written in are searched. */
const SEARCHED = 2_000;
/** So many conversations MongoDB reads side by side in the order of the index; of more it would sort all that match. */
const SIDE_BY_SIDE = 200;
const QUOTED = /"([^"]*)"?/gu;

type Searched = Pick<ConversationRecord, "_id" | "lastMessageAt">;

/**
 * Messages of the viewer's conversations that hold all that is asked for, newest first.
 * @throws WarbleError CONVERSATION_NOT_FOUND, BAD_CURSOR
 */
export async function searchMessages(ctx: ViewerContext, input: SearchMessages): Promise<Page<Message>> {
  const { query, conversationId, cursor, limit } = input;
  const start = decodeCursor(cursor, IdCursor);
  const conversations =
    conversationId === undefined
      ? await findSearched(ctx)
      : [(await requireSeen(ctx, conversationId)).record];
  const terms = searchTerms(query.replaceAll('"', " "));
  const phrases = [...query.matchAll(QUOTED)].map(([, phrase = ""]) => phraseText(phrase));
  return fillPage<MessageRecord, Message>({
    limit,
    read: async (last, count) => {
      const below = last?._id ?? (start && oid(start.id));
      return terms.length > 0 ? findNewest(conversations, { terms, below, count }) : [];
    },
    show: (messages) => showHolding(ctx, messages, phrases),
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/** The conversations that the viewer is in, requests too, the one that was last written in first. */
const findSearched = ({ viewer }: ViewerContext): Promise<Searched[]> =>
  ConversationModel.find(
    { members: { $elemMatch: { userId: oid(viewer.id), accepted: { $in: [true, false] }, leftAt: null } } },
    { lastMessageAt: 1 },
  )
    .hint(LIST_INDEX)
    .sort({ lastMessageAt: -1, _id: -1 })
    .limit(SEARCHED)
    .lean();

interface Piece {
  terms: string[];
  below: ObjectId | undefined;
  count: number;
}

/**
 * The newest messages of these conversations that have all the terms. In the index { conversationId, terms, _id } each
 * conversation is looked up once, and they are read side by side until there are enough: a word that many messages hold
 * costs no more than one that few hold. Only of several words that are often written, and seldom together, are all
 * messages read that hold one of them.
 */
async function findNewest(
  conversations: Searched[],
  { terms, below, count }: Piece,
): Promise<MessageRecord[]> {
  let found: MessageRecord[] = [];
  for (let from = 0; from < conversations.length; from += SIDE_BY_SIDE) {
    const piece = conversations.slice(from, from + SIDE_BY_SIDE);
    if (found.length === count && isBefore(piece[0], found.at(-1))) break;
    const matching = await MessageModel.find({
      conversationId: { $in: piece.map(({ _id }) => _id) },
      terms: { $all: terms },
      ...(below && { _id: { $lt: below } }),
    })
      .hint(TERM_INDEX)
      .sort({ _id: -1 })
      .limit(count)
      .lean();
    found = [...found, ...matching].sort(newestFirst).slice(0, count);
  }
  return found;
}

/** Whether nobody has written in a conversation, nor in those behind it, since this message. */
function isBefore(conversation: Searched | undefined, message: MessageRecord | undefined): boolean {
  if (!conversation || !message) return false;
  const after = idAt(new Date(conversation.lastMessageAt.getTime() + 1));
  return String(message._id) >= String(after);
}

const newestFirst = (one: MessageRecord, other: MessageRecord): number =>
  String(one._id) < String(other._id) ? 1 : -1;

/** The messages as the viewer sees them; null for what is not for them, or does not hold the phrases as they stand. */
async function showHolding(
  ctx: ViewerContext,
  messages: MessageRecord[],
  phrases: string[],
): Promise<(Message | null)[]> {
  const places = await findVisible(
    ctx,
    messages.map(({ conversationId }) => conversationId),
  );
  const shown = await showMessages(ctx, messages, [...places.values()]);
  return shown.map((message) => {
    const text = phraseText(message?.content ?? "");
    return phrases.every((phrase) => text.includes(phrase)) ? message : null;
  });
}
