import type { GetUser, RelationshipOf, UpdateUser, User, UserCard } from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { reportFlagged, requireAllowedText } from "../filters/filter.service";
import { opened } from "../relationships/relationship.service";
import { judge } from "../visibility/visibility.service";
import { searchKeysOf } from "./name.service";
import { changeUser, findUser, type UserRecord } from "./user.service";
import { loadCards, showSight, showUsers, sightsOf } from "./user.view";

type Asker = Pick<Context, "viewer">;

/** The profile of a user whom the viewer may see. @throws WarbleError USER_NOT_FOUND */
export async function getUser(ctx: Asker, by: GetUser): Promise<User> {
  return requireShown(ctx, await findUser(by));
}

/** A user whose lists lead the viewer somewhere, or nowhere because they block them. */
interface Listed {
  user: UserRecord;
  card: UserCard;
  isEmpty: boolean;
}

/** A user whose lists the viewer may ask for. @throws WarbleError USER_NOT_FOUND */
export async function requireListed(ctx: Asker, username: string): Promise<Listed> {
  const user = await findUser({ username });
  const [sight] = user ? await sightsOf(ctx, [user]) : [];
  const shown = sight ? judge(sight, "lists").shown : "hidden";
  if (!user || !sight || shown === "hidden") throw new WarbleError("USER_NOT_FOUND");
  return { user, card: showSight(sight), isEmpty: shown === "flagged" };
}

/** What stands between the viewer and each of these users, in the order asked; whoever is hidden is left out. */
export async function listRelationships(ctx: ViewerContext, ids: string[]): Promise<RelationshipOf[]> {
  const cards = await loadCards(ctx, ids.map(oid), "profile");
  return ids.flatMap((id) => {
    const viewer = cards.get(id)?.viewer;
    return viewer ? [{ id, viewer }] : [];
  });
}

/** Changes the viewer's own profile; what is left out stays. @throws WarbleError CONTENT_REFUSED */
export async function updateUser(ctx: ViewerContext, input: UpdateUser): Promise<User> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const change = {
    ...Object.fromEntries(given),
    ...(input.displayName !== undefined && searchKeysOf(ctx.viewer.username, input.displayName)),
  };
  const texts = [input.displayName ?? "", input.bio ?? ""];
  await requireAllowedText(...texts);
  const user = await transaction(async () => {
    if (input.protected === false) await ctx.jobs.emit(opened, { userId: ctx.viewer.id });
    await reportFlagged(ctx, { targetType: "user", targetId: ctx.viewer.id }, texts);
    return changeUser(ctx.viewer.id, change);
  });
  if (input.showPresence !== undefined) ctx.presence.changed(ctx.viewer.id);
  return requireShown(ctx, user);
}

async function requireShown(ctx: Asker, user: UserRecord | null): Promise<User> {
  const [shown] = user ? await showUsers(ctx, [user]) : [];
  if (!shown) throw new WarbleError("USER_NOT_FOUND");
  return shown;
}
