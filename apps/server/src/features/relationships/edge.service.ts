import type { Page, UserCard } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { encodeCursor, fillPage } from "../../platform/page";
import { loadCards } from "../users/user.view";
import type { Surface } from "../visibility/visibility.service";
import { EdgeModel, type EdgeRecord } from "./edge.model";

interface Listing {
  /** Which edges; an index serves it together with the order of ids. */
  where: Partial<EdgeRecord> & { $or?: object[] };
  /** The end that is listed. */
  show: "fromId" | "toId";
  surface: Surface;
  /** The id of the edge that the page before ended with. */
  after: string | undefined;
  limit: number;
}

/** The people at one end of these edges, the latest edge first. */
export const listPeople = (
  ctx: Pick<Context, "viewer">,
  { where, show, surface, after, limit }: Listing,
): Promise<Page<UserCard>> =>
  fillPage<EdgeRecord, UserCard>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (after && oid(after));
      return EdgeModel.find({ ...where, ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: async (edges) => {
      const ids = edges.map((edge) => edge[show]);
      const cards = await loadCards(ctx, ids, surface);
      return ids.map((id) => cards.get(String(id)) ?? null);
    },
    cursorOf: (edge) => encodeCursor({ id: String(edge._id) }),
  });
