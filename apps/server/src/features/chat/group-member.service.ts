import type { AddMembers, Conversation, RemoveMember } from "@warble/contracts";
import type { App, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { showConversation } from "./chat.view";
import {
  ConversationModel,
  type ConversationRecord,
  idsOf,
  type MemberRecord,
  memberOf,
} from "./conversation.model";
import { changeConversation, type Place, requireSeen } from "./conversation.service";
import { giveRole, requireRight, requireRoom, tellMembers } from "./group.service";
import { countAdded, requireAddable } from "./group-welcome.service";
import { conversationRead } from "./mark.service";
import type { Asker } from "./seen.view";

/**
 * Adds users to a group, who see what is said from now on; for who does not follow the viewer it is a request. Who is a
 * member already stays as they are.
 * @throws WarbleError CONVERSATION_NOT_FOUND, USER_NOT_FOUND, FORBIDDEN, also for who takes no messages from the viewer,
 * BAD_INPUT for too many, RATE_LIMITED
 */
export async function addMembers(
  ctx: ViewerContext,
  { conversationId, userIds }: AddMembers,
): Promise<Conversation> {
  const { record } = await requireSeen(ctx, conversationId);
  const self = memberOf(record, ctx.viewer.id);
  if (self) requireRight({ member: self }, "add");
  const addable = await requireAddable(ctx, missingFrom(record, [...new Set(userIds)]));
  await countAdded(ctx, addable);
  return changeConversation(ctx, conversationId, async (place) => {
    requireRight(place, "add");
    const { _id, lastNumber, members } = place.record;
    const added = addable.filter(({ userId }) => !memberOf(place.record, String(userId)));
    if (added.length === 0) return showConversation(ctx, place.record);
    requireRoom(members.length + added.length);
    const joining = added.map((each) => ({ ...each, clearedNumber: lastNumber }));
    const group = await ConversationModel.findOneAndUpdate(
      { _id },
      { $push: { members: { $each: joining } } },
      { returnDocument: "after" },
    )
      .lean<ConversationRecord>()
      .orFail();
    return tellMembers(ctx, group);
  });
}

const missingFrom = (record: ConversationRecord, userIds: string[]): string[] =>
  userIds.filter((id) => !memberOf(record, id));

/**
 * Removes a member from a group; who is none stays none.
 * @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN, SELF_TARGET
 */
export const removeMember = (
  ctx: ViewerContext,
  { conversationId, userId }: RemoveMember,
): Promise<Conversation> =>
  changeConversation(ctx, conversationId, async (place) => {
    if (userId === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
    const { record, hidden } = place;
    const target = hidden.includes(userId) ? undefined : memberOf(record, userId);
    requireRight(place, `remove ${target?.role ?? "member"}`);
    return target
      ? tellMembers(ctx, await endMembership(ctx, record, userId))
      : showConversation(ctx, record);
  });

/** Ends the viewer's membership of a group, for good. */
export async function leaveGroup(ctx: App & Asker, place: Place): Promise<void> {
  const { record, member } = place;
  const heir = member.role === "owner" ? successorOf(place) : undefined;
  if (heir) await giveRole(record, String(heir.userId), "owner");
  const left = await endMembership(ctx, record, ctx.viewer.id);
  await ctx.events.append(idsOf(left), "conversation", { conversationId: String(record._id) });
}

/** Who owns a group after its owner: the admin, else the member, who has been in it for longest. */
function successorOf({ record, member, hidden }: Place): MemberRecord | undefined {
  const others = record.members.filter((each) => each !== member);
  const present = others.filter(({ userId, accepted }) => accepted && !hidden.includes(String(userId)));
  const firstOf = (some: MemberRecord[]) => some.find(({ role }) => role === "admin") ?? some[0];
  return firstOf(present) ?? firstOf(others);
}

/** From here on the user is told nothing of the group but this. Returns it as it is then. */
async function endMembership(
  ctx: App,
  { _id }: ConversationRecord,
  userId: string,
): Promise<ConversationRecord> {
  const group = await ConversationModel.findOneAndUpdate(
    { _id },
    { $pull: { members: { userId: oid(userId) } } },
    { returnDocument: "after" },
  )
    .lean<ConversationRecord>()
    .orFail();
  const conversationId = String(_id);
  await ctx.events.append([userId], "left", { conversationId });
  await ctx.jobs.emit(conversationRead, { conversationId, userId });
  return group;
}
