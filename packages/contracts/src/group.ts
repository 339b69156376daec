import { z } from "zod";
import { LIMITS } from "./limits";
import { Id, text } from "./scalar";

/** What somebody is in a group. Each group has one owner. */
export const GroupRole = z.enum(["owner", "admin", "member"]);
export type GroupRole = z.infer<typeof GroupRole>;

export interface MemberRole {
  userId: string;
  role: GroupRole;
}
export const MemberRole: z.ZodType<MemberRole> = z.strictObject({ userId: Id, role: GroupRole });

const Title = text(LIMITS.groupTitle).trim().min(1);
const People = z.array(Id).max(LIMITS.groupMembers);

export const CreateGroup = z.strictObject({
  title: Title,
  userIds: People,
  /** Your own id of it: the same one again answers the same group. */
  clientId: text(64).min(1).optional(),
});
export type CreateGroup = z.infer<typeof CreateGroup>;
export const RenameGroup = z.strictObject({ conversationId: Id, title: Title });
export type RenameGroup = z.infer<typeof RenameGroup>;
export const AddMembers = z.strictObject({ conversationId: Id, userIds: People });
export type AddMembers = z.infer<typeof AddMembers>;
export const RemoveMember = z.strictObject({ conversationId: Id, userId: Id });
export type RemoveMember = z.infer<typeof RemoveMember>;
/** Another `owner` takes the place of the viewer, who is an admin from then on. */
export const SetMemberRole = z.strictObject({ conversationId: Id, userId: Id, role: GroupRole });
export type SetMemberRole = z.infer<typeof SetMemberRole>;
