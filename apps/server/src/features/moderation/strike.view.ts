import type { ModeratedStrike, Strike } from "@warble/contracts";
import { loadPeople } from "./person.view";
import type { StrikeRecord } from "./strike.model";

/** Strikes as they are shown to whom they are against. */
export const showStrikes = (records: StrikeRecord[]): Strike[] =>
  records.map(({ _id, action, reason, target, until, createdAt, revokedAt, appealUntil, appeal }) => ({
    id: String(_id),
    action,
    reason,
    target: target && { type: target.type, id: target.id, content: target.content },
    until: until?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
    appealUntil: appealUntil.toISOString(),
    appeal: appeal && {
      text: appeal.text,
      createdAt: appeal.createdAt.toISOString(),
      state: appeal.state,
      note: appeal.note,
      decidedAt: appeal.decidedAt?.toISOString() ?? null,
    },
  }));

/** Strikes as moderators see them. */
export async function showModeratedStrikes(records: StrikeRecord[]): Promise<ModeratedStrike[]> {
  const people = await loadPeople(records.flatMap(({ userId, byId }) => [userId, byId]));
  return showStrikes(records).map((strike, index) => ({
    ...strike,
    user: people.get(String(records[index]?.userId)) ?? null,
    by: people.get(String(records[index]?.byId)) ?? null,
  }));
}
