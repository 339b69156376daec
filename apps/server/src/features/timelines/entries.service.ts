import type { ViewerContext } from "../../platform/context";
import { compareIds, type ObjectId, oid } from "../../platform/id";
import { latestOf } from "../posts/entry.service";
import { type EntryRecord, entriesOf, newerFirst, type Piece } from "../posts/feed.service";
import { followeesOf, undeliveredFolloweesOf } from "../relationships/followees.service";
import { askForInbox, readInbox, usableInbox } from "./inbox.service";

/** Reads a piece of what somebody's people did, newest first. */
type Reader = (piece: Piece) => Promise<EntryRecord[]>;

/**
 * Where the viewer's home comes from. Mostly it is ready in their inbox; what an inbox may lack, and what is older than
 * it goes back, is read from the timelines of those whom they follow. Some of it may be of people whom they no longer
 * follow, or gone.
 */
export async function homeEntries(ctx: ViewerContext): Promise<Reader> {
  const me = oid(ctx.viewer.id);
  const inbox = await usableInbox(ctx, me);
  if (!inbox) await askForInbox(ctx, ctx.viewer.id);
  const everything: Reader = async (piece) => entriesOf([me, ...(await followeesOf(me))], piece);
  if (!inbox) return everything;
  const { floor } = inbox;
  // What one did oneself is to be seen at once.
  const undelivered = [me, ...(await undeliveredFolloweesOf(me))];
  return async ({ below, count }) => {
    const [delivered, latest] = await Promise.all([
      readInbox(me, { floor, below, count }),
      latestOf(undelivered, { below, count }),
    ]);
    const end = delivered.length === count ? delivered.at(-1)?._id : floor;
    const kept = latest.filter(({ _id }) => !end || compareIds(_id, end) >= 0);
    const entries = mergeNewest(delivered, kept).slice(0, count);
    if (!floor || entries.length === count) return entries;
    const older = { below: below ? olderOf(below, floor) : floor, count: count - entries.length };
    return [...entries, ...(await everything(older))];
  };
}

const olderOf = (one: ObjectId, other: ObjectId): ObjectId => (compareIds(one, other) < 0 ? one : other);

/** Both lists as one, newest first; mostly the other has little or nothing more. */
function mergeNewest(list: EntryRecord[], other: EntryRecord[]): EntryRecord[] {
  const more = other.filter(({ _id }) => !list.some((entry) => entry._id.equals(_id)));
  return more.length > 0 ? [...list, ...more].sort(newerFirst) : list;
}
