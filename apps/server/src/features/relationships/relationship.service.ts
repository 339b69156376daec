import type { Relationship } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { defineEvent } from "../../platform/events";
import { type ObjectId, oid } from "../../platform/id";
import { type EdgeKind, EdgeModel, type EdgeRecord, PAIR_INDEX, pairKey, pairMemory } from "./edge.model";

/** The edge appeared; look whether it is still there. */
export const followed = defineEvent<{ followerId: string; followeeId: string }>("user.followed");
/** The edge disappeared. */
export const unfollowed = defineEvent<{ followerId: string; followeeId: string }>("user.unfollowed");
/** Somebody asked to follow a protected user, or takes it back, or was answered: look what is true now. */
export const followAsked = defineEvent<{ followerId: string; followeeId: string }>("user.followAsked");
/** A user is no longer protected, so whoever waits to follow them need not any more. */
export const opened = defineEvent<{ userId: string }>("user.opened");

/** The event in a user's log that says that something between them and another user has changed. */
export const RELATIONSHIP = "relationship";

/** Tells those of the two who may know of it, as the last thing in the transaction that changes it. */
export const logRelationship = (
  { events }: Pick<App, "events">,
  between: [string, string],
  told: string[] = between,
): Promise<void> => events.append(told, RELATIONSHIP, { between });

/** What stands between two people, with what is never told. */
export interface Ties extends Relationship {
  blockedBy: boolean;
}

/** What stands between two people who have nothing to do with each other. */
export const STRANGERS: Ties = {
  following: false,
  followedBy: false,
  requested: false,
  requestedBy: false,
  blocking: false,
  blockedBy: false,
  muting: false,
  mutingRetweets: false,
};

/** What the viewer may know of it. */
export const showRelationship = ({ blockedBy: _, ...told }: Ties): Relationship => told;

const MINE: Record<EdgeKind, keyof Ties> = {
  follow: "following",
  request: "requested",
  block: "blocking",
  mute: "muting",
};
/** That somebody is muted is for nobody else to know or to act on. */
const THEIRS: Partial<Record<EdgeKind, keyof Ties>> = {
  follow: "followedBy",
  request: "requestedBy",
  block: "blockedBy",
};

const tieOf = ({ kind, only }: EdgeRecord, mine: boolean): keyof Ties | undefined => {
  if (!mine) return THEIRS[kind];
  return only === "retweets" ? "mutingRetweets" : MINE[kind];
};

/** What stands between the viewer and each of these users, by their id, in one read. */
export async function tiesOf(viewerId: ObjectId, userIds: ObjectId[]): Promise<Map<string, Ties>> {
  const viewer = String(viewerId);
  const edges = await pairMemory.find(userIds.map((id) => pairKey(viewer, String(id))));
  const at = now();
  return new Map(
    userIds.map(String).map((id) => [id, tiesBy(viewerId, edges.get(pairKey(viewer, id)) ?? [], at)]),
  );
}

function tiesBy(viewerId: ObjectId, edges: EdgeRecord[], at: Date): Ties {
  const ties = { ...STRANGERS };
  for (const edge of edges) {
    const name = tieOf(edge, edge.fromId.equals(viewerId));
    if (name && !(edge.until && edge.until <= at)) ties[name] = true;
  }
  return ties;
}

/** Whether any of these users blocks another of them, in one read. */
export async function isBlockAmong(userIds: ObjectId[]): Promise<boolean> {
  const users = { $in: userIds };
  return (await EdgeModel.exists({ fromId: users, kind: "block", toId: users }).hint(PAIR_INDEX)) !== null;
}

/** Tells of any two of these users whether one blocks the other, in one read. */
export async function blocksAmong(userIds: ObjectId[]): Promise<(one: ObjectId, other: ObjectId) => boolean> {
  const users = { $in: userIds };
  const among = { fromId: users, kind: "block", toId: users } as const;
  const edges: EdgeRecord[] = userIds.length > 1 ? await EdgeModel.find(among).hint(PAIR_INDEX).lean() : [];
  const pairs = new Set(edges.flatMap(({ fromId, toId }) => [`${fromId} ${toId}`, `${toId} ${fromId}`]));
  return (one, other) => pairs.has(`${one} ${other}`);
}

/** What stands between two users. */
export async function tiesBetween(viewerId: string, userId: string): Promise<Ties> {
  const ties = await tiesOf(oid(viewerId), [oid(userId)]);
  return ties.get(userId) ?? STRANGERS;
}
