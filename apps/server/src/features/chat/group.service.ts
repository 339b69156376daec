import {
  type Conversation,
  type CreateGroup,
  type GroupRole,
  LIMITS,
  type RenameGroup,
  type SetMemberRole,
} from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { showConversation } from "./chat.view";
import { ConversationModel, type ConversationRecord, idsOf, memberOf, newMember } from "./conversation.model";
import { changeConversation, type Place } from "./conversation.service";
import { countAdded, requireAddable } from "./group-welcome.service";

type Action = "rename" | "add" | "set roles" | `remove ${GroupRole}`;

/** What a member may do by their role; in a direct conversation both have none of it. */
const RIGHTS: Record<GroupRole, Action[]> = {
  owner: ["rename", "add", "remove member", "remove admin", "set roles"],
  admin: ["rename", "add", "remove member"],
  member: [],
};

/** Who has not accepted the group has no part in it yet. @throws WarbleError FORBIDDEN */
export function requireRight({ member }: Pick<Place, "member">, action: Action): void {
  if (member.accepted && RIGHTS[member.role].includes(action)) return;
  throw new WarbleError("FORBIDDEN", { message: "Your role in this conversation does not allow that." });
}

/** @throws WarbleError BAD_INPUT */
export function requireRoom(count: number): void {
  if (count <= LIMITS.groupMembers) return;
  const message = `would make more than ${LIMITS.groupMembers} members`;
  throw new WarbleError("BAD_INPUT", { issues: [{ path: ["userIds"], code: "custom", message }] });
}

/**
 * Makes a group of the viewer, its owner, and these users; the same `clientId` again answers the same group.
 * @throws WarbleError USER_NOT_FOUND, FORBIDDEN for who takes no messages from the viewer, BAD_INPUT, RATE_LIMITED
 */
export async function createGroup(ctx: ViewerContext, input: CreateGroup): Promise<Conversation> {
  const { viewer } = ctx;
  const madeAs = input.clientId && `${viewer.id}:${input.clientId}`;
  const made = await findMade(madeAs);
  if (made) return showConversation(ctx, made);
  const userIds = [...new Set(input.userIds)].filter((id) => id !== viewer.id);
  requireRoom(userIds.length + 1);
  const added = await requireAddable(ctx, userIds);
  await countAdded(ctx, added);
  const group: ConversationRecord = {
    _id: newId(),
    kind: "group",
    title: input.title,
    ...(madeAs && { madeAs }),
    members: [newMember(viewer.id, { role: "owner", accepted: true }), ...added],
    lastNumber: 0,
    lastMessageId: null,
    lastMessageAt: now(),
  };
  const store = () =>
    transaction(async () => {
      await ConversationModel.insertMany([group], { lean: true });
      return tellMembers(ctx, group);
    });
  return inTurn(idsOf(group), store).catch(async (error: unknown) => {
    const meanwhile = isDuplicate(error) && (await findMade(madeAs));
    if (meanwhile) return showConversation(ctx, meanwhile);
    throw error;
  });
}

const findMade = async (madeAs: string | undefined): Promise<ConversationRecord | null> =>
  madeAs ? ConversationModel.findOne({ madeAs }).lean() : null;

/** Gives a group another title. @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN */
export const renameGroup = (
  ctx: ViewerContext,
  { conversationId, title }: RenameGroup,
): Promise<Conversation> =>
  changeConversation(ctx, conversationId, async (place) => {
    requireRight(place, "rename");
    const { record } = place;
    if (record.title === title) return showConversation(ctx, record);
    await ConversationModel.updateOne({ _id: record._id }, { $set: { title } });
    return tellMembers(ctx, { ...record, title });
  });

/**
 * Makes a member an admin or no longer one, or hands them the group: then the viewer becomes an admin.
 * @throws WarbleError CONVERSATION_NOT_FOUND, FORBIDDEN, SELF_TARGET, USER_NOT_FOUND for who is no member
 */
export const setRole = (
  ctx: ViewerContext,
  { conversationId, userId, role }: SetMemberRole,
): Promise<Conversation> =>
  changeConversation(ctx, conversationId, async (place) => {
    requireRight(place, "set roles");
    const { record, hidden } = place;
    if (userId === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
    const target = memberOf(record, userId);
    if (!target || hidden.includes(userId)) throw new WarbleError("USER_NOT_FOUND");
    if (target.role === role) return showConversation(ctx, record);
    const changed = await giveRole(record, userId, role);
    if (role !== "owner") return tellMembers(ctx, changed);
    return tellMembers(ctx, await giveRole(changed, ctx.viewer.id, "admin"));
  });

/** Returns the group as it is then. */
export async function giveRole(
  { _id }: ConversationRecord,
  userId: string,
  role: GroupRole,
): Promise<ConversationRecord> {
  return ConversationModel.findOneAndUpdate(
    { _id, "members.userId": oid(userId) },
    { $set: { "members.$.role": role } },
    { returnDocument: "after" },
  )
    .lean<ConversationRecord>()
    .orFail();
}

/** Tells all members of the group as it is now; answers it. */
export async function tellMembers(ctx: ViewerContext, record: ConversationRecord): Promise<Conversation> {
  await ctx.events.append(idsOf(record), "conversation", { conversationId: String(record._id) });
  return showConversation(ctx, record);
}
