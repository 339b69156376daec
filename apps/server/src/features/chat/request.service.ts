import type { Conversation, InConversation, Page, PageInput } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { tiesOf } from "../relationships/relationship.service";
import { showConversation } from "./chat.view";
import { type ConversationRecord, type MemberRecord, memberOf } from "./conversation.model";
import { changeConversation, changeMember, listConversations, requireSeen } from "./conversation.service";

/** What strangers wrote to the viewer, who has not accepted it, the latest first. @throws WarbleError BAD_CURSOR */
export const listRequests = (ctx: ViewerContext, input: PageInput): Promise<Page<Conversation>> =>
  listConversations(ctx, input, false);

/**
 * Makes a request one of the viewer's conversations, also one that they left; again changes nothing.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export const acceptConversation = (
  ctx: ViewerContext,
  { conversationId }: InConversation,
): Promise<Conversation> =>
  changeConversation(ctx, conversationId, async (place) => {
    const { record, member } = place;
    if (member.accepted) return showConversation(ctx, record);
    const accepted = await changeMember(place, { accepted: true, leftAt: null });
    await ctx.events.append(noticing(record, [member]), "conversation", { conversationId });
    return showConversation(ctx, accepted);
  });

/** The members who accept a conversation by the viewer's writing in it: the viewer, and, of two, who has come to follow them. */
export async function whoAccept(
  { viewer }: ViewerContext,
  { kind, members }: ConversationRecord,
): Promise<MemberRecord[]> {
  const open = members.filter(({ accepted }) => !accepted);
  if (kind === "group") return open.filter(({ userId }) => String(userId) === viewer.id);
  if (open.length === 0) return [];
  const ties = await tiesOf(
    oid(viewer.id),
    open.map(({ userId }) => userId),
  );
  const isOrFollows = (id: string) => id === viewer.id || ties.get(id)?.followedBy;
  return open.filter(({ userId }) => isOrFollows(String(userId)));
}

/** For whom a conversation is another once these members have accepted it: the others then see what they have read. */
export function noticing({ members }: ConversationRecord, accepting: MemberRecord[]): string[] {
  const marked = accepting.some(({ readNumber, deliveredNumber }) => readNumber + deliveredNumber > 0);
  return (marked ? members : accepting).map(({ userId }) => String(userId));
}

/**
 * Counts a conversation that the viewer begins with somebody who does not accept it by that; several first messages that
 * come at once count each. Those in a group were counted when they were added.
 * @throws WarbleError RATE_LIMITED
 */
export async function countRequest(
  ctx: ViewerContext,
  { kind, lastNumber, members }: ConversationRecord,
  accepting: MemberRecord[],
): Promise<void> {
  const first = kind === "direct" && lastNumber === 0;
  const begins = first && members.some((each) => !each.accepted && !accepting.includes(each));
  if (begins) await ctx.limiter.named("request", ctx);
}

/** Whom the viewer's typing is told to: whom they see, and who has accepted the conversation, as the viewer must have. @throws WarbleError CONVERSATION_NOT_FOUND */
export async function typingAudience(
  ctx: ViewerContext,
  { conversationId }: InConversation,
): Promise<string[]> {
  const { record, cards, hidden } = await requireSeen(ctx, conversationId);
  if (!memberOf(record, ctx.viewer.id)?.accepted) return [];
  const others = cards.map(({ id }) => id).filter((id) => id !== ctx.viewer.id && !hidden.includes(id));
  return others.filter((id) => memberOf(record, id)?.accepted);
}
