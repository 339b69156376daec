import type { Page, PageInput, UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { loadCards } from "../users/user.view";
import { EdgeModel } from "./edge.model";

const OWN_EDGES = 200;
const EDGES = 5_000;
const CANDIDATES = 200;

/**
 * Whom the viewer might follow: those whom the people they follow follow, the most shared first, then those who
 * are followed most of late. What is read is bounded, so this is one page and makes no cursor.
 * @throws WarbleError BAD_CURSOR
 */
export async function suggestUsers(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
): Promise<Page<UserCard>> {
  if (cursor !== undefined) throw new WarbleError("BAD_CURSOR");
  const me = oid(ctx.viewer.id);
  const edges = await EdgeModel.find({ fromId: me, kind: "follow" })
    .sort({ _id: -1 })
    .limit(OWN_EDGES)
    .lean();
  const mine = edges.map((edge) => edge.toId);
  const near = await mostFollowed({ fromId: { $in: mine } }, [me, ...mine]);
  const anywhere = await mostFollowed({}, [me, ...mine]);
  const cards = await loadCards(ctx, [...near, ...anywhere], "news");
  const ids = new Set([...near, ...anywhere].map(String));
  const items = [...ids]
    .flatMap((id) => cards.get(id) ?? [])
    .filter((card) => !card.viewer?.following)
    .slice(0, limit);
  return { items, nextCursor: null };
}

/** Who has the most of the latest edges that match, but for `except`. */
async function mostFollowed(match: object, except: ObjectId[]): Promise<ObjectId[]> {
  const counted = await EdgeModel.aggregate<{ _id: ObjectId }>([
    { $match: { ...match, kind: "follow" } },
    { $sort: { _id: -1 } },
    { $limit: EDGES },
    { $group: { _id: "$toId", count: { $sum: 1 } } },
    { $match: { _id: { $nin: except } } },
    { $sort: { count: -1, _id: 1 } },
    { $limit: CANDIDATES },
  ]);
  return counted.map(({ _id }) => _id);
}
