import type { Relationship, User, UserCard } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { relationshipsOf, STRANGERS } from "../relationships/relationship.service";
import { canSee } from "../visibility/visibility.service";
import type { UserRecord } from "./user.model";
import { findUsers } from "./user.service";

type Asker = Pick<Context, "viewer">;

/** The cards of these users by id, in one batch. Whoever the viewer may not see has no card. */
export async function loadCards(ctx: Asker, ids: ObjectId[]): Promise<Map<string, UserCard>> {
  const users = await loadVisible(ctx, await findUsers(unique(ids)));
  return new Map(users.map(({ user, viewer }) => [String(user._id), showCard(user, viewer)]));
}

/** The cards of these users, in order; null for whoever the viewer may not see. */
export async function listCards(ctx: Asker, ids: ObjectId[]): Promise<(UserCard | null)[]> {
  const cards = await loadCards(ctx, ids);
  return ids.map((id) => cards.get(String(id)) ?? null);
}

/** Profiles for these records, in order; null for whoever the viewer may not see. */
export const showUsers = (ctx: Asker, records: UserRecord[]): Promise<(User | null)[]> =>
  showAs(showUser, ctx, records);

/** Cards for these records, in order; null for whoever the viewer may not see. */
export const showCards = (ctx: Asker, records: UserRecord[]): Promise<(UserCard | null)[]> =>
  showAs(showCard, ctx, records);

async function showAs<T>(
  show: (user: UserRecord, viewer: Relationship | null) => T,
  ctx: Asker,
  records: UserRecord[],
): Promise<(T | null)[]> {
  const visible = new Map((await loadVisible(ctx, records)).map((each) => [each.user, each.viewer]));
  return records.map((user) => {
    const viewer = visible.get(user);
    return viewer === undefined ? null : show(user, viewer);
  });
}

async function loadVisible(ctx: Asker, users: UserRecord[]) {
  const relationships = ctx.viewer
    ? await relationshipsOf(
        oid(ctx.viewer.id),
        users.map((user) => user._id),
      )
    : null;
  return users.flatMap((user) => {
    const viewer = relationships ? (relationships.get(String(user._id)) ?? STRANGERS) : null;
    return canSee({ viewer: ctx.viewer, owner: user, relationship: viewer }) ? [{ user, viewer }] : [];
  });
}

const unique = (ids: ObjectId[]): ObjectId[] => [...new Map(ids.map((id) => [String(id), id])).values()];

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
