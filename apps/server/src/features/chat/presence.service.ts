import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { findUsers } from "../users/user.service";
import { showCards } from "../users/user.view";
import { ConversationModel } from "./conversation.model";
import { pairKeyOf } from "./welcome.service";

/**
 * Those of these users whose presence the viewer may know, and who may know the viewer's: both have taken part in their
 * conversation, see each other, and show their presence.
 */
export async function contactsOf({ viewer }: ViewerContext, userIds: string[]): Promise<string[]> {
  const asked = new Map(userIds.map((userId) => [pairKeyOf(viewer.id, userId), userId]));
  const conversations = await ConversationModel.find({ pairKey: { $in: [...asked.keys()] } }).lean();
  const partners = conversations
    .filter(({ members }) => members.every(({ accepted }) => accepted))
    .flatMap(({ pairKey }) => asked.get(pairKey ?? "") ?? []);
  if (partners.length === 0) return [];
  const users = await findUsers([viewer.id, ...partners].map(oid));
  const open = users.filter(({ showPresence }) => showPresence);
  const others = open.filter(({ _id }) => String(_id) !== viewer.id);
  // Who does not show themselves sees nobody.
  if (others.length === open.length) return [];
  const cards = await showCards({ viewer }, others, "people");
  return cards.flatMap((card) => card?.id ?? []);
}
