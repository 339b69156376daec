import type { UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { loadCards } from "../users/user.view";
import { type ConversationRecord, idsOf, memberOf } from "./conversation.model";

export type Asker = Pick<ViewerContext, "viewer">;

/** A conversation that the viewer is a member of and may see, and whom of it. */
export interface Seen {
  record: ConversationRecord;
  /** The members whom the viewer may see. */
  cards: UserCard[];
  /** The ids of the others, in a group; a direct conversation is hidden with the other one. */
  hidden: string[];
}

/** Those of the conversations that the viewer is a member of and may see. */
export async function loadSeen(ctx: Asker, records: ConversationRecord[]): Promise<Seen[]> {
  const mine = records.filter((record) => memberOf(record, ctx.viewer.id));
  if (mine.length === 0) return [];
  const known = await loadCards(
    ctx,
    mine.flatMap(({ members }) => members.map(({ userId }) => userId)),
  );
  return mine
    .map((record) => ({
      record,
      cards: idsOf(record).flatMap((id) => known.get(id) ?? []),
      hidden: idsOf(record).filter((id) => !known.has(id)),
    }))
    .filter(({ record, hidden }) => record.kind === "group" || hidden.length === 0);
}
