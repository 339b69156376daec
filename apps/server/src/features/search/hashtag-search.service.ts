import { foldText, type Hashtag, Id, type Page, type SearchHashtags } from "@warble/contracts";
import { z } from "zod";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { loadCards } from "../users/user.view";
import { HashtagModel, type HashtagRecord } from "./hashtag.model";
import { daysOf } from "./hashtag-day.service";
import { beginningOf, latestUses, mostlyWritten } from "./hashtag-use.service";

const DAYS = 7;
const SAMPLE = 20;
const LONG = 1_000;
const LAST = "\u{10ffff}";

const HashtagCursor = z.strictObject({ uses: z.int().min(0), id: Id });
type HashtagCursor = z.infer<typeof HashtagCursor>;

/** Hashtags by how they begin, the most used first. @throws WarbleError BAD_CURSOR */
export async function searchHashtags(
  ctx: Pick<Context, "viewer">,
  { query, cursor, limit }: SearchHashtags,
): Promise<Page<Hashtag>> {
  const start = decodeCursor(cursor, HashtagCursor);
  const beginning = foldText(query).replace(/^#/u, "");
  if (!beginning) return { items: [], nextCursor: null };
  return fillPage<HashtagRecord, Hashtag>({
    limit,
    read: (last, count) => readHashtags(beginning, last ? positionOf(last) : start, count),
    show: (hashtags) => showHashtags(ctx, hashtags),
    cursorOf: (hashtag) => encodeCursor(positionOf(hashtag)),
  });
}

const positionOf = ({ uses, _id }: HashtagRecord): HashtagCursor => ({ uses, id: String(_id) });

function readHashtags(
  beginning: string,
  after: HashtagCursor | undefined,
  count: number,
): Promise<HashtagRecord[]> {
  if (beginning !== beginningOf(beginning)) return readLong(beginning, after, count);
  return HashtagModel.find({
    beginnings: beginning,
    uses: { $gt: 0, ...(after && { $lte: after.uses }) },
    ...(after && { $or: [{ uses: { $lt: after.uses } }, { _id: { $gt: oid(after.id) } }] }),
  })
    .sort({ uses: -1, _id: 1 })
    .limit(count)
    .lean();
}

/** Few begin with so many letters; of the others the first by alphabet, the very hashtag among them, are looked at. */
async function readLong(
  beginning: string,
  after: HashtagCursor | undefined,
  count: number,
): Promise<HashtagRecord[]> {
  const found = await HashtagModel.find({ key: { $gte: beginning, $lt: beginning + LAST } })
    .sort({ key: 1 })
    .limit(LONG)
    .lean();
  return found
    .filter((each) => each.uses > 0 && (!after || byUses(positionOf(each), after) > 0))
    .sort((a, b) => byUses(positionOf(a), positionOf(b)))
    .slice(0, count);
}

const byUses = (a: HashtagCursor, b: HashtagCursor): number =>
  b.uses - a.uses || (a.id < b.id ? -1 : +(a.id > b.id));

/** A hashtag that only people stand behind whom the viewer may not see is hidden with what they wrote. */
async function showHashtags(
  ctx: Pick<Context, "viewer">,
  hashtags: HashtagRecord[],
): Promise<(Hashtag | null)[]> {
  if (hashtags.length === 0) return [];
  const keys = hashtags.map(({ key }) => key);
  const [latest, days] = await Promise.all([latestUses(keys, SAMPLE), daysOf(keys, DAYS)]);
  const cards = await loadCards(
    ctx,
    [...latest.values()].flat().map((use) => use.userId),
    "feeds",
  );
  return hashtags.map(({ key, uses }) => {
    const sample = latest.get(key) ?? [];
    const visible = sample.filter((use) => cards.has(String(use.userId)));
    if (visible.length === 0 && sample.length < SAMPLE) return null;
    return {
      tag: mostlyWritten(key, visible),
      uses,
      history: (days.get(key) ?? []).map(({ day, uses, accounts }) => ({ day, uses, accounts })),
    };
  });
}
