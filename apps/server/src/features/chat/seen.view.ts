import type { UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { cardsOn, loadSights } from "../users/user.view";
import { type ConversationRecord, idsOf, memberOf } from "./conversation.model";

export type Asker = Pick<ViewerContext, "viewer">;

/** A conversation that the viewer is a member of and may see, and whom of it. */
export interface Seen {
  record: ConversationRecord;
  /** The members whom the viewer may see. */
  cards: UserCard[];
  /** The ids of those of whom nothing new is shown: in a group, who has no card; of two, the other one across a block. */
  hidden: string[];
}

/** Those of the conversations that the viewer is a member of and may see. */
export async function loadSeen(ctx: Asker, records: ConversationRecord[]): Promise<Seen[]> {
  const mine = records.filter((record) => memberOf(record, ctx.viewer.id));
  if (mine.length === 0) return [];
  const ids = mine.flatMap(({ members }) => members.map(({ userId }) => userId));
  const sights = await loadSights(ctx, ids);
  const [past, present] = [cardsOn(sights, "past"), cardsOn(sights, "people")];
  return mine
    .map((record) => ({
      record,
      cards: idsOf(record).flatMap((id) => (record.kind === "group" ? present : past).get(id) ?? []),
      hidden: idsOf(record).filter((id) => !present.has(id)),
    }))
    .filter(({ record, cards }) => record.kind === "group" || cards.length === record.members.length);
}

/** Between two people nobody is left out. */
export const wholly = (record: ConversationRecord): Seen => ({ record, cards: [], hidden: [] });
