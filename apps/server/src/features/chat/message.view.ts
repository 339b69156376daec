import { LIMITS, type Message, type QuotedMessage } from "@warble/contracts";
import { oid } from "../../platform/id";
import { loadCards } from "../users/user.view";
import { memberOf } from "./conversation.model";
import { MessageModel, type MessageRecord } from "./message.model";
import type { Asker, Seen } from "./seen.view";

/** What a viewer sees in messages. */
interface Sight {
  /** Whether a message is in their view, and of somebody whom they may see. */
  shows: (message: MessageRecord) => boolean;
  quoted: Map<string, QuotedMessage>;
  sees: (message: MessageRecord, userId: object) => boolean;
}

/** Those of these messages of these conversations that the viewer is shown. */
export async function filterShown(
  ctx: Asker,
  records: MessageRecord[],
  places: Seen[],
): Promise<MessageRecord[]> {
  const { shows } = await look(ctx, records, places);
  return records.filter(shows);
}

/** Messages of these conversations as the viewer sees them, in order; null for what they are not shown. */
export async function showMessages(
  ctx: Asker,
  records: MessageRecord[],
  places: Seen[],
): Promise<(Message | null)[]> {
  const sight = await look(ctx, records, places);
  return records.map((record) => (sight.shows(record) ? show(record, sight) : null));
}

/** A message as the viewer sees it, who has just written or changed it. */
export const showMessage = async (ctx: Asker, record: MessageRecord, place: Seen): Promise<Message> =>
  show(record, await look(ctx, [record], [place]));

async function look(ctx: Asker, records: MessageRecord[], places: Seen[]): Promise<Sight> {
  const at = new Map(places.map((place) => [String(place.record._id), place]));
  const placeOf = ({ conversationId }: MessageRecord) => at.get(String(conversationId));
  const quoted = await findQuoted(records);
  const people = await loadPeople(
    ctx,
    [...records, ...quoted].filter((each) => placeOf(each)?.record.kind === "group"),
    places,
  );
  const sees: Sight["sees"] = (message, userId) =>
    placeOf(message)?.record.kind === "direct" || people.has(String(userId));
  const shows = (message: MessageRecord) =>
    isTheirs(ctx, message, placeOf(message)) && sees(message, message.senderId);
  const quotes = quoted.filter(shows).map((each) => [String(each._id), showQuoted(each)] as const);
  return { shows, sees, quoted: new Map(quotes) };
}

/** Whether a message is in the viewer's own view: not deleted from it, nor from before they left or joined. */
function isTheirs({ viewer }: Asker, { number, hiddenFor }: MessageRecord, place: Seen | undefined): boolean {
  const member = place && memberOf(place.record, viewer.id);
  if (!member || number <= member.clearedNumber) return false;
  return !hiddenFor.some((id) => String(id) === viewer.id);
}

/** Whom the viewer may see of those who wrote these messages or reacted to them: also people who have left the group. */
async function loadPeople(ctx: Asker, messages: MessageRecord[], places: Seen[]): Promise<Set<string>> {
  const seen = new Set(places.flatMap(({ cards }) => cards.map(({ id }) => id)));
  const hidden = new Set(places.flatMap((place) => place.hidden));
  const named = messages.flatMap(({ senderId, reactions }) => [
    senderId,
    ...reactions.flatMap(({ userIds }) => userIds),
  ]);
  const left = named.map(String).filter((id) => !seen.has(id) && !hidden.has(id));
  if (left.length > 0) for (const id of (await loadCards(ctx, left.map(oid), "people")).keys()) seen.add(id);
  return seen;
}

const findQuoted = async (records: MessageRecord[]): Promise<MessageRecord[]> => {
  const ids = records.flatMap(({ replyTo }) => replyTo ?? []);
  return ids.length > 0 ? MessageModel.find({ _id: { $in: ids } }).lean() : [];
};

function show(record: MessageRecord, { quoted, sees }: Sight): Message {
  const deleted = record.deletedAt !== null;
  return {
    id: String(record._id),
    conversationId: String(record.conversationId),
    number: record.number,
    clientId: record.clientId,
    senderId: String(record.senderId),
    content: deleted ? "" : record.content,
    createdAt: record.createdAt.toISOString(),
    editedAt: record.editedAt?.toISOString() ?? null,
    deleted,
    replyTo: quoted.get(String(record.replyTo)) ?? null,
    reactions: deleted ? [] : showReactions(record, (userId) => sees(record, userId)),
  };
}

const showReactions = (
  { reactions }: MessageRecord,
  sees: (userId: object) => boolean,
): Message["reactions"] =>
  reactions
    .map(({ emoji, userIds }) => ({ emoji, userIds: userIds.filter(sees).map(String) }))
    .filter(({ userIds }) => userIds.length > 0);

const showQuoted = ({ _id, number, senderId, content, deletedAt }: MessageRecord): QuotedMessage => ({
  id: String(_id),
  number,
  senderId: String(senderId),
  content: deletedAt ? "" : [...content].slice(0, LIMITS.quotedMessage).join(""),
});
