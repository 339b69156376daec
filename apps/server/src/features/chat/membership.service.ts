import type { Conversation, MuteConversation } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App, ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { showConversation } from "./chat.view";
import type { MemberRecord } from "./conversation.model";
import { changeConversation, changeMember } from "./conversation.service";
import { leaveGroup } from "./group-member.service";
import { conversationRead } from "./mark.service";
import type { Asker } from "./seen.view";

/**
 * Clears a conversation from the viewer's view, until somebody writes in it again; again changes nothing. In a group it
 * ends their membership.
 * @throws WarbleError CONVERSATION_NOT_FOUND
 */
export const leaveConversation = (ctx: App & Asker, conversationId: string): Promise<void> =>
  changeConversation(ctx, conversationId, async (place) => {
    if (place.record.kind === "group") return leaveGroup(ctx, place);
    if (place.member.leftAt) return;
    // The read mark stays: nobody is told that something was read which was not.
    await changeMember(place, { leftAt: now(), clearedNumber: place.record.lastNumber, unread: 0 });
    await ctx.events.append([ctx.viewer.id], "left", { conversationId });
    await ctx.jobs.emit(conversationRead, { conversationId, userId: ctx.viewer.id });
  });

/** Has a conversation make no notifications, for good or until then. @throws WarbleError CONVERSATION_NOT_FOUND, BAD_INPUT */
export async function muteConversation(
  ctx: ViewerContext,
  { conversationId, until }: MuteConversation,
): Promise<Conversation> {
  return setMuted(ctx, conversationId, { muted: true, mutedUntil: endOf(until) });
}

/** Lets a conversation make notifications again. @throws WarbleError CONVERSATION_NOT_FOUND */
export const unmuteConversation = (ctx: ViewerContext, conversationId: string): Promise<Conversation> =>
  setMuted(ctx, conversationId, { muted: false, mutedUntil: null });

const setMuted = (
  ctx: ViewerContext,
  conversationId: string,
  to: Pick<MemberRecord, "muted" | "mutedUntil">,
): Promise<Conversation> =>
  changeConversation(ctx, conversationId, async (place) => {
    const { record, member } = place;
    const isSo = member.muted === to.muted && member.mutedUntil?.getTime() === to.mutedUntil?.getTime();
    if (isSo) return showConversation(ctx, record);
    const changed = await changeMember(place, to);
    await ctx.events.append([ctx.viewer.id], "conversation", { conversationId });
    return showConversation(ctx, changed);
  });
