import type { User, UserCard } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { both } from "../../platform/mongo";
import { STRANGERS, showRelationship, type Ties, tiesOf } from "../relationships/relationship.service";
import { canSee, judge, type Sight, type Surface } from "../visibility/visibility.service";
import type { UserRecord } from "./user.model";
import { findUsers } from "./user.service";

type Asker = Pick<Context, "viewer">;

/** These users as they stand to the viewer, by id, in one batch. The rules are not applied. */
export async function loadSights(ctx: Asker, ids: ObjectId[]): Promise<Map<string, Sight>> {
  const [owners, ties] = await both(
    () => findUsers(ids),
    () => tiesTo(ctx, ids),
  );
  return new Map(owners.map((owner) => [String(owner._id), sightOf(ctx, owner, ties)]));
}

/** The cards of these users by id, in one batch. Whoever the viewer may not see on that surface has no card. */
export async function loadCards(
  ctx: Asker,
  ids: ObjectId[],
  surface: Surface,
): Promise<Map<string, UserCard>> {
  return cardsOn(await loadSights(ctx, ids), surface);
}

/** The cards of those whom the viewer may see on a surface, by id. */
export const cardsOn = (sights: Map<string, Sight>, surface: Surface): Map<string, UserCard> =>
  new Map(
    [...sights].filter(([, sight]) => canSee(sight, surface)).map(([id, sight]) => [id, showSight(sight)]),
  );

/** The cards of a list of people, in order; null for whoever the viewer may not see there. */
export async function listCards(ctx: Asker, ids: ObjectId[]): Promise<(UserCard | null)[]> {
  const cards = await loadCards(ctx, ids, "people");
  return ids.map((id) => cards.get(String(id)) ?? null);
}

/** Cards for these records, in order; null for whoever the viewer may not see on that surface. */
export async function showCards(
  ctx: Asker,
  records: UserRecord[],
  surface: Surface,
): Promise<(UserCard | null)[]> {
  const sights = await sightsOf(ctx, records);
  return sights.map((sight) => (canSee(sight, surface) ? showSight(sight) : null));
}

/** Profiles for these records, in order; null for whoever the viewer may not see. */
export async function showUsers(ctx: Asker, records: UserRecord[]): Promise<(User | null)[]> {
  const sights = await sightsOf(ctx, records);
  return sights.map((sight) => {
    const { shown } = judge(sight, "profile");
    return shown === "hidden" ? null : showUser(sight, shown === "flagged" ? NOTHING : sight.owner);
  });
}

/** These records as they stand to the viewer, in order. The rules are not applied. */
export async function sightsOf(ctx: Asker, records: UserRecord[]): Promise<Sight[]> {
  const ties = await tiesTo(
    ctx,
    records.map((user) => user._id),
  );
  return records.map((owner) => sightOf(ctx, owner, ties));
}

const sightOf = ({ viewer }: Asker, owner: UserRecord, ties: (user: UserRecord) => Ties): Sight => ({
  viewer,
  owner,
  ties: ties(owner),
});

async function tiesTo({ viewer }: Asker, ids: ObjectId[]): Promise<(user: UserRecord) => Ties> {
  const all = viewer ? await tiesOf(oid(viewer.id), ids) : new Map<string, Ties>();
  return ({ _id }) => all.get(String(_id)) ?? STRANGERS;
}

/** The card of somebody whom the viewer may see. */
export const showSight = ({ viewer, owner, ties }: Sight): UserCard => ({
  id: String(owner._id),
  username: owner.username,
  displayName: owner.displayName,
  avatarUrl: owner.avatarUrl,
  protected: owner.protected,
  viewer: viewer && showRelationship(ties),
});

/** What a profile tells beside the card. */
type Told = Pick<UserRecord, "bio" | "bannerUrl" | "location" | "website">;

const NOTHING: Told = { bio: "", bannerUrl: null, location: "", website: null };

const showUser = (sight: Sight, { bio, bannerUrl, location, website }: Told): User => ({
  ...showSight(sight),
  bio,
  bannerUrl,
  location,
  website,
  createdAt: sight.owner.createdAt.toISOString(),
  counts: { ...sight.owner.counts },
});
