import type { Relationship, User, UserCard } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { both } from "../../platform/mongo";
import { STRANGERS, showRelationship, type Ties, tiesOf } from "../relationships/relationship.service";
import { canSee, type Sight, type Surface } from "../visibility/visibility.service";
import type { UserRecord } from "./user.model";
import { findUsers } from "./user.service";

type Asker = Pick<Context, "viewer">;

/** The cards of these users by id, in one batch. Whoever the viewer may not see on that surface has no card. */
export async function loadCards(
  ctx: Asker,
  ids: ObjectId[],
  surface: Surface,
): Promise<Map<string, UserCard>> {
  return cardsOn(await loadSighted(ctx, ids), surface);
}

/** The cards that the viewer sees on one surface and on another, in one batch. */
export async function loadCardsOnBoth(
  ctx: Asker,
  ids: ObjectId[],
  [one, other]: [Surface, Surface],
): Promise<[Map<string, UserCard>, Map<string, UserCard>]> {
  const sighted = await loadSighted(ctx, ids);
  return [cardsOn(sighted, one), cardsOn(sighted, other)];
}

const cardsOn = (sighted: Sight[], surface: Surface): Map<string, UserCard> =>
  new Map(
    sighted
      .filter((sight) => canSee(sight, surface))
      .map(({ viewer, owner, ties }) => [
        String(owner._id),
        showCard(owner, viewer && showRelationship(ties)),
      ]),
  );

/** The cards of a list of people, in order; null for whoever the viewer may not see there. */
export async function listCards(ctx: Asker, ids: ObjectId[]): Promise<(UserCard | null)[]> {
  const cards = await loadCards(ctx, ids, "people");
  return ids.map((id) => cards.get(String(id)) ?? null);
}

/** Profiles for these records, in order; null for whoever the viewer may not see. */
export const showUsers = (ctx: Asker, records: UserRecord[]): Promise<(User | null)[]> =>
  showAs(showUser, records, { ctx, surface: "profile" });

/** Cards for these records, in order; null for whoever the viewer may not see on that surface. */
export const showCards = (
  ctx: Asker,
  records: UserRecord[],
  surface: Surface,
): Promise<(UserCard | null)[]> => showAs(showCard, records, { ctx, surface });

async function showAs<T>(
  show: (user: UserRecord, viewer: Relationship | null) => T,
  records: UserRecord[],
  { ctx, surface }: { ctx: Asker; surface: Surface },
): Promise<(T | null)[]> {
  const ties = await tiesTo(
    ctx,
    records.map((user) => user._id),
  );
  return records
    .map((owner) => ({ viewer: ctx.viewer, owner, ties: ties(owner) }))
    .map((sight) =>
      canSee(sight, surface) ? show(sight.owner, sight.viewer && showRelationship(sight.ties)) : null,
    );
}

async function loadSighted(ctx: Asker, ids: ObjectId[]): Promise<Sight[]> {
  const [owners, ties] = await both(
    () => findUsers(ids),
    () => tiesTo(ctx, ids),
  );
  return owners.map((owner) => ({ viewer: ctx.viewer, owner, ties: ties(owner) }));
}

async function tiesTo({ viewer }: Asker, ids: ObjectId[]): Promise<(user: UserRecord) => Ties> {
  const all = viewer ? await tiesOf(oid(viewer.id), ids) : new Map<string, Ties>();
  return ({ _id }) => all.get(String(_id)) ?? STRANGERS;
}

const showCard = (user: UserRecord, viewer: Relationship | null): UserCard => ({
  id: String(user._id),
  username: user.username,
  displayName: user.displayName,
  avatarUrl: user.avatarUrl,
  protected: user.protected,
  viewer,
});

const showUser = (user: UserRecord, viewer: Relationship | null): User => ({
  ...showCard(user, viewer),
  bio: user.bio,
  bannerUrl: user.bannerUrl,
  location: user.location,
  website: user.website,
  createdAt: user.createdAt.toISOString(),
  counts: { ...user.counts },
});
