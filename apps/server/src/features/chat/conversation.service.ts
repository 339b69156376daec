import type { Conversation, Page, PageInput, StartConversation, UnreadCount } from "@warble/contracts";
import { z } from "zod";
import { batch, batchById } from "../../platform/batch";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { loadCards } from "../users/user.view";
import { showConversations } from "./chat.view";
import {
  ConversationModel,
  type ConversationRecord,
  idsOf,
  type MemberRecord,
  memberOf,
  newMember,
} from "./conversation.model";
import { type Asker, loadSeen, type Seen } from "./seen.view";
import { loadUnread } from "./unread.view";
import { pairKeyOf, requireWelcome } from "./welcome.service";

/** A conversation as the viewer, one of its members, has it. */
export interface Place extends Seen {
  member: MemberRecord;
  memberIds: string[];
}

const MOST_UNREAD = 100;
const MOST_PAIRS = 100;
const Position = z.strictObject({ at: z.int().min(0), id: z.string().regex(/^[0-9a-f]{24}$/) });

/** Opens the viewer's conversation with a user; the same one however often. @throws WarbleError USER_NOT_FOUND, FORBIDDEN */
export async function startConversation(ctx: ViewerContext, input: StartConversation): Promise<Conversation> {
  await requireRecipient(ctx, input.userId);
  await requireWelcome(ctx, input.userId);
  const record = await withConversation(ctx, input.userId);
  const [conversation] = await showConversations(ctx, [record]);
  if (!conversation) throw new WarbleError("USER_NOT_FOUND");
  return conversation;
}

/** The conversations that the viewer has accepted, or those that they have not, the one that was last written in first. */
export function listConversations(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
  accepted = true,
): Promise<Page<Conversation>> {
  const mine = { userId: oid(ctx.viewer.id), accepted, leftAt: null };
  const from = decodeCursor(cursor, Position);
  return fillPage<ConversationRecord, Conversation>({
    limit,
    read: (last, count) => {
      const behind = last
        ? { at: last.lastMessageAt, id: last._id }
        : from && { at: new Date(from.at), id: oid(from.id) };
      return readConversations(mine, behind, count);
    },
    show: (records) => showConversations(ctx, records),
    cursorOf: ({ lastMessageAt, _id }) => encodeCursor({ at: lastMessageAt.getTime(), id: String(_id) }),
  });
}

function readConversations(
  mine: Partial<MemberRecord>,
  behind: { at: Date; id: ObjectId } | undefined,
  count: number,
): Promise<ConversationRecord[]> {
  const after = behind && {
    lastMessageAt: { $lte: behind.at },
    $or: [{ lastMessageAt: { $lt: behind.at } }, { _id: { $lt: behind.id } }],
  };
  return ConversationModel.find({ members: { $elemMatch: mine }, ...after })
    .sort({ lastMessageAt: -1, _id: -1 })
    .limit(count)
    .lean();
}

/** How many messages of others the viewer has not read, in all conversations that they have accepted and not muted. */
export async function countUnread(ctx: ViewerContext): Promise<UnreadCount> {
  const userId = oid(ctx.viewer.id);
  const records = await ConversationModel.find({
    members: {
      $elemMatch: {
        userId,
        accepted: true,
        unread: { $gt: 0 },
        leftAt: null,
        $or: [{ muted: false }, { mutedUntil: { $lte: now() } }],
      },
    },
  })
    .limit(MOST_UNREAD)
    .lean();
  const unread = await loadUnread(ctx, await loadSeen(ctx, records));
  const count = [...unread.values()].reduce((sum, each) => sum + each, 0);
  return { count: Math.min(count, MOST_UNREAD), more: count > MOST_UNREAD };
}

/** Changes a conversation that the viewer may see, in one transaction, in the turn of its members. @throws WarbleError CONVERSATION_NOT_FOUND */
export async function changeConversation<T>(
  ctx: Asker,
  id: string,
  change: (place: Place) => Promise<T>,
): Promise<T> {
  const { record } = await requireSeen(ctx, id);
  return inTurn(idsOf(record), () =>
    transaction(async () => {
      const seen = await requireSeen(ctx, id);
      const member = memberOf(seen.record, ctx.viewer.id);
      if (!member) throw new WarbleError("CONVERSATION_NOT_FOUND");
      return change({ ...seen, member, memberIds: idsOf(seen.record) });
    }),
  );
}

/** Changes what a conversation is to one of its members; returns it as it is then. */
export async function changeMember(
  { record, member }: Pick<Place, "record" | "member">,
  changes: Partial<MemberRecord>,
): Promise<ConversationRecord> {
  const set = Object.entries(changes).map(([name, value]) => [`members.$.${name}`, value]);
  await ConversationModel.updateOne(
    { _id: record._id, "members.userId": member.userId },
    { $set: Object.fromEntries(set) },
  );
  const members = record.members.map((each) => (each === member ? { ...member, ...changes } : each));
  return { ...record, members };
}

/** The conversation, when the viewer is a member and may see it. @throws WarbleError CONVERSATION_NOT_FOUND */
export async function requireSeen(ctx: Asker, id: string): Promise<Seen> {
  const found = (await findVisible(ctx, [oid(id)])).get(id);
  if (!found) throw new WarbleError("CONVERSATION_NOT_FOUND");
  return found;
}

/** The records of these conversations, in any order; the rules are not applied. */
export const findConversations = batchById<ConversationRecord>((ids) =>
  ConversationModel.find({ _id: { $in: ids } }).lean(),
);

/** Those of these conversations that the viewer is a member of and may see, by id. */
export async function findVisible(ctx: Asker, ids: ObjectId[]): Promise<Map<string, Seen>> {
  const all = await loadSeen(ctx, await findConversations(ids));
  return new Map(all.map((seen) => [String(seen.record._id), seen]));
}

/** Somebody whom the viewer may write to. @throws WarbleError SELF_TARGET, USER_NOT_FOUND */
export async function requireRecipient(ctx: ViewerContext, userId: string): Promise<void> {
  if (userId === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
  const cards = await loadCards(ctx, [oid(userId)], "profile");
  if (!cards.has(userId)) throw new WarbleError("USER_NOT_FOUND");
}

/** The viewer's conversation with a user, made when there is none; the other one is not in it before a message is. */
export async function withConversation(ctx: ViewerContext, otherId: string): Promise<ConversationRecord> {
  const known = await findConversationWith(ctx, otherId);
  if (known && !memberOf(known, ctx.viewer.id)?.leftAt) return known;
  const open = () => transaction(() => openConversation(ctx, otherId));
  return inTurn([ctx.viewer.id, otherId], () =>
    open().catch((error: unknown) => {
      // Another node was quicker.
      if (isDuplicate(error)) return open();
      throw error;
    }),
  );
}

/** The viewer's conversation with a user, if there is one. */
export const findConversationWith = (
  ctx: ViewerContext,
  otherId: string,
): Promise<ConversationRecord | null> => findPair(pairKeyOf(ctx.viewer.id, otherId));

const findPair = batch<string, ConversationRecord | null>(async (pairKeys) => {
  const found = await ConversationModel.find({ pairKey: { $in: pairKeys } }).lean();
  const byKey = new Map(found.map((record) => [record.pairKey, record]));
  return pairKeys.map((pairKey) => byKey.get(pairKey) ?? null);
}, MOST_PAIRS);

async function openConversation(ctx: ViewerContext, otherId: string): Promise<ConversationRecord> {
  const known = await ConversationModel.findOne({ pairKey: pairKeyOf(ctx.viewer.id, otherId) }).lean();
  if (known) return comeBack(ctx, known);
  const record = newConversation(ctx, otherId);
  await ConversationModel.insertMany([record], { lean: true });
  await ctx.events.append([ctx.viewer.id], "conversation", { conversationId: String(record._id) });
  return record;
}

/** A conversation that the viewer begins with a user, before it is stored. */
export function newConversation({ viewer }: ViewerContext, otherId: string): ConversationRecord {
  const at = now();
  const memberIds = [viewer.id, otherId].sort();
  return {
    _id: newId(),
    kind: "direct",
    title: null,
    pairKey: pairKeyOf(viewer.id, otherId),
    members: memberIds.map((id) => newMember(id, id === viewer.id ? { accepted: true } : { leftAt: at })),
    lastNumber: 0,
    lastMessageId: null,
    lastMessageAt: at,
  };
}

/** Who opens a conversation that they are not in starts it anew: it is in their list, without what was said before. */
async function comeBack(ctx: ViewerContext, record: ConversationRecord): Promise<ConversationRecord> {
  const member = memberOf(record, ctx.viewer.id);
  if (!member?.leftAt) return record;
  const back = await changeMember({ record, member }, { leftAt: null, accepted: true });
  await ctx.events.append([ctx.viewer.id], "conversation", { conversationId: String(record._id) });
  return back;
}
