import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { loadCards } from "../users/user.view";
import { type MemberRecord, newMember } from "./conversation.model";
import { findRefusing } from "./welcome.service";

/**
 * These users as they would join a group that the viewer adds them to: who does not follow the viewer has still to
 * accept it.
 * @throws WarbleError USER_NOT_FOUND, FORBIDDEN when one takes no messages from the viewer
 */
export async function requireAddable(ctx: ViewerContext, userIds: string[]): Promise<MemberRecord[]> {
  if (userIds.length === 0) return [];
  const cards = await loadCards(ctx, userIds.map(oid), "people");
  if (userIds.some((id) => !cards.has(id))) throw new WarbleError("USER_NOT_FOUND");
  const refusing = await findRefusing(ctx, userIds);
  if (refusing.length > 0) {
    const names = refusing.map((id) => `@${cards.get(id)?.username}`).join(", ");
    throw new WarbleError("FORBIDDEN", { message: `No messages from you are taken by ${names}.` });
  }
  return userIds.map((id) => newMember(id, { accepted: cards.get(id)?.viewer?.followedBy ?? false }));
}

/** Counts those who are added, and again, as requests, those who have still to accept it. @throws WarbleError RATE_LIMITED */
export async function countAdded(ctx: ViewerContext, added: MemberRecord[]): Promise<void> {
  const requests = added.filter(({ accepted }) => !accepted).length;
  if (added.length > 0) await ctx.limiter.named("member", ctx, added.length);
  if (requests > 0) await ctx.limiter.named("request", ctx, requests);
}
